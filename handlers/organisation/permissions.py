"""The one permission table: which role may do what. Nothing else in the house decides this."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

from storage.records import Role


class Verb(StrEnum):
    """Something a person may or may not do; a flow or a command names the verb that it needs."""

    REVIEW_WRITE = "review_write"
    CHECKLIST_MARK = "checklist_mark"
    OWN_DATA = "own_data"
    COUNTS_READ = "counts_read"
    SUMMARY_READ = "summary_read"
    REVIEW_READ_CELL = "review_read_cell"
    CHECKLIST_EDIT = "checklist_edit"
    REMIND = "remind"
    DEADLINES_MANAGE = "deadlines_manage"
    CRITERIA_SET = "criteria_set"
    GROUP_LINK = "group_link"
    QUESTIONS_ANSWER = "questions_answer"
    MEMBERS_MANAGE = "members_manage"
    JOIN_APPROVE = "join_approve"
    ASSIST = "assist"
    TEMPLATES_MANAGE = "templates_manage"


_MEMBER = frozenset({Verb.REVIEW_WRITE, Verb.CHECKLIST_MARK, Verb.OWN_DATA})
# An observer sees figures without a name; a deputy reads what the chair reads, because the chair's own
# review is handled by the deputy. The secretary keeps the lists; the chair answers for deadlines.
_OBSERVER = frozenset({Verb.OWN_DATA, Verb.COUNTS_READ})
_DEPUTY = _OBSERVER | {Verb.SUMMARY_READ, Verb.REVIEW_READ_CELL, Verb.QUESTIONS_ANSWER}
_CHAIR = _DEPUTY | {Verb.REMIND, Verb.DEADLINES_MANAGE, Verb.CHECKLIST_EDIT, Verb.GROUP_LINK, Verb.CRITERIA_SET}
_SECRETARY = _CHAIR | {Verb.MEMBERS_MANAGE, Verb.JOIN_APPROVE, Verb.ASSIST, Verb.TEMPLATES_MANAGE}
# The administrator runs the machine and reads nobody's review.
_ADMINISTRATOR = frozenset({Verb.OWN_DATA, Verb.JOIN_APPROVE})

PERMISSIONS: dict[Role, frozenset[Verb]] = {
    Role.MEMBER: _MEMBER,
    Role.OBSERVER: _OBSERVER,
    Role.DEPUTY: _DEPUTY,
    Role.CHAIR: _CHAIR,
    Role.SECRETARY: _SECRETARY,
    Role.ADMINISTRATOR: _ADMINISTRATOR,
}

# The public commands in the order of the menu, each with the verb it needs (None: everybody who has joined).
COMMANDS: tuple[tuple[str, Verb | None], ...] = (
    ("menu", None),
    ("review", Verb.REVIEW_WRITE),
    ("checklist", Verb.CHECKLIST_MARK),
    ("note", Verb.REVIEW_WRITE),
    ("tasks", Verb.REVIEW_WRITE),
    ("summary", Verb.COUNTS_READ),
    ("remind", Verb.REMIND),
    ("members", Verb.MEMBERS_MANAGE),
    ("deadlines", Verb.DEADLINES_MANAGE),
    ("criteria", Verb.CRITERIA_SET),
    ("templates", Verb.TEMPLATES_MANAGE),
    ("assist", Verb.ASSIST),
    ("practice", Verb.REVIEW_WRITE),
    ("me", Verb.OWN_DATA),
    ("help", None),
    ("cancel", None),
)


def may(roles: Iterable[Role], verb: Verb) -> bool:
    """Whether somebody with these roles may do this: one role that allows it is enough."""
    return any(verb in PERMISSIONS[role] for role in roles)


def roles_with(verb: Verb) -> frozenset[Role]:
    """The roles that allow this: whom to tell when it is to be done."""
    return frozenset(role for role, verbs in PERMISSIONS.items() if verb in verbs)


def commands_for(roles: Iterable[Role]) -> tuple[str, ...]:
    """The commands (without slash) that belong in this person's menu, in the menu's order."""
    return _commands_for(frozenset(roles))


@lru_cache
def _commands_for(roles: frozenset[Role]) -> tuple[str, ...]:
    return tuple(name for name, verb in COMMANDS if verb is None or may(roles, verb))
