"""Statements behind the operator's figures: what waits in the journal, over all tenants, in numbers alone.

Held by tests/unit/runtime/test_cell_figures.py and tests/integration/api/test_api_metrics.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, text

from runtime.store import dead_letters
from runtime.store.tables import inbox, reminders

_PENDING = text("inbox.state = 'pending'")  # literally, so that SQLite finds the index of the pending


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """``pending`` messages by the kind of their actor, and how many seconds ago the oldest was accepted; dead letters
    that nobody has replayed; reminders whose time has come."""

    pending: Mapping[str, int]
    oldest_pending_s: float
    dead_letters: int
    reminders_due: int


def read(connection: Connection, now: float) -> Figures:
    """As of ``now`` (wall time)."""
    rows = connection.execute(
        select(inbox.c.kind, func.count(), func.min(inbox.c.accepted_at)).where(_PENDING).group_by(inbox.c.kind)
    ).all()
    oldest = min((row[2] for row in rows), default=now)
    due = select(func.count()).select_from(reminders).where(reminders.c.due_at <= now)
    return Figures(
        pending={row[0]: row[1] for row in rows},
        oldest_pending_s=max(0.0, now - oldest),
        dead_letters=dead_letters.count(connection),
        reminders_due=int(connection.execute(due).scalar_one()),
    )
