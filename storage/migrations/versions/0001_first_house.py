"""The first schema: people, reviews, seven points, reminders, inbox and outbox."""

from alembic import op

from storage.tables import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    metadata.create_all(op.get_bind())
