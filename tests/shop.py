"""A tenant's documents without an ingest worker: real actors, jobs and journal, a toy of what ingestion found."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from toys import FakeClock, envelope

from actors.audience import Audience
from actors.changes import Changes
from actors.documents import DocumentsActor
from actors.ingest.ports import ChunkMeta, Ingested, IngestJob
from actors.jobs import Jobs
from actors.library import JournalLibrary
from actors.messages import DeleteDocument, DocumentAccepted, DocumentDeleted, SubmitDocument
from actors.records import JournalRecords
from runtime.actor import ActorContext, Kind, RetryPolicy
from runtime.cell import Cell
from runtime.codec import Codec
from runtime.journal import Journal, Lease
from runtime.limits import Limits


@dataclass
class Shop:
    """``woken`` counts how often a worker was to be started."""

    cell: Cell
    jobs: Jobs
    changes: Changes
    journal: Journal
    clock: FakeClock
    make_jobs: Callable[[], Jobs]
    woken: list[str] = field(default_factory=list)

    def restart_board(self) -> None:
        """The board of a cell that comes up anew on the same journal."""
        self.jobs = self.make_jobs()

    async def submit(
        self,
        document_id: str,
        *,
        job_id: str = "",
        tenant: str = "acme",
        audience: Audience | None = None,
        title: str = "",
        sha256: str = "",
    ) -> DocumentAccepted:
        self.clock.advance(1)
        job = job_id or f"job_{document_id}_{self.clock.now():.0f}"
        message = SubmitDocument(
            document_id=document_id,
            job_id=job,
            blob_key=f"uploads/{document_id}",
            filename=f"{document_id}.md",
            media_type="text/markdown",
            sha256=sha256 or hashlib.sha256(job.encode()).hexdigest(),
            size=3,
            audience=audience,
            title=title,
        )
        accepted: DocumentAccepted = await self.cell.ask(envelope(message, self.clock, kind="documents", tenant=tenant))
        return accepted

    async def delete(self, document_id: str) -> DocumentDeleted:
        self.clock.advance(1)
        deleted: DocumentDeleted = await self.cell.ask(
            envelope(DeleteDocument(document_id=document_id), self.clock, kind="documents")
        )
        return deleted

    async def claim(self, worker: str = "w:1") -> IngestJob:
        self.clock.advance(1)
        job = await self.jobs.claim(worker)
        assert job is not None
        return job

    async def ingest(self, document_id: str, *, sha256: str = "") -> int:
        """Submit and see it through; returns the version."""
        accepted = await self.submit(document_id, sha256=sha256)
        job = await self.claim()
        assert (job.kind, job.document_id) == ("ingest", document_id)
        await self.jobs.finish(job, found(job))
        return accepted.version

    async def collect_everything(self) -> list[tuple[str, int]]:
        """Do every collect job that waits; returns what was collected."""
        gone: list[tuple[str, int]] = []
        while (job := await self.jobs.claim("w:1")) is not None:
            assert job.kind == "collect"
            await self.jobs.collected(job, {})
            gone.append((job.document_id, job.version))
            self.clock.advance(10)
        return gone

    async def live(self, tenant: str = "acme") -> dict[str, int]:
        library = JournalLibrary(tenant, self.journal, lambda: self.changes.generation(tenant))
        return {name: document.version for name, document in (await library.live()).items()}

    def records(self, tenant: str = "acme") -> JournalRecords:
        return JournalRecords(tenant, self.journal)


def found(job: IngestJob, chunks: int = 2) -> Ingested:
    """What ingestion of ``job`` reports."""
    return Ingested(
        pages=1,
        parsed_key=f"parsed/{job.document_id}/{job.version}",
        occurred_on=None,
        title=f"{job.document_id} v{job.version}",
        media_type=job.media_type,
        chunks=[
            ChunkMeta(
                chunk_id=f"{job.document_id}:{job.version}:{n}", ordinal=n, start=n, end=n + 1, page=None, heading=""
            )
            for n in range(chunks)
        ],
        entities=1,
        relations=0,
    )


async def open_shop(journal: Journal, clock: FakeClock) -> Shop:
    """The tenants must exist already."""
    changes, woken = Changes(), []

    async def lease_of(tenant: str) -> Lease:
        return (await cell.tenant(tenant)).lease

    async def wake() -> None:
        woken.append("worker")

    def make_jobs() -> Jobs:
        return Jobs(
            journal,
            lease_of=lease_of,
            changes=changes,
            clock=clock,
            random=random.Random(7),
            retry=RetryPolicy(tries=3, first_s=5),
            wake_worker=wake,
            claim_wait_s=0.01,
        )

    jobs = make_jobs()

    def make(context: ActorContext) -> DocumentsActor:
        return DocumentsActor(context, journal=journal, changes=changes, queued=jobs.queued)

    cell = Cell(
        "cell-0",
        kinds={"documents": Kind(actor=DocumentsActor, make=make)},
        journal=journal,
        codec=Codec([]),
        clock=clock,
        random=random.Random(7),
        limits=Limits(tick_s=0.005),
    )
    await cell.start()
    return Shop(cell, jobs, changes, journal, clock, make_jobs, woken)
