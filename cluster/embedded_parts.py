"""What the settings leave to us: stores, and on request a language model, each a watched child process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from cluster.data_dir import DataDir
from cluster.embedded.arcadedb import ArcadeDb
from cluster.embedded.llama import Llama
from cluster.embedded.milvus_lite import MilvusLite
from cluster.language_model_file import language_model_file, weights
from runtime.config import Settings

EMBEDDED = "embedded"  # the language model's URL that means: run one here
Part = ArcadeDb | MilvusLite | Llama


class EmbeddedParts:
    """Graph, vectors and language model of one data directory; none where the settings name a URI."""

    def __init__(self, settings: Settings, data: DataDir, *, say: Callable[[str], None]) -> None:
        self._say = say
        self._models_dir = settings.models_dir
        self._graph = ArcadeDb(data.path) if not settings.graph_uri else None
        self._vectors = MilvusLite(data.path) if not settings.vectors_uri else None
        self._language_model = (
            Llama(data.path, weights(settings.models_dir), threads=settings.model_threads)
            if settings.language_model_url == EMBEDDED
            else None
        )

    def addressed(self, settings: Settings) -> Settings:
        """``settings`` with the addresses and the secrets of what runs here."""
        if self._graph is not None:
            settings = replace(
                settings,
                graph_uri=self._graph.uri,
                graph_user=self._graph.user,
                graph_password=self._graph.password,
                graph_database=self._graph.database,
            )
        if self._vectors is not None:
            settings = replace(settings, vectors_uri=self._vectors.uri, vectors_mode="embedded")
        if self._language_model is not None:
            settings = replace(
                settings,
                language_model_url=self._language_model.url,
                language_model=self._language_model.model,
                language_model_key=self._language_model.key,
                graph_model_passages=max(0, settings.graph_model_passages),
            )
        return settings

    async def start(self) -> None:
        """Start all at once; return when all answer."""
        async with asyncio.TaskGroup() as together:
            if self._graph is not None:
                together.create_task(self._started(self._graph, "the graph store runs"))
            if self._vectors is not None:
                together.create_task(self._started(self._vectors, "the vector store runs"))
            if self._language_model is not None:
                together.create_task(self._with_weights(self._language_model))

    async def watch(self) -> None:
        """Return when all are closed; raises Unavailable when one died too often."""
        async with asyncio.TaskGroup() as watchers:
            for part in self._running():
                watchers.create_task(part.child.watch())

    async def close(self) -> None:
        await asyncio.gather(*(part.close() for part in self._running()))

    def pids(self) -> dict[str, int]:
        named = {"graph": self._graph, "vectors": self._vectors, "language model": self._language_model}
        return {name: pid for name, part in named.items() if part is not None and (pid := part.child.pid)}

    def _running(self) -> list[Part]:
        return [part for part in (self._graph, self._vectors, self._language_model) if part is not None]

    async def _with_weights(self, model: Llama) -> None:
        await asyncio.to_thread(language_model_file, self._models_dir, say=self._say)
        await self._started(model, "the language model runs")

    async def _started(self, part: Part, told: str) -> None:
        await part.start()
        self._say(told)
