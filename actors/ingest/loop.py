"""The worker's loop: claim jobs, run a few at once, report each one's end; stop when there is nothing to do.

Promises: every claimed job is reported finished, collected or failed, unless the cell has taken it away or this
process dies (then the cell gives it to the next worker); a document's own jobs never overlap; joins are looked for
one document at a time within a tenant; what has killed workers before is done alone, so that nothing else dies of it.

Held by tests/unit/actors/ingest/test_pipeline.py.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from actors.ingest.pipeline import Pipeline
from actors.ingest.ports import IngestJob, JobBoard
from runtime.clock import Clock, SystemClock
from runtime.errors import Conflict, Fenced, RagleapError, Retryable, Terminal

_LINK_TRIES = 8
_SETTLE_AFTER_S = 15.0
_LOOK_S = 0.1  # a claim waits by itself; this only keeps a board that does not from being asked in a spin
_SUSPECT = 2  # deaths of a worker, with others' documents beside it, after which a job is done alone
_AWAY_S = 1.0  # wait before asking a cell again that did not answer

log = structlog.get_logger(__name__)


class IngestLoop:
    """``parallel`` documents at once: while one is parsed, another is embedded. Ends after ``idle_s`` without work."""

    def __init__(
        self,
        board: JobBoard,
        pipeline: Pipeline,
        *,
        worker: str,
        idle_s: float = 60.0,
        parallel: int = 3,
        clock: Clock | None = None,
    ) -> None:
        self._board = board
        self._pipeline = pipeline
        self._worker = worker
        self._idle_s = idle_s
        self._parallel = parallel
        self._clock = clock or SystemClock()
        self._locks = _Locks()
        self._unsettled: dict[str, float] = {}  # tenant → since when rows wait to be made fast

    async def run(self) -> int:
        """Work until idle; returns how many jobs were done."""
        done = 0
        running: set[asyncio.Task[None]] = set()
        last = self._clock.monotonic()
        async with asyncio.TaskGroup() as group:
            while True:
                if len(running) >= self._parallel:
                    await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                running = {task for task in running if not task.done()}
                job = await self._claim()
                if job is not None:
                    if job.deaths >= _SUSPECT:
                        if running:
                            await asyncio.wait(running)
                        await self.do(job)
                    else:
                        running.add(group.create_task(self.do(job)))
                    done += 1
                    last = self._clock.monotonic()
                elif running:
                    last = self._clock.monotonic()
                    await asyncio.wait(running, timeout=_LOOK_S, return_when=asyncio.FIRST_COMPLETED)
                else:
                    await self._settle(every=True)
                    if self._clock.monotonic() - last >= self._idle_s:
                        return done
                    await asyncio.sleep(_LOOK_S)
                await self._settle(every=False)

    async def do(self, job: IngestJob) -> None:
        """Run one job and report its end."""
        seen = {"tenant": job.tenant, "job": job.job_id, "document": job.document_id, "version": job.version}
        try:
            async with self._locks.held((job.tenant, job.document_id)):
                if job.kind == "collect":
                    # Not while joins are stored: an edge of what goes might be put back after it was removed.
                    async with self._locks.held((job.tenant, "")):
                        removed = await self._pipeline.collect(job)
                    await self._board.collected(job, removed)
                else:
                    await self._ingest(job)
            log.info("ingest.done", kind=job.kind, **seen)
        except Fenced:
            log.info("ingest.taken_away", **seen)
        except RagleapError as error:
            log.warning("ingest.failed", error=str(error), kind=error.kind, **seen)
            await self._fail(job, str(error), retryable=not isinstance(error, Terminal))
        except Exception as error:
            log.exception("ingest.broke", **seen)
            await self._fail(job, f"Something unexpected happened ({type(error).__name__}).", retryable=True)

    async def _ingest(self, job: IngestJob) -> None:
        draft = await self._pipeline.prepare(job, self._board)
        async with self._locks.held((job.tenant, "")):
            draft = await self._pipeline.resolve(draft)
            for attempt in range(_LINK_TRIES):
                ingested = await self._pipeline.link(draft, self._board)
                try:
                    await self._board.finish(job, ingested)
                    break
                except Conflict:
                    if attempt + 1 == _LINK_TRIES:
                        raise Retryable("Other tables kept changing while this one was being joined.") from None
        self._unsettled.setdefault(job.tenant, self._clock.monotonic())

    async def _claim(self) -> IngestJob | None:
        try:
            return await self._board.claim(self._worker)
        except RagleapError as error:  # of whatever kind: it is no reason to leave, and jobs may be running
            log.warning("ingest.no_claim", worker=self._worker, error=str(error))
            await asyncio.sleep(_AWAY_S)
            return None

    async def _fail(self, job: IngestJob, reason: str, *, retryable: bool) -> None:
        try:
            await self._board.fail(job, reason, retryable)
        except RagleapError as error:  # the cell is away or has taken the job: it will give it to somebody again
            log.warning("ingest.unreported", tenant=job.tenant, job=job.job_id, error=str(error))

    async def _settle(self, *, every: bool) -> None:
        now = self._clock.monotonic()
        for tenant in [t for t, since in self._unsettled.items() if every or now - since >= _SETTLE_AFTER_S]:
            del self._unsettled[tenant]
            try:
                await self._pipeline.settle(tenant)
            except RagleapError as error:  # only speed is lost
                log.warning("ingest.unsettled", tenant=tenant, error=str(error))


class _Locks:
    """A lock per key for as long as somebody holds it or waits for it."""

    def __init__(self) -> None:
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}
        self._users: Counter[tuple[str, str]] = Counter()

    @asynccontextmanager
    async def held(self, key: tuple[str, str]) -> AsyncIterator[None]:
        lock = self._locks.setdefault(key, asyncio.Lock())
        self._users[key] += 1
        try:
            async with lock:
                yield
        finally:
            self._users[key] -= 1
            if not self._users[key]:
                del self._users[key], self._locks[key]
