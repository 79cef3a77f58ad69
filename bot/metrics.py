"""What is counted while the bot runs, for Prometheus: no names, no chats, no words, only how many and how long."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from bot.plans import Figures
from storage.records import Raw, Urgency

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


@dataclass(frozen=True, slots=True)
class Levels:
    """How things stand at this moment; ages in seconds, None where there is nothing that could have one."""

    healthy: bool
    inbox_waiting: int | None = None
    inbox_oldest: float | None = None
    outbox_waiting: Mapping[Urgency, int] | None = None
    outbox_oldest: float | None = None
    updates_age: Mapping[str, float | None] = field(default_factory=dict)
    ring_age: float | None = None
    backup_age: float | None = None
    plans: tuple[Figures, ...] = ()
    channels: Mapping[str, bool] = field(default_factory=dict)


class Metrics:
    """Counters with a registry of their own: two programs in one process, as in tests, do not share them."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()

        def counter(name: str, says: str, *labels: str) -> Counter:
            return Counter(f"chibo_{name}", says, labels, registry=registry)

        def gauge(name: str, says: str, *labels: str) -> Gauge:
            return Gauge(f"chibo_{name}", says, labels, registry=registry)

        def histogram(name: str, says: str, *labels: str) -> Histogram:
            return Histogram(f"chibo_{name}", says, labels, registry=registry, buckets=_SECONDS)

        self._kept = counter("updates_kept", "Updates kept in the inbox, each once.", "channel")
        self._handled = counter("updates_handled", "Updates dealt with.", "channel")
        self._set_aside = counter("updates_set_aside", "Updates that could not be dealt with.", "channel")
        self._refused = counter("deliveries_refused", "Deliveries to the webhook that were refused.", "status")
        self._handed_out = counter("links_fetched", "Files fetched by an address of ours.", "kind")
        self._not_handed_out = counter("links_refused", "Addresses of files that gave nothing.", "reason")
        self._sent = counter("posts_sent", "Posts that arrived.", "urgency")
        self._failed = counter("posts_failed", "Posts that will never arrive.", "urgency")
        self._retried = counter("posts_retried", "Tries of a post that have to be repeated.", "urgency")
        self._too_many = counter("too_many_requests", "Answers of a messenger that it was asked too often (429).")
        self._troubles = counter("database_troubles", "Times the database could not be used.", "kind")
        self._waited = histogram("kept_to_handled_seconds", "From an update being kept to its being handled.")
        self._turn = histogram("turn_seconds", "One update being handled, once its turn has come.")
        self._healthy = gauge("healthy", "1 where the health page says ok.")
        self._inbox = gauge("inbox_waiting", "Updates that nobody has dealt with yet.")
        self._inbox_oldest = gauge("inbox_oldest_seconds", "Age of the oldest of them.")
        self._outbox = gauge("outbox_waiting", "Posts that have not arrived yet.", "urgency")
        self._outbox_oldest = gauge("outbox_oldest_seconds", "Age of the oldest of them.")
        self._updates_age = gauge("updates_seconds", "Since the last answered poll or delivery.", "channel")
        self._open = gauge("channel_open", "1 where the messenger has let the bot in since its start.", "channel")
        self._ring_age = gauge("last_ring_seconds", "Since the last reminder run.")
        self._backup_age = gauge("last_backup_seconds", "Age of the newest backup.")
        self._plan_used = gauge("plan_used", "Messages of this month, and people.", "channel", "of")
        self._plan_limit = gauge("plan_limit", "What the messenger's plan allows; 0: no limit.", "channel", "of")
        self._since: dict[int, float] = {}
        self._trouble: tuple[str, float] | None = None

    def kept(self, updates: Iterable[Raw]) -> None:
        """These updates are in the inbox, and were not before; their ``id`` is known."""
        now = time.monotonic()
        for raw in updates:
            self._kept.labels(raw.channel).inc()
            self._since[raw.id] = now
            self._trouble = None

    def handled(self, raw: Raw, seconds: float) -> None:
        """This update has been dealt with; it took so long."""
        self._handled.labels(raw.channel).inc()
        self._turn.observe(seconds)
        self._waiting_ended(raw)

    def set_aside(self, raw: Raw) -> None:
        """This update could not be dealt with."""
        self._set_aside.labels(raw.channel).inc()
        self._waiting_ended(raw)

    def refused(self, status: int) -> None:
        """A delivery to the webhook was refused."""
        self._refused.labels(str(status)).inc()

    def handed_out(self, kind: str) -> None:
        """A file was fetched by its address; ``kind``: document or picture."""
        self._handed_out.labels(kind).inc()

    def not_handed_out(self, reason: str) -> None:
        """An address gave nothing, for that reason."""
        self._not_handed_out.labels(reason).inc()

    def sent(self, urgency: Urgency) -> None:
        """A post has arrived."""
        self._sent.labels(_name(urgency)).inc()

    def failed(self, urgency: Urgency) -> None:
        """A post will never arrive."""
        self._failed.labels(_name(urgency)).inc()

    def retried(self, urgency: Urgency, *, too_many: bool) -> None:
        """A post has to be tried again; ``too_many``: because of a 429."""
        self._retried.labels(_name(urgency)).inc()
        if too_many:
            self._too_many.inc()

    def trouble(self, kind: str) -> None:
        """The database could not be used."""
        self._troubles.labels(kind).inc()
        self._trouble = kind, time.monotonic()

    def recent_trouble(self, seconds: float) -> str | None:
        """The last trouble with the database, where it is not older than that and nothing was kept since."""
        if self._trouble is None or time.monotonic() - self._trouble[1] > seconds:
            return None
        return self._trouble[0]

    def page(self, levels: Levels) -> bytes:
        """Everything in Prometheus' text format."""
        self._healthy.set(levels.healthy)
        self._inbox.set(_number(levels.inbox_waiting))
        self._inbox_oldest.set(_age(levels.inbox_oldest, levels.inbox_waiting))
        for urgency in Urgency:
            waiting = levels.outbox_waiting
            self._outbox.labels(_name(urgency)).set(_number(None if waiting is None else waiting.get(urgency, 0)))
        many = None if levels.outbox_waiting is None else sum(levels.outbox_waiting.values())
        self._outbox_oldest.set(_age(levels.outbox_oldest, many))
        for channel, age in levels.updates_age.items():
            self._updates_age.labels(channel).set(_number(age))
        for channel, is_open in levels.channels.items():
            self._open.labels(channel).set(is_open)
        self._ring_age.set(_number(levels.ring_age))
        self._backup_age.set(_number(levels.backup_age))
        for plan in levels.plans:
            self._plan_used.labels(plan.channel, "messages").set(plan.sent)
            self._plan_used.labels(plan.channel, "users").set(plan.users)
            self._plan_limit.labels(plan.channel, "messages").set(plan.plan.messages)
            self._plan_limit.labels(plan.channel, "users").set(plan.plan.users)
        return generate_latest(self._registry)

    def _waiting_ended(self, raw: Raw) -> None:
        since = self._since.pop(raw.id, None)
        if since is not None:  # one from before the start was kept by another process's clock
            self._waited.observe(time.monotonic() - since)


def _name(urgency: Urgency) -> str:
    return urgency.name.lower()


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _age(oldest: float | None, waiting: int | None) -> float:
    """Nothing waits: no age, so 0; not known whether anything waits: not a number."""
    return 0.0 if waiting == 0 else _number(oldest)
