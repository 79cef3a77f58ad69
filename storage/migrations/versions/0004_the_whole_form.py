"""The whole form: notes and tasks of the year, returns, helpers, templates, criteria."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.tables import Id, Instant

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add what a self-assessment needs from the year's notes to the printed form."""
    cycles_of_every_rhythm()
    op.create_table(
        "cycle_turns",
        sa.Column("id", Id, nullable=False),
        sa.Column("cycle_id", Id, sa.ForeignKey("cycles.id"), nullable=False),
        sa.Column("turn", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", Id, sa.ForeignKey("members.id"), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_cycle_turns_cycle_id"), "cycle_turns", ["cycle_id"])
    op.create_table(
        "tasks",
        sa.Column("id", Id, nullable=False),
        sa.Column("member_id", Id, sa.ForeignKey("members.id"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=500), nullable=False),
        sa.Column("product", sa.String(length=500), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_tasks_member_id"), "tasks", ["member_id"])
    op.create_table(
        "notes",
        sa.Column("id", Id, nullable=False),
        sa.Column("member_id", Id, sa.ForeignKey("members.id"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("item_id", Id, sa.ForeignKey("checklist_items.id"), nullable=True),
        sa.Column("task_id", Id, sa.ForeignKey("tasks.id"), nullable=True),
        sa.Column("noted_at", Instant(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_notes_member_id"), "notes", ["member_id"])
    op.create_table(
        "evidence",
        sa.Column("id", Id, nullable=False),
        sa.Column("member_id", Id, sa.ForeignKey("members.id"), nullable=False),
        sa.Column("note_id", Id, sa.ForeignKey("notes.id"), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kept_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_evidence_note_id"), "evidence", ["note_id"])
    op.create_index(op.f("ix_evidence_member_id"), "evidence", ["member_id"])
    op.create_table(
        "improvements",
        sa.Column("id", Id, nullable=False),
        sa.Column("member_id", Id, sa.ForeignKey("members.id"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("state_at", Instant(), nullable=True),
        sa.Column("review_id", Id, sa.ForeignKey("reviews.id"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_improvements_member_id"), "improvements", ["member_id"])
    op.create_index(op.f("ix_improvements_review_id"), "improvements", ["review_id"])
    op.create_table(
        "review_returns",
        sa.Column("id", Id, nullable=False),
        sa.Column("review_id", Id, sa.ForeignKey("reviews.id"), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_id", Id, sa.ForeignKey("members.id"), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_review_returns_review_id"), "review_returns", ["review_id"])
    op.create_index(
        "one_return_at_a_time",
        "review_returns",
        ["review_id"],
        unique=True,
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "review_hearings",
        sa.Column("review_id", Id, sa.ForeignKey("reviews.id"), nullable=False),
        sa.Column("place", sa.String(length=20), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("body", sa.String(length=200), nullable=False),
        sa.Column("by_id", Id, sa.ForeignKey("members.id"), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("review_id", "place"),
    )
    op.create_table(
        "assistances",
        sa.Column("id", Id, nullable=False),
        sa.Column("member_id", Id, sa.ForeignKey("members.id"), nullable=False),
        sa.Column("helper_id", Id, sa.ForeignKey("members.id"), nullable=False),
        sa.Column("opened_by", Id, sa.ForeignKey("members.id"), nullable=False),
        sa.Column("cycle_id", Id, sa.ForeignKey("cycles.id"), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("began_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("ended_how", sa.String(length=20), nullable=True),
        sa.Column("written", sa.Integer(), nullable=False),
        sa.Column("offered_at", Instant(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=20), nullable=True),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.Column("evidence_id", Id, sa.ForeignKey("evidence.id"), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_assistances_member_id"), "assistances", ["member_id"])
    op.create_index(op.f("ix_assistances_helper_id"), "assistances", ["helper_id"])
    op.create_index(
        "one_helper_at_a_time",
        "assistances",
        ["member_id", "cycle_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "paper_pages",
        sa.Column("id", Id, nullable=False),
        sa.Column("member_id", Id, sa.ForeignKey("members.id"), nullable=False),
        sa.Column("cycle_id", Id, sa.ForeignKey("cycles.id"), nullable=False),
        sa.Column("evidence_id", Id, sa.ForeignKey("evidence.id"), nullable=False),
        sa.Column("sent_by", Id, sa.ForeignKey("members.id"), nullable=False),
        sa.Column("sent_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_paper_pages_member_id"), "paper_pages", ["member_id"])
    op.create_table(
        "templates",
        sa.Column("id", Id, nullable=False),
        sa.Column("cell_id", Id, sa.ForeignKey("cells.id"), nullable=False),
        sa.Column("paper", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("put_by", Id, sa.ForeignKey("members.id"), nullable=False),
        sa.Column("put_at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("cell_id", "paper", "version", name="one_template_a_version"),
    )
    op.create_table(
        "criteria",
        sa.Column("id", Id, nullable=False),
        sa.Column("cell_id", Id, sa.ForeignKey("cells.id"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("question", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=500), nullable=False),
        sa.Column("maximum", sa.Integer(), nullable=False),
        sa.Column("set_by", Id, sa.ForeignKey("members.id"), nullable=True),
        sa.Column("set_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("cell_id", "year", "form", "question", "number", name="one_criterion_a_number"),
    )


_NEW_IN_CYCLES: tuple[Callable[[], sa.Column[Any]], ...] = (
    lambda: sa.Column("kind", sa.String(length=20), nullable=False, server_default="yearly"),
    lambda: sa.Column("period", sa.Integer(), nullable=False, server_default="0"),
    lambda: sa.Column("paused_reason", sa.Text(), nullable=False, server_default=""),
    lambda: sa.Column("reopened_at", Instant(), nullable=True),
)
_KEY = ["cell_id", "year", "kind", "period"]


def cycles_of_every_rhythm() -> None:
    """A cell may have several cycles a year: the unique key of ``cycles`` has its kind and number, too."""
    if op.get_bind().dialect.name == "sqlite":
        _cycles_anew()
        return
    for column in _NEW_IN_CYCLES:
        op.add_column("cycles", column())
    op.drop_constraint("one_cycle_a_year", "cycles", type_="unique")
    op.create_unique_constraint("one_cycle_a_period", "cycles", _KEY)


def _cycles_anew() -> None:
    """SQLite changes no constraint of a table that is there: the table is made anew under its own name.

    Other tables refer to it. Their references are looked at when the transaction ends (``defer_foreign_keys``), and
    by then every row is back under its number. A copy that is renamed in place of the table would not do: the rows
    have to be inserted into a table of this name for SQLite to see that nothing is missing.
    """
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute("CREATE TEMPORARY TABLE cycles_before AS SELECT * FROM cycles")
    op.drop_table("cycles")
    op.create_table(
        "cycles",
        sa.Column("id", Id, nullable=False),
        sa.Column("cell_id", Id, sa.ForeignKey("cells.id"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("rules", sa.String(length=40), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("deadline_on", sa.Date(), nullable=False),
        sa.Column("meeting_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("opened_at", Instant(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("closed_reason", sa.Text(), nullable=False),
        *(column() for column in _NEW_IN_CYCLES),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(*_KEY, name="one_cycle_a_period"),
    )
    names = (
        "id, cell_id, year, rules, opens_on, deadline_on, meeting_on, state, opened_at, closed_at, closed_reason"
    )
    op.execute(f"INSERT INTO cycles ({names}) SELECT {names} FROM cycles_before")  # noqa: S608
    op.execute("DROP TABLE cycles_before")
    op.create_index("cycles_by_state", "cycles", ["state", "deadline_on"])
