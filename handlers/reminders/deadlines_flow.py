"""The year's cycle and its dates, declared as values: open, move, extend for one person, close."""

from __future__ import annotations

from handlers.dialogue.flow import END, Flow, Refusal, Step, Takes, refusal
from handlers.dialogue.phrases import t
from handlers.organisation.permissions import Verb
from handlers.reminders.dates import read_day
from handlers.reminders.deadlines_screens import (
    DeadlinesView,
    acts,
    confirm_close,
    confirm_move,
    confirm_new,
    confirm_own,
    no_meeting,
    opening,
    overview,
    suggestions,
    who,
    years,
    yes,
)

MOST_REASON = 200


def _read_year(text: str) -> int | Refusal:
    digits = text.strip()
    if len(digits) == 4 and digits.isascii() and digits.isdigit():
        return int(digits)
    return refusal("deadlines.year.unreadable")


DEADLINES = Flow[DeadlinesView](
    name="deadlines",
    first="overview",
    commands=("deadlines", "han"),
    verb=Verb.DEADLINES_MANAGE,
    steps=(
        Step(
            "overview",
            ask="deadlines.head",
            body=overview,
            options=acts,
            leads=("move", "who", "meeting_on", "reason", "year", END),
        ),
        Step(
            "year",
            ask="deadlines.ask.year",
            takes=Takes.LINE,
            options=years,
            read=_read_year,
            back="overview",
            leads=("opens",),
        ),
        Step(
            "opens",
            ask="deadlines.ask.opens",
            takes=Takes.DATE,
            body=lambda view: t("deadlines.ask.opens", year=view.year),
            options=opening,
            read=read_day,
            back="year",
            leads=("deadline",),
        ),
        Step(
            "deadline",
            ask="deadlines.ask.deadline",
            takes=Takes.DATE,
            options=suggestions,
            read=read_day,
            back="opens",
            leads=("meeting",),
        ),
        Step(
            "meeting",
            ask="deadlines.ask.meeting",
            takes=Takes.DATE,
            options=no_meeting,
            read=read_day,
            back="deadline",
            leads=("confirm_new",),
        ),
        Step(
            "confirm_new",
            ask="deadlines.confirm.new",
            body=confirm_new,
            options=lambda _: yes("deadlines.button.open", "deadline"),
            back="meeting",
            leads=("overview", "deadline"),
        ),
        Step(
            "move",
            ask="deadlines.ask.move",
            takes=Takes.DATE,
            options=suggestions,
            read=read_day,
            back="overview",
            leads=("confirm_move",),
        ),
        Step(
            "confirm_move",
            ask="deadlines.confirm.move",
            body=confirm_move,
            options=lambda _: yes("deadlines.button.do_move", "move"),
            back="move",
            leads=("overview", "move"),
        ),
        Step(
            "who",
            ask="deadlines.ask.who",
            takes=Takes.LINE,
            options=who,
            back="overview",
            leads=("until",),
        ),
        Step(
            "until",
            ask="deadlines.ask.until",
            takes=Takes.DATE,
            body=lambda view: t("deadlines.ask.until", name=view.person.name if view.person else "–"),
            options=suggestions,
            read=read_day,
            back="who",
            leads=("why",),
        ),
        Step(
            "why",
            ask="deadlines.ask.why",
            takes=Takes.LINE,
            optional=True,
            back="until",
            leads=("confirm_own",),
            most=MOST_REASON,
        ),
        Step(
            "confirm_own",
            ask="deadlines.confirm.own",
            body=confirm_own,
            options=lambda _: yes("deadlines.button.do_extend", "until"),
            back="until",
            leads=("overview", "until"),
        ),
        Step(
            "meeting_on",
            ask="deadlines.ask.meeting",
            takes=Takes.DATE,
            options=no_meeting,
            read=read_day,
            back="overview",
            leads=("overview",),
        ),
        Step(
            "reason",
            ask="deadlines.ask.reason",
            takes=Takes.LINE,
            back="overview",
            leads=("confirm_close",),
            most=MOST_REASON,
        ),
        Step(
            "confirm_close",
            ask="deadlines.confirm.close",
            body=confirm_close,
            options=lambda _: yes("deadlines.button.do_close"),
            back="overview",
            leads=("overview",),
        ),
    ),
)
