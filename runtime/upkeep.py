"""What a cell does for a tenant by itself, once a tick and under its lease: send the reminders that are due, have the
outbox look after what it put off, and let go of rows that are too old. Each pass is bounded.

Held by tests/unit/runtime/test_reminders.py, tests/unit/runtime/test_outbox.py and
tests/unit/runtime/test_retention.py.
"""

from __future__ import annotations

from runtime.journal import Journal
from runtime.limits import Limits
from runtime.outbox import Outbox
from runtime.reminders import Reminders, Write
from runtime.retention import Retention


class Upkeep:
    """One tenant's. Knows in memory when there is something to do."""

    __slots__ = ("_outbox", "_reminders", "_retention")

    def __init__(self, tenant: str, journal: Journal, limits: Limits, now: float, outbox: Outbox) -> None:
        self._outbox = outbox
        self._reminders = Reminders(tenant, journal)
        self._retention = Retention(tenant, journal, limits, now)

    def due(self, now: float) -> bool:
        """Whether there is something to do at ``now`` (wall time)."""
        return self._outbox.due(now) or self._reminders.due(now) or self._retention.due(now)

    def reminders_changed(self) -> None:
        self._reminders.changed()

    async def run(self, now: float, write: Write) -> None:
        """Do it; ``write`` runs work in the journal under the tenant's lease."""
        if self._outbox.due(now):
            self._outbox.wake()
        if self._reminders.due(now):
            await self._reminders.send(now, write)
        if self._retention.due(now):
            await self._retention.prune(now, write)
