"""The queues are searched by what waits: small indexes that settled rows, most of them all, are not in."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_WAITS = sa.text("settled_at IS NULL")
_PUT_BACK = sa.text("settled_at IS NULL AND not_before IS NOT NULL")


def upgrade() -> None:
    """Replace the indexes of inbox and outbox."""
    op.drop_index("inbox_waiting", table_name="inbox")
    op.drop_index("outbox_waiting", table_name="outbox")
    op.drop_index("outbox_by_chat", table_name="outbox")
    for name, table, columns in (
        ("inbox_unsettled", "inbox", ["id"]),
        ("outbox_unsettled", "outbox", ["urgency", "id"]),
        ("outbox_unsettled_by_chat", "outbox", ["channel", "chat", "id"]),
    ):
        op.create_index(name, table, columns, sqlite_where=_WAITS, postgresql_where=_WAITS)
    op.create_index("outbox_put_back", "outbox", ["not_before"], sqlite_where=_PUT_BACK, postgresql_where=_PUT_BACK)
