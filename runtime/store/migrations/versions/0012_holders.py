"""since when a customer waits for a person, and where a person's words go"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("conversations", sa.Column("waiting_since", sa.Float()))
    op.add_column("conversations", sa.Column("reply_to", sa.Text(), nullable=False, server_default=""))
