"""The cell's side of ingestion for tests: a queue in memory that keeps the promises of ``JobBoard``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from actors.ingest.ports import Ingested, IngestJob, LiveTable
from runtime.errors import Conflict


class Board:
    """Hands out jobs in order, flips versions, and queues the old version's collection."""

    def __init__(self) -> None:
        self.queue: list[IngestJob] = []
        self.live: dict[tuple[str, str], tuple[int, Ingested]] = {}
        self.failed: dict[str, tuple[str, bool]] = {}
        self.removed: dict[str, Mapping[str, int]] = {}
        self.stages: list[tuple[str, int, int]] = []

    async def claim(self, worker: str) -> IngestJob | None:
        return self.queue.pop(0) if self.queue else None

    async def progress(self, job: IngestJob, stage: str, done: int, total: int) -> None:
        self.stages.append((stage, done, total))

    async def finish(self, job: IngestJob, ingested: Ingested) -> None:
        others = {
            (t.type.document_id, t.type.version)
            for t in await self.tables(job.tenant)
            if t.type.document_id != job.document_id
        }
        if ingested.tables and others != set(ingested.seen):
            raise Conflict("The tables have changed.")
        old = self.live.get((job.tenant, job.document_id))
        self.live[job.tenant, job.document_id] = (job.version, ingested)
        if old is not None and old[0] != job.version:
            self.queue.append(collect_job(job, old[0]))

    async def fail(self, job: IngestJob, reason: str, retryable: bool) -> None:
        self.failed[job.document_id] = (reason, retryable)

    async def collected(self, job: IngestJob, removed: Mapping[str, int]) -> None:
        self.removed[f"{job.document_id}.{job.version}"] = removed

    async def tables(self, tenant: str) -> Sequence[LiveTable]:
        return [table for (owner, _), (_, made) in self.live.items() if owner == tenant for table in made.tables]


def collect_job(job: IngestJob, version: int) -> IngestJob:
    """The job that removes ``version`` of the document of ``job``."""
    return IngestJob(
        tenant=job.tenant,
        job_id=f"{job.job_id}_collect_{version}",
        kind="collect",
        document_id=job.document_id,
        version=version,
        blob_key=f"uploads/{job.document_id}/{version}",
    )
