"""what the outbox's sender needs: until when a row may be sent, its trace, and indexes of what is not sent yet

Nobody has sent queued rows before: they are given a day from now on.
"""

from __future__ import annotations

import time

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deadline", sa.Float(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("trace_id", sa.Text(), nullable=False, server_default=""))
    day = sa.text("UPDATE outbox SET deadline = :until WHERE state IN ('queued', 'sending')")
    op.get_bind().execute(day, {"until": time.time() + 86_400})
    queued, unsent = sa.text("state = 'queued'"), sa.text("state IN ('queued', 'sending')")
    for name, columns, where in (
        ("outbox_queued", ["tenant_id", "due_at", "seq"], queued),
        ("outbox_unsent", ["tenant_id", "conversation_id", "seq"], unsent),
    ):
        op.create_index(name, "outbox", columns, sqlite_where=where, postgresql_where=where)
