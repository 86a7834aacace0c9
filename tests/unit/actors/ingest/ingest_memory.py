"""Stores and a cell in memory, for tests that end a run at any write and look at what is left."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from actors.ingest.parse import parse
from actors.ingest.parsed import Parsed
from actors.ingest.ports import Ingested, IngestJob, LiveTable
from actors.ports import Filed, GraphEntity, GraphRelation, Vector, VectorHit, VectorRow
from actors.stores.graph_rows import filed_of
from actors.typos import halves, probes
from runtime.errors import Conflict, NotFound, RagleapError


class Killed(BaseException):
    """The process is gone at this point."""


class Fuse:
    """Burns at the nth write; before and after, nothing happens."""

    def __init__(self) -> None:
        self.left = -2
        self.writes = 0

    async def write(self) -> None:
        await asyncio.sleep(0)
        self.writes += 1
        self.left -= 1
        if self.left == -1:
            raise Killed


class MemoryBlobs:
    def __init__(self, fuse: Fuse) -> None:
        self.files: dict[str, bytes] = {}
        self._fuse = fuse

    async def put(self, key: str, data: bytes) -> None:
        await self._fuse.write()
        self.files[key] = data

    async def get(self, key: str) -> bytes:
        if key not in self.files:
            raise NotFound(f"There is no blob {key}.")
        return self.files[key]

    async def delete(self, prefix: str) -> int:
        gone = [key for key in self.files if key.startswith(prefix)]
        for key in gone:
            del self.files[key]
        return len(gone)


class MemoryVectors:
    def __init__(self, fuse: Fuse) -> None:
        self.rows: dict[str, VectorRow] = {}
        self.flushed = 0
        self._fuse = fuse

    async def upsert(self, rows: Sequence[VectorRow]) -> None:
        await self._fuse.write()
        self.rows.update({row.chunk_id: row for row in rows})

    async def flush(self) -> None:
        self.flushed += 1

    async def fetch(self, chunk_ids: Sequence[str]) -> list[VectorHit]:
        return [
            VectorHit(
                chunk_id=row.chunk_id,
                document_id=row.document_id,
                version=row.version,
                ordinal=row.ordinal,
                text=row.text,
                start=row.start,
                end=row.end,
                score=0.0,
            )
            for row in (self.rows[c] for c in chunk_ids if c in self.rows)
        ]

    async def count(self, document_id: str, version: int) -> int:
        return sum((row.document_id, row.version) == (document_id, version) for row in self.rows.values())

    async def delete_version(self, document_id: str, version: int) -> int:
        gone = [c for c, row in self.rows.items() if (row.document_id, row.version) == (document_id, version)]
        for chunk_id in gone:
            del self.rows[chunk_id]
        return len(gone)


class MemoryGraph:
    def __init__(self, fuse: Fuse) -> None:
        self.entities: dict[tuple[str, str], GraphEntity] = {}
        self.relations: set[GraphRelation] = set()
        self._fuse = fuse

    async def put(self, entities: Sequence[GraphEntity], relations: Sequence[GraphRelation]) -> None:
        await self._fuse.write()
        self.entities.update({(e.entity_id, e.support.chunk_id): e for e in entities})
        self.relations.update(relations)

    async def lookup(self, entity_ids: Sequence[str], *, each: int | None = None) -> list[GraphEntity]:
        return [entity for (entity_id, _), entity in self.entities.items() if entity_id in set(entity_ids)]

    async def filed(self, alias_ids: Sequence[str]) -> list[Filed]:
        rows = [{"id": e.entity_id, "name": e.name} for e in await self.lookup(alias_ids)]
        return list(dict.fromkeys(line for row in rows for line in filed_of(row)))

    async def near(self, keys: Sequence[str]) -> list[str]:
        wanted = {half for key in keys for halves in probes(key) for half in halves}
        known = {entity_id for entity_id, _ in self.entities if entity_id.startswith("name:")}
        return sorted(each for each in known if wanted & set(halves(each.removeprefix("name:")) or ()))

    async def delete_version(self, document_id: str, version: int) -> tuple[int, int]:
        source = (document_id, version)
        entities = [k for k, e in self.entities.items() if (e.support.document_id, e.support.version) == source]
        relations = [r for r in self.relations if source in ((r.support.document_id, r.support.version), r.needs)]
        for key in entities:
            del self.entities[key]
        self.relations.difference_update(relations)
        return len(entities), len(relations)


class Lengths:
    """An embedder whose vectors tell the length of the text."""

    dimension = 2

    async def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        return [(float(len(text)), 1.0) for text in texts]

    async def embed_queries(self, texts: Sequence[str]) -> list[Vector]:
        return await self.embed_passages(texts)


class Here:
    """Parses in this process."""

    async def parse(self, data: bytes, filename: str, media_type: str) -> Parsed:
        return parse(data, filename, media_type)


class MemoryBoard:
    """A cell that hands out jobs, flips versions and remembers what it was told; ``raises`` are raised, in order."""

    def __init__(self) -> None:
        self.queue: list[IngestJob] = []
        self.live: dict[str, tuple[int, Ingested]] = {}
        self.failed: dict[str, tuple[str, bool]] = {}
        self.removed: dict[str, Mapping[str, int]] = {}
        self.raises: dict[str, list[RagleapError]] = {}

    async def claim(self, worker: str) -> IngestJob | None:
        self._maybe("claim")
        return self.queue.pop(0) if self.queue else None

    async def progress(self, job: IngestJob, stage: str, done: int, total: int) -> None:
        self._maybe("progress")

    async def finish(self, job: IngestJob, ingested: Ingested) -> None:
        self._maybe("finish")
        live = {(t.type.document_id, t.type.version) for t in await self.tables(job.tenant)}
        if ingested.tables and {key for key in live if key[0] != job.document_id} != set(ingested.seen):
            raise Conflict("The tables have changed.")
        self.live[job.document_id] = (job.version, ingested)

    async def fail(self, job: IngestJob, reason: str, retryable: bool) -> None:
        self._maybe("fail")
        self.failed[job.document_id] = (reason, retryable)

    async def collected(self, job: IngestJob, removed: Mapping[str, int]) -> None:
        self.removed[job.document_id] = removed
        self.live.pop(job.document_id, None)

    async def tables(self, tenant: str) -> Sequence[LiveTable]:
        return [table for _, made in self.live.values() for table in made.tables]

    def _maybe(self, call: str) -> None:
        if self.raises.get(call):
            raise self.raises[call].pop(0)


def word_tokenizer(folder: Path) -> Path:
    """A tokenizer file that counts words and marks."""
    made = Tokenizer(WordLevel({"?": 0}, unk_token="?"))
    made.pre_tokenizer = Whitespace()
    file = folder / "tokenizer.json"
    made.save(str(file))
    return file
