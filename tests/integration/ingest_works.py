"""The ingest pipeline over the real stores for one tenant, and everything that the stores hold of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ingest_board import Board, collect_job

from actors.ingest.loop import IngestLoop
from actors.ingest.pipeline import Pipeline
from actors.ingest.ports import Ingested, IngestJob
from actors.ports import VectorHit
from actors.stores.bolt_graph import Bolt
from actors.stores.milvus_vectors import Milvus


@dataclass
class Works:
    """A pipeline over the real stores, for one tenant."""

    pipeline: Pipeline
    board: Board
    tenant: str
    blobs: Any
    vectors: Any
    graph: Any
    bolt: Bolt
    milvus: Milvus
    blobs_for: Callable[[str], Any]

    def of(self, tenant: str) -> Works:
        """The same pipeline for another tenant."""
        return Works(
            self.pipeline,
            Board(),
            tenant,
            self.blobs_for(tenant),
            self.milvus.bound(tenant),
            self.bolt.bound(tenant),
            self.bolt,
            self.milvus,
            self.blobs_for,
        )

    async def ingest(self, document_id: str, filename: str, data: bytes, version: int = 1) -> Ingested:
        """Upload and run the loop until nothing is left to do."""
        job = await self.upload(document_id, filename, data, version)
        self.board.queue.append(job)
        await self.work()
        assert document_id not in self.board.failed, self.board.failed[document_id]
        return self.board.live[self.tenant, document_id][1]

    async def upload(self, document_id: str, filename: str, data: bytes, version: int = 1) -> IngestJob:
        key = f"uploads/{document_id}/{version}"
        await self.blobs.put(key, data)
        return IngestJob(
            tenant=self.tenant,
            job_id=f"job_{document_id}_{version}",
            kind="ingest",
            document_id=document_id,
            version=version,
            blob_key=key,
            filename=filename,
        )

    async def delete(self, document_id: str) -> None:
        """Collect every version of a document, as the cell has it done after its deletion."""
        version, _ = self.board.live.pop((self.tenant, document_id))
        for each in range(1, version + 1):
            self.board.queue.append(collect_job(await self.upload(document_id, "x", b"", each), each))
        await self.work()

    async def work(self) -> None:
        await IngestLoop(self.board, self.pipeline, worker="test:1", idle_s=0).run()

    async def chunks(self, made: Ingested) -> list[VectorHit]:
        hits = await self.vectors.fetch([chunk.chunk_id for chunk in made.chunks])
        return sorted(hits, key=lambda hit: hit.ordinal)

    async def rows(self, *documents: tuple[str, int]) -> tuple[object, ...]:
        """Everything that the stores hold of these versions, in an order of its own."""
        found: list[object] = []
        for document_id, version in documents:
            found.append(("chunks", document_id, await self.vectors.count(document_id, version)))
            found.append(("graph", document_id, await self.graph.count(document_id, version)))
        edges = set()
        for kind in ("customer", "order", "mail"):
            ids = sorted({e.entity_id for e in await self.graph.by_type(kind)})
            found.append((kind, tuple(ids)))
            hops = await self.graph.hops(ids) if ids else []
            edges |= {(h.from_id, h.relation, h.to_id, h.chunk_id, h.needs) for h in hops}
        found.append(("edges", tuple(sorted(map(repr, edges)))))
        return tuple(found)

    async def everything(self) -> Mapping[str, Any]:
        """All that the stores hold of the tenant, by table, its own name left out."""
        return {
            "graph": await graph_rows(self.bolt, self.tenant),
            "vectors": await vector_rows(self.milvus, self.tenant),
        }

    async def drop(self) -> None:
        await self.vectors.drop()
        await self.graph.drop()


_GRAPH = {
    "entities": "MATCH (n:Entity) WHERE n.tenant = $tenant RETURN properties(n) AS p",
    "chunks": "MATCH (n:Chunk) WHERE n.tenant = $tenant RETURN properties(n) AS p",
    "documents": "MATCH (n:Document) WHERE n.tenant = $tenant RETURN properties(n) AS p",
    "edges": (
        "MATCH (a)-[r]->(b) WHERE a.tenant = $tenant RETURN [a.id, type(r), b.id, b.tenant] AS ends, properties(r) AS p"
    ),
    "whole": "MATCH (n) WHERE n.tenant = $tenant RETURN count(n) AS n",
}


async def graph_rows(bolt: Bolt, tenant: str) -> dict[str, list[str]]:
    """Every node and edge of a tenant with all properties, in an order of their own."""
    found = {}
    for name, statement in _GRAPH.items():
        rows = await bolt.read(statement, {"tenant": tenant})
        found[name] = sorted(repr(sorted(row.items(), key=repr)).replace(tenant, "TENANT") for row in map(_flat, rows))
    return found


async def vector_rows(milvus: Milvus, tenant: str) -> list[tuple[object, ...]]:
    """Every row of a tenant with its vector, in an order of its own."""
    fields = ["chunk_id", "document_id", "version", "ordinal", "start", "end", "occurred_on", "text", "words", "vector"]
    where = f'tenant == "{tenant}"' if milvus.mode == "cluster" else ""
    rows = await milvus.call(
        milvus.collection(tenant),
        lambda client: client.query(
            milvus.collection(tenant),
            filter=where or "version >= 0",
            output_fields=fields,
            limit=10_000,
            consistency_level="Strong",
        ),
        deadline_s=30.0,
    )
    told = [tuple(_rounded(row[field]) for field in fields) for row in rows or ()]
    return sorted((row[0] if "|" not in str(row[0]) else str(row[0]).split("|", 1)[1], *row[1:]) for row in told)


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    told = dict(row)
    for name, value in sorted(dict(told.pop("p", {})).items()):
        told[f"p.{name}"] = value
    return told


def _rounded(value: Any) -> object:
    """Vectors as far as they are the same whatever shared their batch."""
    return tuple(round(float(each), 4) for each in value) if isinstance(value, list) else value
