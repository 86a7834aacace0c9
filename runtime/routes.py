"""Tenant → cell, as a process beside the cells knows it: the directory, read again from time to time.

Held by tests/unit/runtime/test_routes.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from runtime.clock import Clock
from runtime.directory import Directory
from runtime.errors import Unavailable

FRESH_S = 2.0


class Routes:
    """``load`` reads the stored directory. A cell that says ``Moved`` is a reason to read it anew."""

    def __init__(self, load: Callable[[], Awaitable[Directory]], clock: Clock) -> None:
        self._load = load
        self._clock = clock
        self._directory: Directory | None = None
        self._read_at = 0.0
        self._reading = asyncio.Lock()

    async def cell_of(self, tenant: str) -> str:
        """The cell to call for ``tenant``. Raises Unavailable where no cell has registered yet."""
        return (await self.directory()).cell_of(tenant)

    async def directory(self) -> Directory:
        async with self._reading:
            now = self._clock.monotonic()
            if self._directory is None or now - self._read_at >= FRESH_S:
                self._directory = await self._load()
                self._read_at = now
            if not self._directory.names:
                self._directory = None
                raise Unavailable("No cell serves yet.", do="Try again in a few seconds.", retry_after=3)
            return self._directory

    def stale(self) -> None:
        """What is known has proved wrong."""
        self._directory = None
