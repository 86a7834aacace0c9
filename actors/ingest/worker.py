"""The ingest worker as a Ray actor: a process of its own, started when jobs wait, gone when there are none.

Promises: everything in it runs at SCHED_IDLE, children included, so that calls and chat never wait behind a batch;
memory goes back to the system between documents; the collaborators come from the composition root's builder.

Held by tests/integration/test_ingest_worker.py.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, TypeAlias

import ray
import structlog

from actors.ingest.loop import IngestLoop

Build: TypeAlias = Callable[[str], AbstractAsyncContextManager[IngestLoop]]
Idle: TypeAlias = Callable[[], Awaitable[None]]

_TRIM_THRESHOLD, _ARENA_MAX = -1, -8  # glibc's mallopt parameters
_TRIM_EVERY_S = 10.0

log = structlog.get_logger(__name__)


class IngestWorker:
    """``build(worker)`` makes the loop with its stores, models and job board, and closes them after.

    ``worker`` is "name:incarnation": a new process of the same name takes over what the dead one held.
    """

    def __init__(self, build: Build, worker: str) -> None:
        lower_priority()
        frugal_memory()
        self._build = build
        self._worker = worker
        self._works = False

    async def run(self) -> int:
        """Work until idle; returns how many jobs were done. The actor is of no use afterwards."""
        trimming = asyncio.create_task(_keep_trimming())
        try:
            async with self._build(self._worker) as loop:
                return await loop.run()
        finally:
            trimming.cancel()
            await asyncio.gather(trimming, return_exceptions=True)

    async def run_and_leave(self) -> None:
        """Work until idle, then end the process, so that its memory is free for others. It ends as well where its work
        has failed: the cell starts another one, but not beside one that is there and does nothing. Called again while
        it works, it returns at once: a cell that died may have made the worker and not come to set it to work."""
        if self._works:
            return
        self._works = True
        try:
            done = await self.run()
            log.info("ingest.idle", worker=self._worker, done=done)
        except Exception:
            log.exception("ingest.worker_failed", worker=self._worker)
        ray.actor.exit_actor()  # type: ignore[no-untyped-call]

    def alive(self) -> str:
        return self._worker


def remote_worker(**options: Any) -> Any:
    """The actor class with Ray's options (name, resources, ...). It never restarts by itself: the cell wakes it."""
    made: Any = ray.remote(IngestWorker)
    return made.options(max_concurrency=4, max_restarts=0, **{"num_cpus": 0, **options})


def lower_priority() -> None:
    """Every thread there is, and so every thread and child to come, runs only when nobody else wants the processor."""
    idle = os.sched_param(0)
    for thread in Path("/proc/self/task").iterdir():
        try:
            os.sched_setscheduler(int(thread.name), os.SCHED_IDLE, idle)
        except (ProcessLookupError, PermissionError) as error:  # a thread that has just ended; a locked-down kernel
            log.debug("ingest.priority_unchanged", thread=thread.name, error=str(error))


def frugal_memory() -> None:
    """Few arenas, and freed memory back to the system early (glibc; elsewhere nothing happens)."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(_ARENA_MAX, 2)
        libc.mallopt(_TRIM_THRESHOLD, 128 * 1024)


async def _keep_trimming() -> None:
    libc = ctypes.CDLL(None)
    while hasattr(libc, "malloc_trim"):
        await asyncio.sleep(_TRIM_EVERY_S)
        libc.malloc_trim(0)
