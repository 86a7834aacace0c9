"""documents have an audience

What was ingested before is told by its kind alone: mails and files of data are for staff, in case they hold people.
A product list among them is public again once it is ingested again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_KINDS = """(
    'message/rfc822', 'application/vnd.ms-outlook', 'text/csv', 'text/tab-separated-values', 'application/json',
    'application/x-ndjson', 'application/vnd.sqlite3', 'application/vnd.ms-excel',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'application/vnd.oasis.opendocument.spreadsheet'
)"""


def upgrade() -> None:
    with op.batch_alter_table("document_versions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("audience_given", sa.Text(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("audience_found", sa.Text(), nullable=False, server_default=""))
    op.execute(
        f"""
        UPDATE document_versions SET audience_found = CASE
            WHEN media_type IN {_KINDS} THEN 'staff'
            WHEN EXISTS (
                SELECT 1 FROM typed_sources s
                WHERE s.tenant_id = document_versions.tenant_id
                  AND s.document_id = document_versions.document_id
                  AND s.version = document_versions.version
            ) THEN 'staff'
            ELSE 'public'
        END
        WHERE state NOT IN ('queued', 'running')
        """  # noqa: S608 (a constant of this file)
    )
