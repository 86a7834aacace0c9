"""how often a job has failed and how often its worker has died over it, each apart from how often it was claimed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    for name in ("failures", "deaths"):
        op.add_column("jobs", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
