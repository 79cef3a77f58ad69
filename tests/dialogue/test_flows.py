"""Every flow of the house, looked at without running it."""

import pytest

from bot.app import make_desk
from handlers.dialogue.drawing import describe, diagram, faults
from handlers.dialogue.flow import END, Flow, Step
from handlers.dialogue.room import House
from handlers.texts import LANGUAGES, sentences
from tests.stage import ZONE

DESK = make_desk(House(zone=ZONE))
FLOWS = tuple(DESK.flows.values())


@pytest.mark.parametrize("flow", FLOWS, ids=[flow.name for flow in FLOWS])
def test_every_step_is_reached_every_text_exists_every_branch_ends(flow: Flow[object]) -> None:
    for language in LANGUAGES:
        assert faults(flow, sentences(language).get) == []
    assert flow.name in describe(flow, sentences("vi").get)
    assert diagram(flow).startswith("flowchart TD")


def test_faults_are_found() -> None:
    broken = Flow[None](
        name="broken",
        first="a",
        ways=frozenset(),
        steps=(
            Step("a", ask="home.help", leads=("b", "nowhere")),
            Step("b", ask="no.such.text", leads=("a",)),
            Step("c", ask="home.help", leads=(END,)),
        ),
    )
    found = faults(broken, sentences("vi").get)
    assert found == [
        "broken.a: leads to nowhere, which does not exist",
        "broken.b: no text no.such.text",
        "broken.c: nothing leads here",
        "broken: never ends",
    ]


def test_every_public_command_is_answered_by_a_room() -> None:
    from handlers.organisation.permissions import COMMANDS

    answered = {name for room in DESK.rooms for name in room.commands}
    assert {name for name, _ in COMMANDS} <= answered
    for flow in FLOWS:
        assert set(flow.commands) <= answered, flow.name
