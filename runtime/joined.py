"""Reads that many ask for at once are made once: whoever asks while one is under way gets the next, together.

Nobody is answered by a read that began before it asked, so nothing is cached: what is revoked is revoked for the next
one that asks.

Held by tests/unit/runtime/test_joined.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

V = TypeVar("V")


class Joined(Generic[V]):
    """``read`` by a key. It must have a deadline, and its failure is told to all who joined."""

    def __init__(self, read: Callable[[str], Awaitable[V]]) -> None:
        self._read = read
        self._running: dict[str, asyncio.Task[V]] = {}
        self._next: dict[str, asyncio.Task[V]] = {}

    async def get(self, key: str) -> V:
        running = self._running.get(key)
        if running is None:
            task = self._begin(key, self._running, None)
        else:
            task = self._next.get(key) or self._begin(key, self._next, running)
        return await asyncio.shield(task)

    def _begin(self, key: str, where: dict[str, asyncio.Task[V]], before: asyncio.Task[V] | None) -> asyncio.Task[V]:
        task = where[key] = asyncio.get_running_loop().create_task(self._make(key, before))
        task.add_done_callback(lambda done: self._over(key, done))
        return task

    async def _make(self, key: str, before: asyncio.Task[V] | None) -> V:
        if before is not None:
            await asyncio.wait([before])
            self._running[key] = self._next.pop(key)  # this one; who asks from here on waits for the one after it
        return await self._read(key)

    def _over(self, key: str, task: asyncio.Task[V]) -> None:
        for where in (self._running, self._next):
            if where.get(key) is task:
                del where[key]
        if not task.cancelled():
            task.exception()  # those who asked may all have left
