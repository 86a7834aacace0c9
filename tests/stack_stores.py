"""What a running stack has stored of one tenant, read past the API: journal, vectors, graph and blobs.

Everything is read-only and beside the stack's own processes.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from actors.stores.bolt_graph import Bolt
from actors.stores.milvus_vectors import Milvus

_DIMENSION = 384  # of the bge embedder, with which every stack of the tests runs


class JournalLook:
    """The journal's rows, past every wall: on PostgreSQL ``url`` is that of a role above row-level security."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url, poolclass=NullPool)  # a connection a look: whoever is killed holds none

    def rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        """The rows for a SELECT with ``:name`` parameters."""
        with self._engine.connect() as journal:
            return [dict(row) for row in journal.execute(text(statement), values).mappings()]


class StackStores(JournalLook):
    """The stores of the stack whose data directory this is. ``close`` ends the connections.

    ``journal_url``: where the journal is, if not in SQLite.
    """

    def __init__(self, data_dir: Path, journal_url: str = "") -> None:
        run = data_dir / "run"
        self._data_dir = data_dir
        super().__init__(journal_url or f"sqlite:///file:{data_dir / 'journal.db'}?mode=ro&uri=true&timeout=30")
        self._graph = Bolt(
            uri=f"bolt://127.0.0.1:{(run / 'graph.port').read_text().strip()}",
            user="root",
            password=(run / "graph.secret").read_text().strip(),
        )
        self._vectors = Milvus(
            uri=f"http://127.0.0.1:{(run / 'vectors.port').read_text().strip()}", dimension=_DIMENSION
        )

    async def close(self) -> None:
        await self._graph.close()
        await self._vectors.close()

    async def vectors(self, tenant: str, document_id: str, version: int) -> int:
        """How many vector rows a version has."""
        return await self._vectors.bound(tenant).count(document_id, version)

    async def graph(self, tenant: str, document_id: str, version: int) -> tuple[int, int]:
        """How many entities a version supports, and how many relations it states."""
        return await self._graph.bound(tenant).count(document_id, version)

    async def graph_shape(self, tenant: str) -> dict[str, Counter[tuple[str, ...]]]:
        """Every support and every relation of a tenant by what it says, however often it is stored."""
        supports = await self._graph.read(
            "MATCH (c:Chunk)-[s:SUPPORTS]->(e:Entity) WHERE c.tenant = $tenant "
            "RETURN c.document_id AS document, c.version AS version, c.chunk_id AS chunk, s.type AS type, "
            "e.id AS entity",
            {"tenant": tenant},
        )
        relations = await self._graph.read(
            "MATCH (a:Entity)-[r:RELATES_TO]->(b:Entity) WHERE a.tenant = $tenant "
            "RETURN a.id AS start, r.type AS type, b.id AS end, r.document_id AS document, r.version AS version",
            {"tenant": tenant},
        )
        entities = await self._graph.read(
            "MATCH (e:Entity) WHERE e.tenant = $tenant RETURN e.id AS id, e.name AS name, e.type AS type",
            {"tenant": tenant},
        )
        return {
            name: Counter(tuple(str(value) for value in row.values()) for row in rows)
            for name, rows in (("supports", supports), ("relations", relations), ("entities", entities))
        }

    def blobs(self, tenant: str, prefix: str = "") -> list[str]:
        """The keys of the tenant's blobs that begin with ``prefix``."""
        root = self._data_dir / "blobs" / tenant
        keys = (file.relative_to(root).as_posix() for file in root.rglob("*") if file.is_file())
        return sorted(key for key in keys if key.startswith(prefix))
