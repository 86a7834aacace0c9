"""indexes by which old rows are found; on PostgreSQL that of the pending ones holds no others, as on SQLite"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for table, index, state in (("inbox", "inbox_done", "done"), ("outbox", "outbox_sent", "sent")):
        where = sa.text(f"state = '{state}'")
        op.create_index(index, table, ["tenant_id", "due_at"], sqlite_where=where, postgresql_where=where)
    if op.get_bind().dialect.name == "postgresql":
        op.drop_index("inbox_pending", "inbox")
        op.create_index(
            "inbox_pending", "inbox", ["tenant_id", "due_at"], postgresql_where=sa.text("state = 'pending'")
        )
