"""Reporting on a job while it runs: often enough to serve as a heartbeat, seldom enough to cost nothing.

Promises: a cell that is away for a moment does not disturb the work; a job that was taken away ends at once (Fenced).

Held by tests/unit/actors/ingest/test_progress.py and tests/unit/actors/ingest/test_pipeline.py.
"""

from __future__ import annotations

import asyncio

from actors.ingest.ports import IngestJob, JobBoard
from runtime.clock import Clock
from runtime.errors import Retryable

_EVERY_S = 0.5
_HEARTBEAT_S = 5.0


class Progress:
    """Where one job stands. ``beat`` runs beside the work and tells what ``at`` was too early to tell."""

    def __init__(self, board: JobBoard, job: IngestJob, clock: Clock) -> None:
        self._board = board
        self._job = job
        self._clock = clock
        self._told_at = float("-inf")
        self._told = ("", 0, 0)
        self._now = ("", 0, 0)

    async def at(self, stage: str, done: int = 0, total: int = 0) -> None:
        """Note where the job stands; told at most twice a second, so that a small document costs one report."""
        self._now = (stage, done, total)
        if self._due(_EVERY_S):
            await self._tell()

    async def beat(self) -> None:
        """Tell what is new, and every few seconds what is not, until cancelled. Raises Fenced when the job is lost."""
        while True:
            await asyncio.sleep(_EVERY_S)
            if self._due(_EVERY_S if self._now != self._told else _HEARTBEAT_S):
                await self._tell()

    def _due(self, after_s: float) -> bool:
        return self._clock.monotonic() - self._told_at >= after_s

    async def _tell(self) -> None:
        self._told_at, self._told = self._clock.monotonic(), self._now
        try:
            await self._board.progress(self._job, *self._now)
        except Retryable:
            return  # the next report comes soon
