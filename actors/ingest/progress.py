"""Reporting on a job while it runs: often enough to serve as a heartbeat, seldom enough to cost nothing.

Promises: a cell that is away for a moment does not disturb the work; a job that was taken away ends at once (Fenced).
"""

from __future__ import annotations

import asyncio

from actors.ingest.ports import IngestJob, JobBoard
from runtime.clock import Clock
from runtime.errors import Retryable

_EVERY_S = 0.5
_HEARTBEAT_S = 5.0


class Progress:
    """Where one job stands."""

    def __init__(self, board: JobBoard, job: IngestJob, clock: Clock) -> None:
        self._board = board
        self._job = job
        self._clock = clock
        self._told_at = float("-inf")
        self._now = ("starting", 0, 0)

    async def at(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Say where the job stands; a new stage and a stage's end are always told."""
        changed = stage != self._now[0] or (total > 0 and done >= total)
        self._now = (stage, done, total)
        if changed or self._clock.monotonic() - self._told_at >= _EVERY_S:
            await self._tell()

    async def beat(self) -> None:
        """Tell again every few seconds until cancelled. Raises Fenced when the job is no longer ours."""
        while True:
            await asyncio.sleep(_HEARTBEAT_S)
            if self._clock.monotonic() - self._told_at >= _HEARTBEAT_S / 2:
                await self._tell()

    async def _tell(self) -> None:
        self._told_at = self._clock.monotonic()
        try:
            await self._board.progress(self._job, *self._now)
        except Retryable:
            return  # the next report comes soon
