"""The real stores, models and ingest pipeline, with a question set loaded: what quality is measured on."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from retrieval_sets import QuestionSet

from actors.ingest.chunk import Chunker
from actors.ingest.extract import Extractor, SpacyEntities
from actors.ingest.parse_process import ParseProcess
from actors.ingest.pipeline import Pipeline
from actors.ingest.ports import Ingested, IngestJob, LiveTable
from actors.models.names import EMBEDDER, RERANKER
from actors.models.onnx_embedder import OnnxEmbedder
from actors.models.onnx_reranker import OnnxReranker
from actors.ports import Catalogue, LiveDocument
from actors.retrieval.search import HybridSearch, SearchSettings
from actors.stores.blobs import FileBlobs
from actors.stores.bolt_graph import Bolt
from actors.stores.milvus_vectors import Milvus
from cluster.embedded.arcadedb import ArcadeDb
from cluster.embedded.milvus_lite import MilvusLite
from runtime.config import Settings

_AT_ONCE = 1  # the extractor's model serves one document at a time


@dataclass(frozen=True, slots=True)
class LoadedLibrary:
    """The documents of a loaded set, all live at version 1."""

    documents: Mapping[str, LiveDocument]

    async def live(self) -> Mapping[str, LiveDocument]:
        return self.documents

    async def catalogue(self) -> Catalogue:
        return Catalogue(types=(), joins=())


class _Board:
    """Takes the pipeline's reports; nothing else waits for them here."""

    async def claim(self, worker: str) -> IngestJob | None:
        return None

    async def progress(self, job: IngestJob, stage: str, done: int, total: int) -> None: ...

    async def finish(self, job: IngestJob, ingested: Ingested) -> None: ...

    async def fail(self, job: IngestJob, reason: str, retryable: bool) -> None: ...

    async def collected(self, job: IngestJob, removed: Mapping[str, int]) -> None: ...

    async def tables(self, tenant: str) -> Sequence[LiveTable]:
        return ()


class Rig:
    """Embedded stores in ``folder`` and the models; sets that were loaded into the same folder before stay loaded."""

    def __init__(self, folder: Path, settings: Settings, graph: ArcadeDb, vectors: MilvusLite) -> None:
        models = settings.models_dir
        self._folder = folder
        self._settings = settings
        self.embedder = OnnxEmbedder(models / EMBEDDER, threads=settings.model_threads)
        self.reranker = OnnxReranker(models / RERANKER, threads=settings.model_threads)
        self._bolt = Bolt(uri=graph.uri, user=graph.user, password=graph.password, database=graph.database)
        self._milvus = Milvus(uri=vectors.uri, dimension=self.embedder.dimension)
        self._tokenizer = models / EMBEDDER / "tokenizer.json"

    async def load(self, questions: QuestionSet) -> float:
        """Ingest every document as a tenant of the set's name; returns seconds, 0 where it was loaded before."""
        marker = self._folder / f"{questions.name}.loaded"
        if marker.exists():
            return 0.0
        await self._bolt.prepare()
        blobs, parser = FileBlobs(str(self._folder / "blobs")), ParseProcess()
        pipeline = Pipeline(
            blobs_for=blobs.bound,
            vectors_for=self._milvus.bound,
            graph_for=self._bolt.bound,
            embedder=self.embedder,
            parser=parser,
            chunker=Chunker(self._tokenizer, tokens=self._settings.chunk_tokens, overlap=self._settings.chunk_overlap),
            extractor=Extractor(SpacyEntities()),
        )
        started, gate = time.perf_counter(), asyncio.Semaphore(_AT_ONCE)

        async def ingest(document_id: str, text: str) -> None:
            async with gate:
                key = f"uploads/{document_id}.txt"
                await blobs.bound(questions.name).put(key, text.encode())
                job = IngestJob(
                    tenant=questions.name,
                    job_id=document_id,
                    kind="ingest",
                    document_id=document_id,
                    version=1,
                    blob_key=key,
                    filename=f"{document_id}.txt",
                    media_type="text/plain",
                )
                await pipeline.run(job, _Board())

        async with asyncio.TaskGroup() as group:
            for document_id, text in questions.documents.items():
                group.create_task(ingest(document_id, text))
        await pipeline.settle(questions.name)
        await parser.close()
        marker.touch()
        return time.perf_counter() - started

    def search(self, questions: QuestionSet, settings: SearchSettings | None = None) -> HybridSearch:
        documents = {
            each: LiveDocument(document_id=each, version=1, title=each, media_type="text/plain")
            for each in questions.documents
        }
        return HybridSearch(
            self._milvus.bound(questions.name),
            self._bolt.bound(questions.name),
            self.embedder,
            self.reranker,
            LoadedLibrary(documents),
            settings or SearchSettings(part_deadline_s=30.0, rerank_deadline_s=30.0),  # quality, not load
        )

    async def close(self) -> None:
        await self._milvus.close()
        await self._bolt.close()
        self.embedder.close()
        self.reranker.close()


@asynccontextmanager
async def rig(folder: Path) -> AsyncIterator[Rig]:
    """Start the stores in ``folder`` and stop them afterwards."""
    graph, vectors = ArcadeDb(folder), MilvusLite(folder)
    await asyncio.gather(graph.start(), vectors.start())
    made = Rig(folder, Settings.from_environment(os.environ), graph, vectors)
    try:
        yield made
    finally:
        await made.close()
        await asyncio.gather(graph.close(), vectors.close())
