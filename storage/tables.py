"""The schema: one table a subject, every unique key that the promises rest on."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    and_,
    false,
)

metadata = MetaData()

Id = BigInteger().with_variant(Integer, "sqlite")


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite keeps no zone, so it is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time: it would be somebody's local one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give the time back as UTC."""
        if value is None:
            return None
        given: datetime = value
        return given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)


cells = Table(
    "cells",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("group_channel", String(20)),
    Column("group_chat", String(64)),
    Column("settings", JSON, nullable=False, default=dict),
)

members = Table(
    "members",
    metadata,
    Column("id", Id, primary_key=True),
    Column("cell_id", ForeignKey("cells.id"), nullable=False, index=True),
    Column("party_number", String(40), nullable=False, unique=True),
    Column("full_name", String(200), nullable=False),
    Column("form", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    Column("born_on", Date),
    Column("admitted_on", Date),
    Column("official_on", Date),
    Column("position", String(200), nullable=False, default=""),
    Column("phone", String(40), nullable=False, default=""),
    Column("away_from", Date),
    Column("away_to", Date),
    Column("language", String(8), nullable=False, default="vi"),
    Column("removed_at", Instant),
    Column("last_heard_at", Instant),
)

roles = Table(
    "roles",
    metadata,
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("role", String(20), primary_key=True),
    Column("granted_at", Instant, nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("channel", String(20), primary_key=True),
    Column("chat", String(64), primary_key=True),
    Column("member_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("linked_at", Instant, nullable=False),
    Column("trouble", String(20)),
    Column("trouble_at", Instant),
    Column("preferred", Boolean, nullable=False, server_default=false()),
)

invitations = Table(
    "invitations",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    Column("member_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("issued_at", Instant, nullable=False),
    Column("issued_by", ForeignKey("members.id")),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("revoked_at", Instant),
    Column("links", Boolean, nullable=False, server_default=false()),
)

join_attempts = Table(
    "join_attempts",
    metadata,
    Column("channel", String(20), primary_key=True),
    Column("chat", String(64), primary_key=True),
    Column("wrong", Integer, nullable=False, default=0),
    Column("locked_until", Instant),
    Column("last_at", Instant, nullable=False),
)

join_requests = Table(
    "join_requests",
    metadata,
    Column("id", Id, primary_key=True),
    Column("member_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("channel", String(20), nullable=False),
    Column("chat", String(64), nullable=False),
    Column("sender_name", String(200), nullable=False, default=""),
    Column("code_hash", String(64)),
    Column("state", String(20), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("decided_at", Instant),
    Column("decided_by", ForeignKey("members.id")),
)

consents = Table(
    "consents",
    metadata,
    Column("id", Id, primary_key=True),
    Column("member_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("version", String(40), nullable=False),
    Column("text_hash", String(64), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("chat", String(64), nullable=False),
    Column("agreed_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
)

# A roster that was read and waits for somebody's yes; gone as soon as it is answered.
roster_drafts = Table(
    "roster_drafts",
    metadata,
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("rows", JSON, nullable=False),
    Column("read_at", Instant, nullable=False),
)

cycles = Table(
    "cycles",
    metadata,
    Column("id", Id, primary_key=True),
    Column("cell_id", ForeignKey("cells.id"), nullable=False),
    Column("year", Integer, nullable=False),
    Column("rules", String(40), nullable=False),
    Column("opens_on", Date, nullable=False),
    Column("deadline_on", Date, nullable=False),
    Column("meeting_on", Date),
    Column("state", String(20), nullable=False),
    Column("opened_at", Instant),
    Column("closed_at", Instant),
    Column("closed_reason", Text, nullable=False, default=""),
    Column("kind", String(20), nullable=False, default="yearly"),
    Column("period", Integer, nullable=False, default=0),
    Column("paused_reason", Text, nullable=False, default=""),
    Column("reopened_at", Instant),
    UniqueConstraint("cell_id", "year", "kind", "period", name="one_cycle_a_period"),
)
Index("cycles_by_state", cycles.c.state, cycles.c.deadline_on)

# Each time a cycle was paused, went on, was closed or opened again: who, when, and the reason in their words.
cycle_turns = Table(
    "cycle_turns",
    metadata,
    Column("id", Id, primary_key=True),
    Column("cycle_id", ForeignKey("cycles.id"), nullable=False, index=True),
    Column("turn", String(20), nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("by_id", ForeignKey("members.id"), nullable=False),
    Column("at", Instant, nullable=False),
)

extensions = Table(
    "extensions",
    metadata,
    Column("cycle_id", ForeignKey("cycles.id"), primary_key=True),
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("deadline_on", Date, nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("granted_at", Instant),
)

deadline_moves = Table(
    "deadline_moves",
    metadata,
    Column("id", Id, primary_key=True),
    Column("cycle_id", ForeignKey("cycles.id"), nullable=False, index=True),
    Column("was_on", Date, nullable=False),
    Column("deadline_on", Date, nullable=False),
    Column("moved_at", Instant, nullable=False),
)

reviews = Table(
    "reviews",
    metadata,
    Column("id", Id, primary_key=True),
    Column("cycle_id", ForeignKey("cycles.id"), nullable=False),
    Column("member_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("form", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("place", String(80)),
    Column("self_grade", String(20)),
    Column("version", Integer, nullable=False, default=0),
    Column("begun_at", Instant, nullable=False),
    Column("submitted_at", Instant),
    UniqueConstraint("cycle_id", "member_id", name="one_review_a_cycle"),
)

review_answers = Table(
    "review_answers",
    metadata,
    Column("review_id", ForeignKey("reviews.id"), primary_key=True),
    Column("key", String(80), primary_key=True),
    Column("value", JSON, nullable=False),
    Column("written_at", Instant, nullable=False),
)

review_history = Table(
    "review_history",
    metadata,
    Column("id", Id, primary_key=True),
    Column("review_id", ForeignKey("reviews.id"), nullable=False, index=True),
    Column("key", String(80), nullable=False),
    Column("value", JSON, nullable=False),
    Column("written_at", Instant, nullable=False),
)

review_versions = Table(
    "review_versions",
    metadata,
    Column("review_id", ForeignKey("reviews.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("answers", JSON, nullable=False),
    Column("self_grade", String(20), nullable=False),
    Column("suggested", String(20)),
    Column("submitted_at", Instant, nullable=False),
)

# The year's notes: what a member remembers for the self-assessment, tied to a point of the list or to a task.
notes = Table(
    "notes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("member_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("year", Integer, nullable=False),
    Column("text", Text, nullable=False, default=""),
    Column("item_id", ForeignKey("checklist_items.id")),
    Column("task_id", ForeignKey("tasks.id")),
    Column("noted_at", Instant, nullable=False),
    Column("removed_at", Instant),
)

# Files that prove something: of a note, or that a member agreed to what somebody typed for them.
evidence = Table(
    "evidence",
    metadata,
    Column("id", Id, primary_key=True),
    Column("member_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("note_id", ForeignKey("notes.id"), index=True),
    Column("kind", String(20), nullable=False),
    Column("file_name", String(200), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("kept_at", Instant, nullable=False),
)

# What a member was given to do in a year: product and deadline, and how it ended.
tasks = Table(
    "tasks",
    metadata,
    Column("id", Id, primary_key=True),
    Column("member_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("year", Integer, nullable=False),
    Column("title", String(500), nullable=False),
    Column("product", String(500), nullable=False, default=""),
    Column("due_on", Date),
    Column("state", String(20), nullable=False),
    Column("done_on", Date),
    Column("remark", Text, nullable=False, default=""),
    Column("made_at", Instant, nullable=False),
    Column("removed_at", Instant),
)

# A shortcoming that a member admitted, with the day by which it is to be mended; next year's question.
improvements = Table(
    "improvements",
    metadata,
    Column("id", Id, primary_key=True),
    Column("member_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("year", Integer, nullable=False),
    Column("fault", Text, nullable=False),
    Column("measure", Text, nullable=False, default=""),
    Column("due_on", Date),
    Column("state", String(20), nullable=False),
    Column("state_at", Instant),
    Column("review_id", ForeignKey("reviews.id"), index=True),
    Column("version", Integer, nullable=False, default=0),
)

# A review given back for named questions, or opened again after the deadline; always with a reason.
review_returns = Table(
    "review_returns",
    metadata,
    Column("id", Id, primary_key=True),
    Column("review_id", ForeignKey("reviews.id"), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("version", Integer, nullable=False),
    Column("questions", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by_id", ForeignKey("members.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("until_on", Date),
    Column("settled_at", Instant),
    Column("outcome", String(20)),
)
# Two secretaries at once: one of them comes second.
Index(
    "one_return_at_a_time",
    review_returns.c.review_id,
    unique=True,
    sqlite_where=review_returns.c.settled_at.is_(None),
    postgresql_where=review_returns.c.settled_at.is_(None),
)

# Where and when a review was reviewed: before the cell, a leader's before the leading collective, too.
review_hearings = Table(
    "review_hearings",
    metadata,
    Column("review_id", ForeignKey("reviews.id"), primary_key=True),
    Column("place", String(20), primary_key=True),
    Column("held_on", Date, nullable=False),
    Column("body", String(200), nullable=False, default=""),
    Column("by_id", ForeignKey("members.id"), nullable=False),
    Column("at", Instant, nullable=False),
)

# Somebody types for a member who cannot: from when to when, and how the member confirmed which version.
# What was typed waits (``offered_at``, ``digest`` of the answers) until the member says that it is theirs.
assistances = Table(
    "assistances",
    metadata,
    Column("id", Id, primary_key=True),
    Column("member_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("helper_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("opened_by", ForeignKey("members.id"), nullable=False),
    Column("cycle_id", ForeignKey("cycles.id"), nullable=False),
    Column("source", String(20), nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("ended_how", String(20)),
    Column("written", Integer, nullable=False, default=0),
    Column("offered_at", Instant),
    Column("digest", String(64)),
    Column("code_hash", String(64)),
    Column("wrong", Integer, nullable=False, default=0),
    Column("version", Integer),
    Column("confirmed_by", String(20)),
    Column("confirmed_at", Instant),
    Column("evidence_id", ForeignKey("evidence.id")),
)
Index(
    "one_helper_at_a_time",
    assistances.c.member_id,
    assistances.c.cycle_id,
    unique=True,
    sqlite_where=assistances.c.ended_at.is_(None),
    postgresql_where=assistances.c.ended_at.is_(None),
)

# Photographs of a form filled in by hand, in the order in which they came; the number on paper says whose it is.
paper_pages = Table(
    "paper_pages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("member_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("cycle_id", ForeignKey("cycles.id"), nullable=False),
    Column("evidence_id", ForeignKey("evidence.id"), nullable=False),
    Column("sent_by", ForeignKey("members.id"), nullable=False),
    Column("sent_at", Instant, nullable=False),
)

# Templates that a secretary changed in Word: every version is kept, the newest not withdrawn one is used.
templates = Table(
    "templates",
    metadata,
    Column("id", Id, primary_key=True),
    Column("cell_id", ForeignKey("cells.id"), nullable=False),
    Column("paper", String(60), nullable=False),
    Column("version", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("put_by", ForeignKey("members.id"), nullable=False),
    Column("put_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    UniqueConstraint("cell_id", "paper", "version", name="one_template_a_version"),
)

# The parts into which the committee above divides the points of a form; tenths of a point.
criteria = Table(
    "criteria",
    metadata,
    Column("id", Id, primary_key=True),
    Column("cell_id", ForeignKey("cells.id"), nullable=False),
    Column("year", Integer, nullable=False),
    Column("form", String(40), nullable=False),
    Column("question", String(80), nullable=False),
    Column("number", Integer, nullable=False),
    Column("label", String(500), nullable=False),
    Column("maximum", Integer, nullable=False),
    Column("set_by", ForeignKey("members.id")),
    Column("set_at", Instant, nullable=False),
    UniqueConstraint("cell_id", "year", "form", "question", "number", name="one_criterion_a_number"),
)

checklist_items = Table(
    "checklist_items",
    metadata,
    Column("id", Id, primary_key=True),
    Column("cell_id", ForeignKey("cells.id"), nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("label", String(300), nullable=False),
    Column("due_on", Date),
    UniqueConstraint("cell_id", "year", "number", name="one_item_a_number"),
)

marks = Table(
    "marks",
    metadata,
    Column("item_id", ForeignKey("checklist_items.id"), primary_key=True),
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("state", String(20), nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("note", Text, nullable=False, default=""),
    Column("marked_at", Instant, nullable=False),
)
Index("marks_by_member", marks.c.member_id)

mark_history = Table(
    "mark_history",
    metadata,
    Column("id", Id, primary_key=True),
    Column("item_id", ForeignKey("checklist_items.id"), nullable=False, index=True),
    Column("member_id", ForeignKey("members.id"), nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("note", Text, nullable=False, default=""),
    Column("marked_at", Instant, nullable=False),
)

reminders = Table(
    "reminders",
    metadata,
    Column("id", Id, primary_key=True),
    Column("subject", String(60), nullable=False),
    Column("rule", String(40), nullable=False),
    Column("occasion", String(80), nullable=False),
    Column("cell_id", ForeignKey("cells.id"), nullable=False, index=True),
    Column("member_id", ForeignKey("members.id"), index=True),
    Column("due_at", Instant, nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", String(60)),
    Column("settled_at", Instant),
    Column("post_id", Id),
    Column("details", JSON, nullable=False, default=dict),
    UniqueConstraint("subject", "rule", "occasion", name="once_an_occasion"),
)
Index("reminders_by_state", reminders.c.state, reminders.c.due_at)

snoozes = Table(
    "snoozes",
    metadata,
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("until", Instant, nullable=False),
)

# When a cell's bell was rung last, when it must be looked at again, and when something falls due next.
bells = Table(
    "bells",
    metadata,
    Column("cell_id", ForeignKey("cells.id"), primary_key=True),
    Column("rung_at", Instant, nullable=False),
    Column("visit_at", Instant, nullable=False, index=True),
    Column("next_at", Instant, index=True),
)

calls = Table(
    "calls",
    metadata,
    Column("member_id", ForeignKey("members.id"), primary_key=True),
    Column("occasion", String(80), primary_key=True),
    Column("listed_at", Instant, nullable=False),
    Column("called_at", Instant),
    Column("called_by", ForeignKey("members.id")),
)

questions = Table(
    "questions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("member_id", ForeignKey("members.id"), nullable=False, index=True),
    Column("place", String(120), nullable=False),
    Column("words", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("answer", Text),
    Column("answered_at", Instant),
    Column("answered_by", ForeignKey("members.id")),
)

conversations = Table(
    "conversations",
    metadata,
    Column("channel", String(20), primary_key=True),
    Column("chat", String(64), primary_key=True),
    Column("state", JSON, nullable=False),
    Column("screen_ref", String(64)),
    Column("screen_serial", Integer),
    Column("menu", String(120)),
    Column("updated_at", Instant, nullable=False),
    Column("shown", JSON),
    Column("shown_at", Instant),
)

# What can be typed in place of pressing a standing button, where a messenger has no buttons ("A1").
typed_choices = Table(
    "typed_choices",
    metadata,
    Column("channel", String(20), primary_key=True),
    Column("chat", String(64), primary_key=True),
    Column("mark", String(8), primary_key=True),
    Column("post_id", Id, nullable=False),
    Column("data", String(64), nullable=False),
    Column("label", String(120), nullable=False),
    Column("made_at", Instant, nullable=False),
)
Index("typed_choices_by_post", typed_choices.c.channel, typed_choices.c.chat, typed_choices.c.post_id)

# Files handed out by an address, for messengers that take no files; the address itself is kept as its hash, and so
# is the mark of the one browser that may take the file (``browser_hash``). ``refused`` counts what the log tells.
handouts = Table(
    "handouts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("post_id", Id, nullable=False, unique=True),
    Column("channel", String(20), nullable=False),
    Column("chat", String(64), nullable=False),
    Column("member_id", ForeignKey("members.id"), index=True),
    Column("file_name", String(200), nullable=False),
    Column("picture", Boolean, nullable=False, default=False),
    Column("content", LargeBinary),
    Column("made_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("fetched", Integer, nullable=False, default=0),
    Column("refused", Integer, nullable=False, default=0),
    Column("browser_hash", String(64)),
    Column("revoked_at", Instant),
)

# How many messages a month went out by a messenger whose plan counts them, and how far the administrator was told.
plan_use = Table(
    "plan_use",
    metadata,
    Column("channel", String(20), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("sent", Integer, nullable=False, default=0),
    Column("told", JSON, nullable=False, default=dict),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", String(20), nullable=False),
    Column("update_id", String(64), nullable=False),
    Column("chat", String(64), nullable=False),
    Column("raw", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("trouble", Text),
    Column("received_at", Instant, nullable=False),
    Column("settled_at", Instant),
    UniqueConstraint("channel", "update_id", name="an_update_is_seen_once"),
)
_waits = inbox.c.settled_at.is_(None)
Index("inbox_unsettled", inbox.c.id, sqlite_where=_waits, postgresql_where=_waits)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", String(20), nullable=False),
    Column("chat", String(64), nullable=False),
    Column("member_id", Id),
    Column("urgency", Integer, nullable=False),
    Column("kind", String(80), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("file", LargeBinary),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("not_before", Instant),
    Column("posted_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("ref", String(64)),
    Column("trouble", Text),
)
# What is settled stays in the table and out of the indexes: the queue's cost is that of what waits.
_waits = outbox.c.settled_at.is_(None)
Index(
    "outbox_unsettled",
    outbox.c.channel,
    outbox.c.urgency,
    outbox.c.id,
    sqlite_where=_waits,
    postgresql_where=_waits,
)
Index(
    "outbox_unsettled_by_chat",
    outbox.c.channel,
    outbox.c.chat,
    outbox.c.id,
    sqlite_where=_waits,
    postgresql_where=_waits,
)
_put_back = and_(_waits, outbox.c.not_before.is_not(None))
Index("outbox_put_back", outbox.c.not_before, sqlite_where=_put_back, postgresql_where=_put_back)

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("who", String(80), nullable=False),
    Column("cell_id", Id, index=True),
    Column("what", String(60), nullable=False),
    Column("subject", String(80), nullable=False, default=""),
    Column("details", JSON, nullable=False, default=dict),
)

settings = Table(
    "settings",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("value", Text, nullable=False),
    Column("secret", Boolean, nullable=False, default=False),
)
