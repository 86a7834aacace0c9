"""The composition root of the ingest worker: its own stores, models and parser, and the cell's job board over Ray.

One named worker a cell, made when jobs wait and gone when there are none: its memory is only needed then.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from actors.ingest.chunk import Chunker
from actors.ingest.extract import Extractor, SpacyEntities
from actors.ingest.loop import IngestLoop
from actors.ingest.model_judge import ModelJudge
from actors.ingest.model_reader import ModelReader
from actors.ingest.parse_process import ParseProcess
from actors.ingest.pipeline import Pipeline
from actors.ingest.ports import Ingested, IngestJob, LiveTable
from actors.models.names import EMBEDDER
from actors.models.onnx_embedder import OnnxEmbedder
from cluster.adapters import adapters
from runtime import telemetry
from runtime.cell_link import CellLink
from runtime.config import Settings
from runtime.errors import Unavailable
from runtime.ids import new_id

if TYPE_CHECKING:
    from actors.models.openai_language_model import OpenAiLanguageModel

_HOLD_S = 30.0  # a worker waits longer for a restarting cell than a person does
_IDLE_S = 20.0
_READ_BY_MODEL = 32  # passages of a document
_SUFFIX = "-ingest"
_ALIVE_S = 10.0
_TRIES = 20
_POLL_S = 0.25


class RemoteBoard:
    """The cell's job board (``ingest.ports.JobBoard``) as the worker's process reaches it."""

    def __init__(self, cell: CellLink) -> None:
        self._cell = cell

    async def claim(self, worker: str) -> IngestJob | None:
        job: IngestJob | None = await self._call("claim", worker)
        return job

    async def progress(self, job: IngestJob, stage: str, done: int, total: int) -> None:
        await self._call("progress", job, stage, done, total)

    async def finish(self, job: IngestJob, ingested: Ingested) -> None:
        await self._call("finish", job, ingested)

    async def fail(self, job: IngestJob, reason: str, retryable: bool) -> None:
        await self._call("fail", job, reason, retryable)

    async def collected(self, job: IngestJob, removed: Mapping[str, int]) -> None:
        await self._call("collected", job, dict(removed))

    async def tables(self, tenant: str) -> Sequence[LiveTable]:
        found: Sequence[LiveTable] = await self._call("tables", tenant)
        return found

    async def _call(self, method: str, *arguments: object) -> Any:
        return await self._cell.call("jobs", method, *arguments, hold_s=_HOLD_S)


@asynccontextmanager
async def build(worker: str) -> AsyncIterator[IngestLoop]:
    """The loop of the worker's process, with everything it holds closed after."""
    settings = Settings.from_environment(os.environ)
    telemetry.configure(settings.log_level)
    outside = adapters(settings)
    folder = settings.models_dir / EMBEDDER
    embedder, parser = OnnxEmbedder(folder, threads=settings.model_threads), ParseProcess()
    passages = settings.graph_model_passages if settings.graph_model_passages >= 0 else _READ_BY_MODEL
    model = _language_model(settings) if passages else None
    pipeline = Pipeline(
        blobs_for=outside.blobs,
        vectors_for=outside.vectors.bound,
        graph_for=outside.graph.bound,
        embedder=embedder,
        parser=parser,
        chunker=Chunker(folder / "tokenizer.json", tokens=settings.chunk_tokens, overlap=settings.chunk_overlap),
        extractor=Extractor(SpacyEntities()) if settings.graph_extraction == "on" else None,
        reader=ModelReader(model, passages=passages) if model is not None else None,
        judge_for=(lambda tenant: ModelJudge(model, outside.vectors.bound(tenant))) if model is not None else None,
    )
    board = RemoteBoard(CellLink(cell_of(worker)))
    try:
        yield IngestLoop(board, pipeline, worker=worker, idle_s=_IDLE_S)
    finally:
        await parser.close()
        if model is not None:
            await model.close()
        await outside.close()
        await asyncio.to_thread(embedder.close)


def _language_model(settings: Settings) -> OpenAiLanguageModel | None:
    if not settings.language_model_url:
        return None
    from actors.models.openai_language_model import OpenAiLanguageModel  # aiohttp is not needed else

    return OpenAiLanguageModel(
        settings.language_model_url, model=settings.language_model, key=settings.language_model_key
    )


def cell_of(worker: str) -> str:
    """The cell that ``worker`` ("CELL-ingest:incarnation") works for."""
    return worker.partition(":")[0].removesuffix(_SUFFIX)


async def wake_worker(cell: str) -> None:
    """See to it that the cell's worker runs; one call at a time. Raises Unavailable where none starts."""
    name = f"{cell}{_SUFFIX}"
    for _ in range(_TRIES):
        if await asyncio.to_thread(_running_or_made, name):
            return
        await asyncio.sleep(_POLL_S)  # the former one is on its way out and still has the name
    raise Unavailable("The ingest worker does not start.", do="The jobs wait; it is tried again.")


def _running_or_made(name: str) -> bool:
    import ray
    from ray.exceptions import GetTimeoutError, RayError

    from actors.ingest.worker import remote_worker
    from runtime.cell_host import NAMESPACE

    try:
        there: Any = ray.get_actor(name, NAMESPACE)
    except ValueError:
        there = None
    if there is not None:
        try:
            there.run_and_leave.remote()  # whoever made it may have died before it came to say so
            ray.get(there.alive.remote(), timeout=_ALIVE_S)
        except GetTimeoutError:
            return True  # busy, at the lowest priority: that is its nature
        except RayError:
            return False
        return True
    try:
        made = remote_worker(name=name, namespace=NAMESPACE, lifetime="detached").remote(
            build, f"{name}:{new_id('run')}"
        )
    except ValueError:
        return False
    made.run_and_leave.remote()
    return True
