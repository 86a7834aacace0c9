"""The embedded stores that the settings leave to us: each a watched child process, none where a URI is given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from cluster.data_dir import DataDir
from cluster.embedded.arcadedb import ArcadeDb
from cluster.embedded.milvus_lite import MilvusLite
from runtime.config import Settings


class EmbeddedStores:
    """Graph and vectors of one data directory."""

    def __init__(self, settings: Settings, data: DataDir, *, say: Callable[[str], None]) -> None:
        self._say = say
        self._graph = ArcadeDb(data.path) if not settings.graph_uri else None
        self._vectors = MilvusLite(data.path) if not settings.vectors_uri else None

    def addressed(self, settings: Settings) -> Settings:
        """``settings`` with the addresses and the secret of what runs here."""
        if self._graph is not None:
            settings = replace(
                settings,
                graph_uri=self._graph.uri,
                graph_user=self._graph.user,
                graph_password=self._graph.password,
                graph_database=self._graph.database,
            )
        if self._vectors is not None:
            settings = replace(settings, vectors_uri=self._vectors.uri)
        return settings

    async def start(self) -> None:
        """Start both at once; return when both answer."""
        async with asyncio.TaskGroup() as together:
            if self._graph is not None:
                together.create_task(self._started(self._graph, "the graph store runs"))
            if self._vectors is not None:
                together.create_task(self._started(self._vectors, "the vector store runs"))

    async def watch(self) -> None:
        """Return when both are closed; raises Unavailable when one died too often."""
        async with asyncio.TaskGroup() as watchers:
            for store in self._running():
                watchers.create_task(store.child.watch())

    async def close(self) -> None:
        await asyncio.gather(*(store.close() for store in self._running()))

    def pids(self) -> dict[str, int]:
        named = {"graph": self._graph, "vectors": self._vectors}
        return {name: pid for name, store in named.items() if store is not None and (pid := store.child.pid)}

    def _running(self) -> list[ArcadeDb | MilvusLite]:
        return [store for store in (self._graph, self._vectors) if store is not None]

    async def _started(self, store: ArcadeDb | MilvusLite, told: str) -> None:
        await store.start()
        self._say(told)
