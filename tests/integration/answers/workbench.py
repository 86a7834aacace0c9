"""A cell without Ray, over real stores and models: documents go in as the platform takes them, questions come out.

What a test of answers needs and no more: journal, cell, job board, ingest loop, retrieval and composer, wired as the
composition root wires them.
"""

from __future__ import annotations

import hashlib
import mimetypes
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from actors.audience import Audience
from actors.changes import Changes
from actors.compose.gate import GateSettings
from actors.composer import Composer
from actors.documents import DocumentsActor
from actors.ingest.chunk import Chunker
from actors.ingest.extract import Extractor
from actors.ingest.loop import IngestLoop
from actors.ingest.parse_process import ParseProcess
from actors.ingest.pipeline import Pipeline
from actors.jobs import Jobs
from actors.library import JournalLibrary
from actors.messages import Answer, AskSet, Found, Search, SetAnswer, SubmitDocument
from actors.models.onnx_embedder import OnnxEmbedder
from actors.models.onnx_reranker import OnnxReranker
from actors.records import JournalRecords
from actors.retrieval.search import HybridSearch
from actors.retrieval.set_question import SetQuestions
from actors.stores.blobs import FileBlobs
from actors.stores.bolt_graph import Bolt
from actors.stores.milvus_vectors import Milvus
from actors.tenancy import Tenancy
from runtime.actor import ActorContext, Kind, RetryPolicy
from runtime.address import ActorId
from runtime.cell import Cell
from runtime.clock import SystemClock
from runtime.codec import Codec
from runtime.ids import new_id
from runtime.journal import Journal, Lease
from runtime.limits import Limits
from runtime.message import Envelope, Trace
from runtime.principal import Principal, Role
from runtime.store.database import prepare


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """The stores and models that a workbench stands on."""

    graphs: Bolt
    vectors: Milvus
    embedder: OnnxEmbedder
    reranker: OnnxReranker
    tokenizer: Path
    extractor: Extractor | None
    gate: GateSettings


@dataclass(slots=True, kw_only=True)
class Workbench:
    """Make it with ``open_workbench``. ``files`` of a tenant: document id → path below the ingested folder."""

    outside: Outside
    journal: Journal
    blobs: FileBlobs
    cell: Cell
    jobs: Jobs
    changes: Changes
    tenancy: Tenancy
    loop: IngestLoop
    files: dict[str, dict[str, str]] = field(default_factory=dict)
    _libraries: dict[str, JournalLibrary] = field(default_factory=dict)

    async def tenant(self, name: str) -> str:
        return str((await self.tenancy.create(name))["tenant"])

    async def submit(self, tenant: str, folder: Path, files: Iterable[Path]) -> None:
        """Queue files that lie below ``folder``, as uploads by the tenant's owner."""
        for path in files:
            data, name = path.read_bytes(), path.relative_to(folder).as_posix()
            document = f"d{hashlib.sha256(name.encode()).hexdigest()[:12]}"
            key = f"uploads/{document}/{path.name}"
            await self.blobs.bound(tenant).put(key, data)
            submission = SubmitDocument(
                document_id=document,
                job_id=new_id("job"),
                blob_key=key,
                filename=path.name,
                media_type=mimetypes.guess_type(path.name)[0] or "application/octet-stream",
                sha256=hashlib.sha256(data).hexdigest(),
                size=len(data),
            )
            await self.cell.ask(_envelope(tenant, "documents", submission))
            self.files.setdefault(tenant, {})[document] = name

    async def ingest(self) -> None:
        """Work until nothing waits; raises AssertionError with the reason of any document that failed."""
        await self.loop.run()
        for tenant in self.files:
            records = JournalRecords(tenant, self.journal)
            failed = [f"{d.filename}: {d.error}" for d in await records.documents(limit=1_000) if d.state != "ready"]
            assert not failed, failed

    async def ask_set(self, tenant: str, question: str, as_of: str | None) -> SetAnswer:
        return await self._set_questions(tenant).answer(AskSet(question=question, as_of=as_of))

    async def search(self, tenant: str, request: Search, reader: Audience) -> Found:
        return await self._search(tenant).search(request, reader)

    async def compose_for_customer(self, tenant: str, question: str) -> Answer:
        """As a customer's session gets it: no set questions, nothing that is for staff."""
        search = self._search(tenant)

        async def searched(request: Search) -> Found:
            return await search.search(request, Audience.PUBLIC)

        return await self._composer(searched, None).compose(question)

    async def compose(self, tenant: str, question: str, as_of: str | None = None) -> Answer:
        """The extractive answer, as a conversation's session gets it."""
        composer = self._composer(self._search(tenant).search, self._set_questions(tenant).answer)
        return await composer.compose(question, as_of=as_of)

    def cited(self, tenant: str, answer: Answer) -> list[str]:
        """The files that an answer cites."""
        return list(dict.fromkeys(self.files[tenant][c.document_id] for c in answer.citations))

    def _composer(
        self,
        search: Callable[[Search], Awaitable[Found]],
        ask_set: Callable[[AskSet], Awaitable[SetAnswer]] | None,
    ) -> Composer:
        outside = self.outside
        return Composer(search, ask_set, outside.reranker, None, outside.gate, matcher=outside.embedder)

    def _search(self, tenant: str) -> HybridSearch:
        outside = self.outside
        return HybridSearch(
            outside.vectors.bound(tenant),
            outside.graphs.bound(tenant),
            outside.embedder,
            outside.reranker,
            self._library(tenant),
        )

    def _set_questions(self, tenant: str) -> SetQuestions:
        outside = self.outside
        return SetQuestions(
            outside.graphs.bound(tenant),
            outside.vectors.bound(tenant),
            self._library(tenant),
            outside.embedder,
            outside.reranker,
            SystemClock(),
        )

    def _library(self, tenant: str) -> JournalLibrary:
        if tenant not in self._libraries:
            self._libraries[tenant] = JournalLibrary(tenant, self.journal, lambda: self.changes.generation(tenant))
        return self._libraries[tenant]


