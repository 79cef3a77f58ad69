"""A second messenger: several accounts a member, typed choices, files by address, plans that are counted."""

import sqlalchemy as sa
from alembic import op

from storage.tables import Id, Instant

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add what a messenger without buttons, files and edits needs."""
    op.add_column("accounts", sa.Column("preferred", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("invitations", sa.Column("links", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("conversations", sa.Column("shown", sa.JSON(), nullable=True))
    op.add_column("conversations", sa.Column("shown_at", Instant(), nullable=True))
    waits = sa.text("settled_at IS NULL")
    op.drop_index("outbox_unsettled", "outbox")
    op.create_index(
        "outbox_unsettled",
        "outbox",
        ["channel", "urgency", "id"],
        sqlite_where=waits,
        postgresql_where=waits,
    )
    op.create_table(
        "typed_choices",
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("chat", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.String(length=8), nullable=False),
        sa.Column("post_id", Id, nullable=False),
        sa.Column("data", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "chat", "mark"),
    )
    op.create_index("typed_choices_by_post", "typed_choices", ["channel", "chat", "post_id"])
    op.create_table(
        "handouts",
        sa.Column("id", Id, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("post_id", Id, nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("chat", sa.String(length=64), nullable=False),
        sa.Column("member_id", Id, sa.ForeignKey("members.id"), nullable=True),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("picture", sa.Boolean(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("fetched", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("browser_hash", sa.String(length=64), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
        sa.UniqueConstraint("post_id"),
    )
    op.create_index(op.f("ix_handouts_member_id"), "handouts", ["member_id"])
    op.create_index(op.f("ix_handouts_expires_at"), "handouts", ["expires_at"])
    op.create_table(
        "plan_use",
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "month"),
    )
