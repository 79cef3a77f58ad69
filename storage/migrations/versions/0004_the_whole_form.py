"""The whole form: notes and tasks of the year, returns, helpers, templates, criteria."""

import sqlalchemy as sa
from alembic import op

from storage.tables import Id, Instant

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add what a self-assessment needs from the year's notes to the printed form."""
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
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_review_returns_review_id"), "review_returns", ["review_id"])
    op.create_table(
        "assistances",
        sa.Column("id", Id, nullable=False),
        sa.Column("member_id", Id, sa.ForeignKey("members.id"), nullable=False),
        sa.Column("helper_id", Id, sa.ForeignKey("members.id"), nullable=False),
        sa.Column("cycle_id", Id, sa.ForeignKey("cycles.id"), nullable=False),
        sa.Column("began_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=20), nullable=True),
        sa.Column("confirmed_at", Instant(), nullable=True),
        sa.Column("evidence_id", Id, sa.ForeignKey("evidence.id"), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_assistances_member_id"), "assistances", ["member_id"])
    op.create_index(op.f("ix_assistances_helper_id"), "assistances", ["helper_id"])
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