@asynccontextmanager
async def open_workbench(folder: Path, outside: Outside) -> AsyncIterator[Workbench]:
    """A started workbench with its journal and blobs in ``folder``; its tenants' rows are dropped at the end."""
    url = f"sqlite:///{folder / 'journal.db'}"
    prepare(url)
    clock, changes, random_source = SystemClock(), Changes(), random.Random(1)
    blobs = FileBlobs(str(folder / "blobs"))
    async with AsyncExitStack() as stack:
        journal = Journal(url)
        stack.callback(journal.close)
        jobs_of: list[Jobs] = []
        cell = Cell(
            "workbench",
            kinds={"documents": Kind(actor=DocumentsActor, make=lambda c: _documents(c, journal, changes, jobs_of))},
            journal=journal,
            codec=Codec([]),
            clock=clock,
            random=random_source,
            limits=Limits(lease_ttl_s=120.0),
        )

        async def lease_of(tenant: str) -> Lease:
            return (await cell.tenant(tenant)).lease

        jobs = Jobs(
            journal,
            lease_of=lease_of,
            changes=changes,
            clock=clock,
            random=random_source,
            retry=RetryPolicy(tries=3, first_s=1.0),
            wake_worker=_nobody,
        )
        jobs_of.append(jobs)
        await cell.start()
        stack.push_async_callback(cell.drain)
        parser = ParseProcess()
        stack.push_async_callback(parser.close)
        pipeline = Pipeline(
            blobs_for=blobs.bound,
            vectors_for=outside.vectors.bound,
            graph_for=outside.graphs.bound,
            embedder=outside.embedder,
            parser=parser,
            chunker=Chunker(outside.tokenizer, tokens=512, overlap=50),
            extractor=outside.extractor,
        )
        bench = Workbench(
            outside=outside,
            journal=journal,
            blobs=blobs,
            cell=cell,
            jobs=jobs,
            changes=changes,
            tenancy=Tenancy(
                journal,
                clock=clock,
                secret=b"a secret of the workbench",
                drop_actors=cell.drop,
                require_served=cell.require_served,
                vectors_for=outside.vectors.bound,
                graph_for=outside.graphs.bound,
                blobs_for=blobs.bound,
            ),
            loop=IngestLoop(jobs, pipeline, worker=f"workbench:{new_id('w')}", idle_s=0.0),
        )
        yield bench
        for tenant in bench.files:
            await outside.vectors.bound(tenant).drop()
            await outside.graphs.bound(tenant).drop()


def _documents(context: ActorContext, journal: Journal, changes: Changes, jobs: list[Jobs]) -> DocumentsActor:
    return DocumentsActor(context, journal=journal, changes=changes, queued=jobs[0].queued)


async def _nobody() -> None:
    """The workbench runs its worker itself."""


def _envelope(tenant: str, kind: str, body: object) -> Envelope:
    return Envelope(
        message_id=new_id("m"),
        to=ActorId(tenant, kind, "main"),
        principal=Principal(tenant=tenant, role=Role.OWNER, identity="test", verified_by="test"),
        body=body,
        trace=Trace.new(),
        deadline=time.time() + 30.0,
    )
