"""Retention: rows that have done their work are let go, a few at a time.

A message that is done is kept for ``message_retention_s``, so that its sender may tell it again and is still heard
as the first time; then its id and dedupe key are forgotten, and what was sent out for it. Finished jobs and dead
letters (with their messages) are kept for ``dead_letter_retention_s``. Conversations and their history are never
touched, and nothing that is pending, waiting to be sent or replayed.

Each pass removes at most ``prune_rows`` of a table; only a tenant that is awake in its cell is pruned, since nothing
grows for one that is asleep.

Held by tests/unit/runtime/test_retention.py.
"""

from __future__ import annotations

import structlog

from runtime.journal import Journal
from runtime.limits import Limits
from runtime.reminders import Write
from runtime.store import retention
from runtime.store.retention import Cuts

log = structlog.get_logger(__name__)


class Retention:
    """One tenant's, in the cell that holds its lease."""

    __slots__ = ("_journal", "_limits", "_next", "_tenant")

    def __init__(self, tenant: str, journal: Journal, limits: Limits, now: float) -> None:
        self._tenant = tenant
        self._journal = journal
        self._limits = limits
        self._next = now + limits.tick_s  # first of all a tenant that wakes is served

    def due(self, now: float) -> bool:
        return now >= self._next

    async def prune(self, now: float, write: Write) -> int:
        """One pass; returns how many rows are gone. ``write`` runs under the lease. The next pass follows at once where
        there may be more."""
        limits, tenant = self._limits, self._tenant
        self._next = now + limits.prune_every_s
        cuts = Cuts(messages=now - limits.message_retention_s, letters=now - limits.dead_letter_retention_s)
        old = await self._journal.read(
            lambda connection: retention.find(connection, tenant, cuts, limits.prune_rows), tenant=tenant
        )
        if not old:
            return 0
        gone = await write(lambda connection: retention.remove(connection, tenant, old, cuts))
        if old.full(limits.prune_rows):
            self._next = now
        log.info("tenant.pruned", tenant=tenant, rows=gone)
        return gone
