"""What survives a restart, a torn last line and a reset."""

from pathlib import Path

import pytest

from bot.simulator import people
from bot.simulator.replies import Upload
from bot.simulator.view import chat
from bot.simulator.world import World
from tests.simulator.conftest import Staged


def test_a_restart_finds_everything(staged: Staged, tmp_path: Path) -> None:
    file = tmp_path / "demo" / "world.jsonl"
    stage = staged(data_file=file)
    stage.sent("một", reply_markup={"inline_keyboard": [[{"text": "a", "callback_data": "x"}]]})
    sent = stage.call("sendDocument", chat_id=stage.user, document=Upload("Tổng hợp.xlsx", b"abc"))[1]
    stage.call("setMyCommands", commands=[{"command": "menu", "description": "x"}])
    stage.world.move_clock(86_400)
    people.send(stage.world, {"user": stage.user, "text": "chờ"})
    waiting, before = stage.updates(), chat(stage.world, stage.user)
    stage.call("getUpdates", offset=waiting[-1]["update_id"])
    stage.world.close()

    again = World(stage.world.settings)
    assert chat(again, stage.user) == before
    assert again.call("getUpdates", {}).payload["result"] == waiting[-1:]
    path = again.call("getFile", {"file_id": sent["document"]["file_id"]}).payload["result"]["file_path"]
    assert again.store.get_bytes(path) == b"abc"
    assert again.clock.offset == 86_400
    people.send(again, {"user": stage.user, "text": "sau"})
    newest = again.call("getUpdates", {}).payload["result"][-1]
    assert newest["update_id"] == waiting[-1]["update_id"] + 1
    again.close()


@pytest.mark.parametrize(
    "torn", [b'{"kind":"mess', b'{"kind":"setting","row":{"name":"x","value":{"is":1}}}', b"\xff\xfe"]
)
def test_a_torn_last_line_is_forgotten(staged: Staged, tmp_path: Path, torn: bytes) -> None:
    file = tmp_path / "world.jsonl"
    stage = staged(data_file=file)
    stage.sent("một")
    stage.world.close()
    file.write_bytes(file.read_bytes() + torn)
    again = World(stage.world.settings)
    assert [m["text"] for m in chat(again, stage.user)["messages"]] == ["/start", "một"]
    again.call("sendMessage", {"chat_id": stage.user, "text": "hai"})
    again.close()
    third = World(stage.world.settings)
    assert [m["text"] for m in chat(third, stage.user)["messages"]] == ["/start", "một", "hai"]
    third.close()


def test_a_broken_line_in_the_middle_is_named(staged: Staged, tmp_path: Path) -> None:
    file = tmp_path / "world.jsonl"
    stage = staged(data_file=file)
    stage.world.close()
    lines = file.read_bytes().split(b"\n")
    file.write_bytes(b"\n".join([lines[0], b"{", *lines[1:]]))
    with pytest.raises(ValueError, match="line 2 cannot be read"):
        World(stage.world.settings)


def test_a_cut_at_every_byte_can_be_read(staged: Staged, tmp_path: Path) -> None:
    file = tmp_path / "world.jsonl"
    stage = staged(data_file=file)
    stage.sent("một")
    stage.world.close()
    whole = file.read_bytes()
    for end in range(0, len(whole), 7):
        file.write_bytes(whole[:end])
        World(stage.world.settings).close()


def test_reset_forgets_people_but_no_update_number(staged: Staged, tmp_path: Path) -> None:
    stage = staged(data_file=tmp_path / "world.jsonl")
    stage.call("sendDocument", chat_id=stage.user, document=Upload("a.txt", b"abc"))
    last = stage.updates()[-1]["update_id"]
    stage.world.move_clock(3600)
    stage.world.reset()
    assert (stage.world.store.users, stage.world.clock.offset, stage.updates()) == ({}, 0.0, [])
    assert not (tmp_path / "world.jsonl.files").exists()
    people.add_user(stage.world, {"first_name": "Mai", "start": True})
    assert stage.updates()[0]["update_id"] == last + 1
    stage.world.close()


def test_the_clock_file_is_whole_and_read_at_the_start(staged: Staged, tmp_path: Path) -> None:
    file = tmp_path / "clock"
    stage = staged(clock_file=file)
    stage.world.close()
    world = World(stage.world.settings)
    world.move_clock(90_061.5)
    assert file.read_text() == "90061.500\n"
    assert [p.name for p in tmp_path.iterdir()] == ["clock"]
    assert World(stage.world.settings).clock.offset == 90_061.5
    with pytest.raises(ValueError, match="years"):
        world.move_clock(-9e12)
