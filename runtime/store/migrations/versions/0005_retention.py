"""indexes by which old rows are found"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for table, index, state in (("inbox", "inbox_done", "done"), ("outbox", "outbox_sent", "sent")):
        where = sa.text(f"state = '{state}'")
        op.create_index(index, table, ["tenant_id", "due_at"], sqlite_where=where, postgresql_where=where)
