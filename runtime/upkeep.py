"""What a cell does for a tenant by itself, once a tick and under its lease: send the reminders that are due."""

from __future__ import annotations

from runtime.journal import Journal
from runtime.limits import Limits
from runtime.reminders import Reminders, Write


class Upkeep:
    """One tenant's. Knows in memory when there is something to do."""

    __slots__ = ("_reminders",)

    def __init__(self, tenant: str, journal: Journal, limits: Limits) -> None:
        self._reminders = Reminders(tenant, journal)

    def due(self, now: float) -> bool:
        """Whether there is something to do at ``now`` (wall time)."""
        return self._reminders.due(now)

    def reminders_changed(self) -> None:
        self._reminders.changed()

    async def run(self, now: float, write: Write) -> None:
        """``write`` runs work in the journal under the tenant's lease."""
        if self._reminders.due(now):
            await self._reminders.send(now, write)
