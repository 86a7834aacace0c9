"""Statements of mailboxes: how far each has been read.

Held by tests/unit/runtime/test_mail_cursors.py.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Connection, and_, select

from runtime.store.dialect import upsert
from runtime.store.tables import mail_cursors


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Of a folder whose UIDVALIDITY is ``validity``, everything up to ``last_uid`` was taken in; ``came_at`` is when
    the newest of it had come (seconds since the epoch). ``counts``: what the mails were, in words, and how many."""

    validity: int
    last_uid: int
    came_at: float
    counts: Mapping[str, int] = field(default_factory=dict)


def cursor(connection: Connection, tenant: str, channel_id: str, folder: str) -> Cursor | None:
    row = connection.execute(select(mail_cursors).where(_this(tenant, channel_id, folder))).first()
    if row is None:
        return None
    return Cursor(validity=row.validity, last_uid=row.last_uid, came_at=row.came_at, counts=json.loads(row.counts))


def keep(connection: Connection, tenant: str, channel_id: str, folder: str, read: Cursor, now: float) -> None:
    """``read.counts`` are added to what was counted before."""
    before = cursor(connection, tenant, channel_id, folder)
    counts = Counter(before.counts if before is not None else {}) + Counter(read.counts)
    changed = {
        "validity": read.validity,
        "last_uid": read.last_uid,
        "came_at": read.came_at,
        "counts": json.dumps(dict(counts)),
        "updated_at": now,
    }
    statement = upsert(connection, mail_cursors).values(
        tenant_id=tenant, channel_id=channel_id, folder=folder, **changed
    )
    connection.execute(
        statement.on_conflict_do_update(index_elements=["tenant_id", "channel_id", "folder"], set_=changed)
    )


def _this(tenant: str, channel_id: str, folder: str) -> ColumnElement[bool]:
    columns = mail_cursors.c
    return and_(columns.tenant_id == tenant, columns.channel_id == channel_id, columns.folder == folder)
