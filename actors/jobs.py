"""The job board of a cell (``ingest.ports.JobBoard``): ingest workers claim here and report here.

The journal is the queue. A claim waits a few seconds for work, so that an idle worker costs nothing; a worker is
woken (or started) when there is something to do. Readers see a document's new version from the moment that
``finish`` has committed, and never a mixture.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial

import structlog
from pydantic import TypeAdapter
from sqlalchemy import Connection

from actors.changes import Changes
from actors.ingest.ports import FoundJoin, Ingested, IngestJob, LiveTable
from actors.library import live_tables
from actors.referring import keep_for_staff
from runtime.actor import RetryPolicy
from runtime.clock import Clock
from runtime.errors import Conflict, RagleapError
from runtime.journal import Journal, Lease
from runtime.random import Random
from runtime.store import jobs, library
from runtime.store.jobs import ClaimedJob
from runtime.store.wall import ACROSS_TENANTS

CLAIM_WAIT_S = 5.0
HEARTBEAT_S = 5.0
DEATHS = 6  # of its worker, which its cell outlived, after which a job is given up: something in it ends its reader

_TABLE: TypeAdapter[LiveTable] = TypeAdapter(LiveTable)
_JOIN: TypeAdapter[FoundJoin] = TypeAdapter(FoundJoin)

log = structlog.get_logger(__name__)


class Jobs:
    """``lease_of`` gives (and if need be acquires) the cell's lease of a tenant; ``wake_worker`` starts the ingest
    worker if it is not running; ``serves`` tells the tenants of this cell, whose jobs alone are given out."""

    def __init__(
        self,
        journal: Journal,
        *,
        lease_of: Callable[[str], Awaitable[Lease]],
        changes: Changes,
        clock: Clock,
        random: Random,
        retry: RetryPolicy,
        wake_worker: Callable[[], Awaitable[None]],
        serves: Callable[[str], bool] = lambda tenant: True,
        claim_wait_s: float = CLAIM_WAIT_S,
    ) -> None:
        self._journal = journal
        self._lease_of = lease_of
        self._changes = changes
        self._clock = clock
        self._random = random
        self._retry = retry
        self._wake_worker = wake_worker
        self._serves = serves
        self._claim_wait_s = claim_wait_s
        self._since = clock.now()
        self._work = asyncio.Event()  # for claims that wait
        self._unworked = asyncio.Event()  # for ``keep_worked``

    def queued(self) -> None:
        """Something was queued: let a waiting claim look."""
        self._work.set()
        self._unworked.set()

    async def keep_worked(self) -> None:
        """Start a worker whenever jobs wait and none has shown itself. Runs until cancelled."""
        while True:
            try:
                number, due = await self._journal.read(
                    partial(jobs.waiting, serves=self._serves), tenant=ACROSS_TENANTS
                )
                if number and (due is None or due <= self._clock.now() + 1):
                    await self._wake_worker()
            except RagleapError as error:
                log.error("jobs.upkeep_failed", error=str(error))
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    await self._unworked.wait()
            except TimeoutError:
                continue
            self._unworked.clear()
            await asyncio.sleep(0.2)  # a claim that was waiting takes it first; then look whether anyone did

    async def claim(self, worker: str) -> IngestJob | None:
        """The next job for ``worker`` ("name:incarnation"), or None after a few seconds without one."""
        until = self._clock.monotonic() + self._claim_wait_s
        while True:
            self._work.clear()
            look = partial(
                jobs.claim, worker=worker, now=self._clock.now(), serves=self._serves, heard_since=self._since
            )
            claimed = await self._journal.write(look, tenant=ACROSS_TENANTS)
            if claimed is not None and claimed.deaths >= DEATHS:
                await self.fail(_job(claimed), f"The worker died over this document {DEATHS} times.", False)
                continue
            if claimed is not None:
                return _job(claimed)
            left = until - self._clock.monotonic()
            if left <= 0:
                return None
            try:
                async with asyncio.timeout(left):
                    await self._work.wait()
            except TimeoutError:
                return None

    async def progress(self, job: IngestJob, stage: str, done: int, total: int) -> None:
        now = self._clock.now()
        await self._journal.write(
            lambda connection: jobs.progress(connection, job.tenant, job.job_id, job.attempt, stage, done, total, now),
            tenant=job.tenant,
        )

    async def finish(self, job: IngestJob, ingested: Ingested) -> None:
        """Flip the document to the job's version. Raises Conflict where joins were looked for in other tables than
        are live now, Fenced where the job was taken over or its document deleted."""
        now = self._clock.now()
        found = _made_live(ingested)

        def apply(connection: Connection) -> None:
            if ingested.tables:
                self._check_seen(connection, job, ingested)
            jobs.end(connection, job.tenant, job.job_id, job.attempt, jobs.DONE, now)
            if library.make_live(connection, job.tenant, job.document_id, job.version, found, now):
                keep_for_staff(connection, job.tenant, ingested.joins)

        await self._journal.write(apply, lease=await self._lease_of(job.tenant))
        self._changes.bump(job.tenant)
        self.queued()
        log.info("document.live", tenant=job.tenant, document=job.document_id, version=job.version)

    async def fail(self, job: IngestJob, reason: str, retryable: bool) -> None:
        """Try again later where that may help, else mark the version failed with its reason."""
        now = self._clock.now()
        lease = await self._lease_of(job.tenant)
        delay = self._retry.delay(job.failures + 1, self._random.random()) if retryable else None

        def apply(connection: Connection) -> None:
            if delay is not None:
                jobs.again(connection, job.tenant, job.job_id, job.attempt, due_at=now + delay, error=reason, now=now)
                return
            jobs.end(connection, job.tenant, job.job_id, job.attempt, jobs.FAILED, now, error=reason)
            if job.kind == "ingest":
                library.version_failed(connection, job.tenant, job.document_id, job.version, reason, now)

        await self._journal.write(apply, lease=lease)
        self.queued()

    async def collected(self, job: IngestJob, removed: Mapping[str, int]) -> None:
        now = self._clock.now()

        def apply(connection: Connection) -> None:
            jobs.end(connection, job.tenant, job.job_id, job.attempt, jobs.DONE, now)
            library.version_collected(connection, job.tenant, job.document_id, job.version, now)

        await self._journal.write(apply, lease=await self._lease_of(job.tenant))
        self._changes.bump(job.tenant)
        log.info("document.collected", tenant=job.tenant, document=job.document_id, version=job.version, **removed)

    async def tables(self, tenant: str) -> Sequence[LiveTable]:
        return await self._journal.read(lambda connection: live_tables(connection, tenant), tenant=tenant)

    def _check_seen(self, connection: Connection, job: IngestJob, ingested: Ingested) -> None:
        live = {
            (table.type.document_id, table.type.version)
            for table in live_tables(connection, job.tenant)
            if table.type.document_id != job.document_id
        }
        seen = {(document, version) for document, version in ingested.seen if document != job.document_id}
        if live != seen:
            raise Conflict("The tenant's tables changed while this one was being joined.", do="Look for joins again.")


def _job(claimed: ClaimedJob) -> IngestJob:
    return IngestJob(
        tenant=claimed.tenant,
        job_id=claimed.job_id,
        kind="collect" if claimed.kind == "collect" else "ingest",
        document_id=claimed.document_id,
        version=claimed.version,
        blob_key=claimed.blob_key,
        filename=claimed.filename,
        media_type=claimed.media_type,
        title=claimed.title,
        metadata=json.loads(claimed.metadata),
        trace_id=claimed.trace_id,
        attempt=claimed.attempts,
        failures=claimed.failures,
        deaths=claimed.deaths,
    )


def _made_live(ingested: Ingested) -> library.MadeLive:
    return library.MadeLive(
        pages=ingested.pages,
        entities=ingested.entities,
        relations=ingested.relations,
        parsed_key=ingested.parsed_key,
        occurred_on=ingested.occurred_on,
        title=ingested.title,
        media_type=ingested.media_type,
        chunks=[
            {
                "ordinal": chunk.ordinal,
                "chunk_id": chunk.chunk_id,
                "start": chunk.start,
                "end": chunk.end,
                "page": chunk.page,
                "heading": chunk.heading,
            }
            for chunk in ingested.chunks
        ],
        tables=[_TABLE.dump_json(table).decode() for table in ingested.tables],
        joins=[_JOIN.dump_json(join).decode() for join in ingested.joins],
        audience=ingested.audience,
    )
