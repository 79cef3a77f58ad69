"""A messenger's plan: what it allows, when the administrators are warned, what is saved first; pure rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from handlers.dialogue.phrases import Number, Phrase, Text, paragraphs, t

# In percent of the plan: time to act, time to hurry, nothing left. Each is told once a month.
MESSAGE_LEVELS = (80, 95, 100)
# People do not begin anew with the month: each is told once; beyond the plan every further tenth is told too.
USER_LEVELS = (80, 100)
# The last tenth of a month's messages is for answers and summaries: a reminder can also come by telephone, while
# whoever is filling in a form and gets no answer can only believe that it is lost.
RESERVE_SHARE = 10
# A month's first day says little about its pace.
_SHORTEST_PACE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a messenger gives: people, and messages a month; 0 means no limit."""

    users: int = 0
    messages: int = 0

    @property
    def reserve(self) -> int:
        """How many messages of a month are kept from reminders."""
        return -(-self.messages // RESERVE_SHARE)

    def left_for_reminders(self, sent: int) -> int | None:
        """How many reminders may still go this month; None where there is no limit."""
        return max(0, self.messages - self.reserve - sent) if self.messages else None

    def is_spent(self, sent: int) -> bool:
        """Whether the messenger may refuse everything from now on."""
        return bool(self.messages) and sent >= self.messages


@dataclass(frozen=True, slots=True)
class Figures:
    """How a channel stands with its plan in the month that begins at ``month_begins`` (the house's zone)."""

    channel: str
    plan: Plan
    month_begins: datetime
    sent: int
    users: int

    @property
    def month(self) -> str:
        """The month as it is kept: ``2026-11``."""
        return f"{self.month_begins:%Y-%m}"

    @property
    def anew(self) -> date:
        """The day on which the messages are counted anew."""
        return month_after(self.month_begins).date()

    def runs_out_on(self, now: datetime) -> date | None:
        """The day on which the messages will be gone at the month's pace so far; None where they will do."""
        if not self.plan.messages or not 0 < self.sent < self.plan.messages:
            return None
        passed = max(_SHORTEST_PACE, now - self.month_begins)
        gone = now + passed * (self.plan.messages - self.sent) / self.sent
        return gone.astimezone(self.month_begins.tzinfo).date() if gone < month_after(self.month_begins) else None

    def report(self) -> dict[str, Any]:
        """The same as JSON: counts only; a limit of 0 is none."""
        return {
            "month": self.month,
            "messages": {"used": self.sent, "limit": self.plan.messages},
            "users": {"used": self.users, "limit": self.plan.users},
            "counted_anew_on": self.anew.isoformat(),
        }

    def line(self, now: datetime) -> str:
        """One line for the operator."""
        anew, gone = self.anew.isoformat(), self.runs_out_on(now)
        pace = f"; at this pace gone on {gone.isoformat()}" if gone else ""
        messages = f"{self.sent} of {self.plan.messages or 'any number of'} messages in {self.month}"
        users = f"{self.users} of {self.plan.users or 'any number of'} people"
        return f"{self.channel}: {messages}, {users}, counted anew on {anew}{pace}"


def month_begins(now: datetime, zone: ZoneInfo) -> datetime:
    """The first moment of the month of ``now`` in that zone."""
    here = now.astimezone(zone)
    return datetime(here.year, here.month, 1, tzinfo=zone)


def month_after(begins: datetime) -> datetime:
    """The first moment of the month after the one that begins then."""
    year, month = (begins.year + 1, 1) if begins.month == 12 else (begins.year, begins.month + 1)
    return datetime(year, month, 1, tzinfo=begins.tzinfo)


def message_level(plan: Plan, sent: int) -> int:
    """The highest level that has been reached; 0 below the first and where there is no limit."""
    return _reached(sent, plan.messages, MESSAGE_LEVELS)


def user_level(plan: Plan, users: int) -> int:
    """The same for people; beyond the plan it grows on: 101 with the first too many, 102 a tenth of it later."""
    if plan.users and users > plan.users:
        return 101 + (users - plan.users - 1) // max(1, plan.users // 10)
    return _reached(users, plan.users, USER_LEVELS)


def _reached(used: int, limit: int, levels: tuple[int, ...]) -> int:
    return max((level for level in levels if limit and used * 100 >= limit * level), default=0)


def message_warning(figures: Figures, now: datetime) -> Phrase:
    """What the administrators read about messages: figures, the day of the new count, what happens, the pace."""
    return paragraphs(_head(figures), _what_happens(figures), _pace(figures, now))


def _head(figures: Figures) -> Text:
    plan = figures.plan
    return t(
        "admin.plan_messages",
        channel=_name(figures),
        month=f"{figures.month_begins:%m/%Y}",
        sent=Number(figures.sent),
        limit=Number(plan.messages),
        percent=figures.sent * 100 // plan.messages,
        left=Number(max(0, plan.messages - figures.sent)),
        anew=figures.anew,
    )


def _what_happens(figures: Figures) -> Text:
    plan, name = figures.plan, _name(figures)
    if plan.is_spent(figures.sent):
        return t("admin.plan_spent", channel=name, anew=figures.anew)
    if plan.left_for_reminders(figures.sent):
        return t("admin.plan_saves_later", channel=name, reserve=Number(plan.reserve))
    return t("admin.plan_saves_now", channel=name, anew=figures.anew)


def _pace(figures: Figures, now: datetime) -> Text | None:
    day = figures.runs_out_on(now)
    return t("admin.plan_pace", day=day) if day else None


def refusal_warning(figures: Figures) -> Phrase:
    """What they read when the messenger takes nothing any more."""
    return paragraphs(_head(figures), t("admin.plan_refused", channel=_name(figures), anew=figures.anew))


def user_warning(figures: Figures) -> Phrase:
    """What they read about people."""
    plan, name = figures.plan, _name(figures)
    full = "admin.plan_users_full" if figures.users >= plan.users else "admin.plan_users_ahead"
    head = t(
        "admin.plan_users",
        channel=name,
        users=Number(figures.users),
        limit=Number(plan.users),
        percent=figures.users * 100 // plan.users,
    )
    return paragraphs(head, t(full, channel=name))


def _name(figures: Figures) -> str:
    return figures.channel.title()
