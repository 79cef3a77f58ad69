from __future__ import annotations

import pytest

from handlers.organisation.permissions import PERMISSIONS, Verb, commands_for, may
from storage.records import Role

ALLOWED: dict[Verb, str] = {
    Verb.REVIEW_WRITE: "member",
    Verb.CHECKLIST_MARK: "member",
    Verb.OWN_DATA: "member observer deputy chair secretary administrator",
    Verb.COUNTS_READ: "observer deputy chair secretary",
    Verb.SUMMARY_READ: "deputy chair secretary",
    Verb.REVIEW_READ_CELL: "deputy chair secretary",
    Verb.CHECKLIST_EDIT: "chair secretary",
    Verb.REMIND: "chair secretary",
    Verb.DEADLINES_MANAGE: "chair secretary",
    Verb.CRITERIA_SET: "chair secretary",
    Verb.GROUP_LINK: "chair secretary",
    Verb.QUESTIONS_ANSWER: "deputy chair secretary",
    Verb.MEMBERS_MANAGE: "secretary",
    Verb.JOIN_APPROVE: "secretary administrator",
    Verb.ASSIST: "secretary",
    Verb.TEMPLATES_MANAGE: "secretary",
}


@pytest.mark.parametrize("verb", Verb)
@pytest.mark.parametrize("role", Role)
def test_every_cell_of_the_table(role: Role, verb: Verb) -> None:
    assert may({role}, verb) is (role in ALLOWED[verb].split())


def test_every_role_has_its_line() -> None:
    assert set(PERMISSIONS) == set(Role)


def test_one_role_that_allows_it_is_enough() -> None:
    assert may({Role.MEMBER, Role.CHAIR}, Verb.REMIND)
    assert not may((), Verb.OWN_DATA)


@pytest.mark.parametrize(
    ("roles", "commands"),
    [
        ({Role.MEMBER}, "menu review checklist note tasks practice me help cancel"),
        ({Role.MEMBER, Role.OBSERVER}, "menu review checklist note tasks summary practice me help cancel"),
        ({Role.MEMBER, Role.DEPUTY}, "menu review checklist note tasks summary practice me help cancel"),
        (
            {Role.MEMBER, Role.CHAIR},
            "menu review checklist note tasks summary remind deadlines criteria practice me help cancel",
        ),
        (
            {Role.MEMBER, Role.SECRETARY},
            (
                "menu review checklist note tasks summary remind members deadlines criteria "
                "templates assist practice me help cancel"
            ),
        ),
        ({Role.ADMINISTRATOR}, "menu me help cancel"),
    ],
)
def test_the_menu_holds_what_one_may_do(roles: set[Role], commands: str) -> None:
    assert " ".join(commands_for(roles)) == commands
