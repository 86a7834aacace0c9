"""The stores' clients of one process, built from the settings: graph, vectors, blobs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from actors.models.names import EMBEDDING_DIMENSION
from actors.ports import Blobs
from actors.stores.blobs import FileBlobs
from actors.stores.bolt_graph import Bolt
from actors.stores.milvus_vectors import Milvus
from cluster.graph_address import GraphAddress
from runtime.config import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapters:
    """Each hands out ports bound to one tenant."""

    graph: Bolt
    vectors: Milvus
    blobs: Callable[[str], Blobs]

    async def close(self) -> None:
        await self.vectors.close()
        await self.graph.close()


def adapters(settings: Settings) -> Adapters:
    """The clients for the stores that ``settings`` name."""
    return Adapters(graph=graph(settings), vectors=vectors(settings), blobs=FileBlobs(settings.blobs_url).bound)


def graph(settings: Settings) -> Bolt:
    """The client of the graph server. Raises Invalid where its address is none."""
    address = GraphAddress.of(settings)
    return Bolt(uri=address.uri, user=address.user, password=address.password, database=address.database)


def vectors(settings: Settings) -> Milvus:
    """The client of the vector server."""
    return Milvus(
        uri=settings.vectors_uri,
        token=settings.vectors_token,
        dimension=EMBEDDING_DIMENSION,
        mode="embedded" if settings.vectors_mode == "embedded" else "cluster",
    )
