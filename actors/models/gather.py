"""Queries that arrive together are embedded together: one run of the model for many callers.

No timer: while the model works on one batch, the next one gathers. So a lone query waits for nothing, and a burst
costs few runs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

from runtime.errors import Overloaded

_In = TypeVar("_In")
_Out = TypeVar("_Out")
_WAITING: Final = 512


class Gather(Generic[_In, _Out]):
    """Batches calls of ``work``: at most ``most`` items a run, at most ``_WAITING`` items waiting."""

    def __init__(self, work: Callable[[Sequence[_In]], Awaitable[Sequence[_Out]]], *, most: int = 16) -> None:
        self._work = work
        self._most = most
        self._waiting: list[tuple[_In, asyncio.Future[_Out]]] = []
        self._runner: asyncio.Task[None] | None = None

    async def each(self, items: Sequence[_In]) -> list[_Out]:
        """The results for ``items`` in order; raises what the run that held them raised."""
        if len(self._waiting) + len(items) > _WAITING:
            raise Overloaded("The model is busy.", retry_after=1.0)
        loop = asyncio.get_running_loop()
        futures = [loop.create_future() for _ in items]
        self._waiting.extend(zip(items, futures, strict=True))
        if self._runner is None:
            self._runner = asyncio.create_task(self._run())
        try:
            return list(await asyncio.gather(*futures))
        finally:
            for future in futures:  # a caller that left is not computed for
                future.cancel()

    async def _run(self) -> None:
        try:
            while self._waiting:
                taken, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                wanted = [(item, future) for item, future in taken if not future.done()]
                if wanted:
                    await self._one(wanted)
        finally:
            self._runner = None

    async def _one(self, wanted: Sequence[tuple[_In, asyncio.Future[_Out]]]) -> None:
        try:
            results = await self._work([item for item, _ in wanted])
        except Exception as error:  # handed to those who wait
            for _, future in wanted:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), result in zip(wanted, results, strict=True):
            if not future.done():
                future.set_result(result)
