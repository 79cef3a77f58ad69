"""Keeping to a messenger's plan: every message counted, reminders held back in time, the administrators told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from bot.channels.contract import DeliveryError
from bot.plans import (
    Figures,
    Plan,
    message_level,
    message_warning,
    month_after,
    month_begins,
    refusal_warning,
    user_level,
    user_warning,
)
from handlers.dialogue.phrases import Phrase
from handlers.dialogue.room import House, Message
from handlers.posting import post
from storage import accounts, outbox, plan_use, reminders
from storage.outbox import Queued
from storage.records import Address, DropReason, Post, Urgency
from storage.transaction import Connection

log = structlog.get_logger()

# What stands in the outbox as the reason of a reminder that was not sent.
HELD_BACK = "plan"
# So many calls are never under way at once; nearer to the reserve than that each one is looked at.
_NEAR = 100
# Between tries of a messenger that takes nothing any more.
_PAUSES = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))


@dataclass(frozen=True, slots=True)
class Closed:
    """A channel that takes nothing: until when it is left alone, and how often it has refused."""

    until: datetime
    refusals: int


class PlanKeeper:
    """The plans of the channels that have one; every method but ``covers`` runs inside a transaction.

    What counts as a message: each call by which one came into a chat, so each part of a long text. A call whose
    answer was lost, and one that was under way when the process died, count too: the messenger may have taken them,
    and nobody can know. So the count is never too low by what this bot sent, and may be too high by those few. Not
    counted: the sign that an answer is being prepared, what another program sends with the same token, and a word
    to the administrators past an outbox that nothing can be written to.

    What counts as a user: whoever has an account on the channel or has ever written to the bot there. The messenger
    does not say whether strangers count among its 50; the higher number is the one that warns in time.
    """

    def __init__(self, plans: Mapping[str, Plan], house: House) -> None:
        self._plans = dict(plans)
        self._house = house
        self._closed: dict[str, Closed] = {}

    def covers(self, channel: str) -> bool:
        """Whether that channel has a plan."""
        return channel in self._plans

    def figures(self, tx: Connection, now: datetime) -> tuple[Figures, ...]:
        """How every plan stands."""
        return tuple(self._figures(tx, name, now) for name in sorted(self._plans))

    def took(self, tx: Connection, channel: str, now: datetime, calls: int = 1) -> None:
        """Count messages that the messenger took, and tell the administrators of every level that this reaches."""
        if channel not in self._plans:
            return
        self._closed.pop(channel, None)
        self._count(tx, channel, now, calls)

    def recover(self, tx: Connection, now: datetime) -> None:
        """After a start, before the outbox forgets what was being sent: those calls may have been taken."""
        for channel in self._plans:
            if calls := outbox.being_sent(tx, channel):
                self._count(tx, channel, now, calls)

    def hold_back(self, tx: Connection, claimed: Sequence[Queued], now: datetime) -> tuple[Queued, ...]:
        """Of the posts just claimed, those that may go; the others are settled or put back here and now.

        A reminder that would use up what is kept for answers goes to another account of the same member, or is
        settled as not sent. What was begun is finished. On a channel that takes nothing everything else waits.
        """
        if not self._plans:
            return tuple(claimed)
        spared = [one for channel in self._plans for one in self._spared(tx, channel, claimed, now)]
        for queued in spared:
            self._hold(tx, queued, now)
        held = {queued.id for queued in spared}
        for queued in claimed:
            closed = self._closed_at(queued.post.address.channel, now)
            if closed is not None and queued.id not in held:
                outbox.later(tx, queued.id, closed.until, "the plan is spent")
                held.add(queued.id)
        return tuple(queued for queued in claimed if queued.id not in held)

    def refused(self, tx: Connection, queued: Queued, error: DeliveryError, now: datetime) -> bool:
        """Whether a post was refused because the plan is spent; then it is put back, and its channel left alone.

        What the messenger says in that case is not documented: whatever it says once the count has reached the
        plan is taken for it, unless it speaks of the person or the chat. A post that is faulty as well is found
        out at the beginning of the next month.
        """
        channel = queued.post.address.channel
        plan = self._plans.get(channel)
        if plan is None:
            return False
        if error.lost:
            self._count(tx, channel, now, 1)
        figures = self._figures(tx, channel, now)
        if error.lost or error.trouble is not None or error.moved_to is not None or not plan.is_spent(figures.sent):
            return False
        outbox.later(tx, queued.id, self._close(figures, error, now), str(error))
        use = plan_use.count(tx, channel, figures.month, 0)
        if not use.told.get("refused"):
            plan_use.set_told(tx, channel, figures.month, {**use.told, "refused": True})
            self._tell(tx, refusal_warning(figures), channel, now, spent=True)
        return True

    def _close(self, figures: Figures, error: DeliveryError, now: datetime) -> datetime:
        known = self._closed.get(figures.channel)
        refusals = known.refusals + 1 if known else 1
        pause = max(_PAUSES[min(refusals, len(_PAUSES)) - 1], timedelta(seconds=error.retry_after or 0))
        until = min(now + pause, month_after(figures.month_begins))
        self._closed[figures.channel] = Closed(until, refusals)
        log.warning("plan spent", channel=figures.channel, sent=figures.sent, until=until.isoformat())
        return until

    def _closed_at(self, channel: str, now: datetime) -> Closed | None:
        closed = self._closed.get(channel)
        # A clock that was put back must not keep it closed for longer than any pause.
        return closed if closed and now < closed.until <= now + _PAUSES[-1] else None

    def _spared(self, tx: Connection, channel: str, claimed: Sequence[Queued], now: datetime) -> Sequence[Queued]:
        """The reminders among those claimed for which this month has no message left."""
        calm = [
            queued
            for queued in claimed
            if queued.post.address.channel == channel
            and queued.post.urgency is Urgency.REMINDER
            and queued.post.parts is None
        ]
        if not calm:
            return ()
        room = self._plans[channel].left_for_reminders(self._sent(tx, channel, now))
        if room is None or room > _NEAR:
            return ()
        others = outbox.being_sent(tx, channel) - len(calm)
        return calm[max(0, room - others) :]

    def _hold(self, tx: Connection, queued: Queued, now: datetime) -> None:
        other = self._elsewhere(tx, queued.post, now)
        outbox.failed(tx, queued.id, HELD_BACK, now)
        member = queued.post.member_id
        if member is not None and other is not None:
            reminders.carried_on(tx, member, queued.id, outbox.put(tx, replace(queued.post, address=other), now))
        elif member is not None:
            reminders.unsaid(tx, member, queued.id, DropReason.PLAN, now)
        log.info("reminder held back", channel=queued.post.address.channel, elsewhere=other is not None)

    def _elsewhere(self, tx: Connection, waits: Post, now: datetime) -> Address | None:
        """Another working account of the same member, on a channel that still has messages for reminders."""
        if waits.member_id is None or not waits.movable:
            return None
        for account in accounts.of_member(tx, waits.member_id):
            channel = account.address.channel
            if account.trouble is None and channel != waits.address.channel and self._has_room(tx, channel, now):
                return account.address
        return None

    def _has_room(self, tx: Connection, channel: str, now: datetime) -> bool:
        plan = self._plans.get(channel)
        return plan is None or plan.left_for_reminders(self._sent(tx, channel, now)) != 0

    def _count(self, tx: Connection, channel: str, now: datetime, calls: int) -> None:
        month = f"{month_begins(now, self._house.zone):%Y-%m}"
        use = plan_use.count(tx, channel, month, calls)
        figures = self._figures(tx, channel, now)
        plan, told = figures.plan, dict(use.told)
        level, users = message_level(plan, figures.sent), user_level(plan, figures.users)
        if "users" not in told:  # a new month: people stay, and so does what was told of them
            told["users"] = min(users, plan_use.earlier(tx, channel, month).told.get("users", 0))
        tell = []
        if level > told.get("messages", 0):
            told["messages"] = level
            tell.append(message_warning(figures, now))
        if users > told["users"]:
            told["users"] = users
            tell.append(user_warning(figures))
        if told != use.told:
            plan_use.set_told(tx, channel, month, told)
        for body in tell:
            log.warning("plan", channel=channel, sent=figures.sent, users=figures.users)
            self._tell(tx, body, channel, now, spent=plan.is_spent(figures.sent))

    def _tell(self, tx: Connection, body: Phrase, channel: str, now: datetime, *, spent: bool) -> None:
        for address in sorted(self._house.administrators, key=str):
            to = self._open_door(tx, address) if spent and address.channel == channel else address
            post(tx, self._house, Message(to, body), now)

    def _open_door(self, tx: Connection, address: Address) -> Address:
        """Where an administrator reads it although this channel may take nothing any more."""
        found = accounts.speaker(tx, address)
        others = accounts.of_member(tx, found[0].id) if found else ()
        free = (a.address for a in others if a.trouble is None and a.address.channel != address.channel)
        return next(free, address)

    def _sent(self, tx: Connection, channel: str, now: datetime) -> int:
        return plan_use.load(tx, channel, f"{month_begins(now, self._house.zone):%Y-%m}").sent

    def _figures(self, tx: Connection, channel: str, now: datetime) -> Figures:
        begins = month_begins(now, self._house.zone)
        return Figures(
            channel=channel,
            plan=self._plans[channel],
            month_begins=begins,
            sent=self._sent(tx, channel, now),
            users=plan_use.people(tx, channel),
        )


NO_PLANS = PlanKeeper({}, House(zone=ZoneInfo("Asia/Ho_Chi_Minh")))
