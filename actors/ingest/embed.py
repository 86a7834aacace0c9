"""Chunks into the vector store, with the embedder kept busy: it embeds the next batch while the last is being stored.

Promises: rows that an earlier try has stored are not embedded again; the number of batches in memory is bounded.

Held by tests/unit/actors/ingest/test_pipeline.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from actors.ingest.chunk import Chunk
from actors.ingest.progress import Progress
from actors.ingest.tasks import together
from actors.ports import Embedder, Vector, VectorRow, VectorStore

_BATCH = 64
_WAITING = 2  # embedded batches that wait for the store


class Indexer:
    """Embeds and stores the chunks of one document version."""

    def __init__(self, store: VectorStore, embedder: Embedder) -> None:
        self._store = store
        self._embedder = embedder

    async def missing(self, chunks: Sequence[Chunk], document_id: str, version: int) -> Sequence[Chunk] | None:
        """The chunks still to be stored; None after removing the rows of another parse of this version."""
        stored = await self._store.count(document_id, version)
        if not stored:
            return chunks
        hits = {hit.chunk_id: hit for hit in await self._store.fetch([chunk.chunk_id for chunk in chunks])}
        same = {
            c.chunk_id for c in chunks if c.chunk_id in hits and _same(c, hits[c.chunk_id].text, hits[c.chunk_id].start)
        }
        if len(same) == stored:
            return [chunk for chunk in chunks if chunk.chunk_id not in same]
        await self._store.delete_version(document_id, version)
        return None

    async def index(
        self, todo: Sequence[Chunk], chunks: Sequence[Chunk], progress: Progress, *, occurred_on: int
    ) -> None:
        """Embed and store ``todo``, the part of ``chunks`` that is not stored yet."""
        ready: asyncio.Queue[list[VectorRow] | None] = asyncio.Queue(_WAITING)
        done = len(chunks) - len(todo)
        # Neighbours in length share a batch: nothing is padded far.
        ordered = sorted(todo, key=lambda chunk: len(chunk.text))

        async def embed() -> None:
            for first in range(0, len(ordered), _BATCH):
                batch = ordered[first : first + _BATCH]
                vectors = await self._embedder.embed_passages([chunk.passage() for chunk in batch])
                await ready.put([_row(c, v, occurred_on) for c, v in zip(batch, vectors, strict=True)])
            await ready.put(None)

        async def store() -> None:
            nonlocal done
            while (rows := await ready.get()) is not None:
                await self._store.upsert(rows)
                done += len(rows)
                await progress.at("embedding", done, len(chunks))

        await progress.at("embedding", done, len(chunks))
        await together(embed(), store())


def _same(chunk: Chunk, text: str, start: int) -> bool:
    return chunk.text == text and chunk.start == start


def _row(chunk: Chunk, vector: Vector, occurred_on: int) -> VectorRow:
    document_id, version, _ = chunk.chunk_id.rsplit(".", 2)
    return VectorRow(
        chunk_id=chunk.chunk_id,
        document_id=document_id,
        version=int(version),
        ordinal=chunk.ordinal,
        text=chunk.text,
        vector=vector,
        start=chunk.start,
        end=chunk.end,
        occurred_on=occurred_on,
        context=chunk.context,
    )
