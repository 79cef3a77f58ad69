"""Every golden conversation, replayed against the real desk and a real database, the state reloaded every turn."""

import json
import os
from pathlib import Path

import pytest

from tests.golden import FOLDER, Play, forget

FILES = sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_conversation(file: Path, tmp_path: Path) -> None:
    script = json.loads(file.read_text())
    play = Play(tmp_path, script)
    writing = os.environ.get("GOLDEN") == "write"
    for number, turn in enumerate(script["turns"]):
        heard = play.turn(turn)
        forget(play.people)
        if writing:
            turn["hear"] = heard
        else:
            assert heard == turn["hear"], f"turn {number}: {turn.get('say') or turn.get('press')}"
    if writing:
        script["kept"] = play.kept()
        file.write_text(json.dumps(script, ensure_ascii=False, indent=1) + "\n")
    assert play.kept() == script["kept"]
    play.stage.close()


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_conversation_in_plain_words(file: Path, tmp_path: Path) -> None:
    """The same with everybody on a messenger without buttons, edits and files: the same records at the end."""
    script = json.loads(file.read_text())
    play = Play(tmp_path, script, "zalo")
    for turn in script["turns"]:
        play.turn(turn)
        forget(play.people)
    assert play.kept() == script["kept"]
    play.stage.close()


def test_there_are_conversations() -> None:
    assert FILES
