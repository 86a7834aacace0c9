"""what the provider has told of a message of ours"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("outbox", sa.Column("delivery", sa.Text(), nullable=False, server_default=""))
