"""One document version from bytes to rows: parse, chunk, embed, extract, store, resolve, join; and its removal.

Promises: ids depend on document, version and content alone, so a run after a kill -9 ends with the rows of an
undisturbed run (but for what a language model says another time); nothing becomes visible before the journal flips the
version; the embedder is fed while the graph is built. Errors are the family of ``runtime.errors``: Terminal when the
file is at fault.

Held by tests/unit/actors/ingest/test_pipeline.py, tests/integration/test_ingest.py,
tests/integration/test_delete_property.py and tests/chaos/test_kills.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from actors.aliases import ALIAS
from actors.audience import Audience
from actors.ingest.chunk import Chunk, Chunker
from actors.ingest.embed import Indexer
from actors.ingest.extract import Extraction, Extractor
from actors.ingest.join import join_pair, may_join
from actors.ingest.model_reader import ModelReader
from actors.ingest.parse import title_of
from actors.ingest.parsed import Parsed
from actors.ingest.people import tells_of_people
from actors.ingest.ports import ChunkMeta, FoundJoin, Ingested, IngestJob, JobBoard, LiveTable
from actors.ingest.progress import Progress
from actors.ingest.resolve import Judge, Resolver
from actors.ingest.rows import JoinTable, from_blob, person_joins, rows_graph, to_blob
from actors.ingest.same import MAX_NAMES, Named, entries, named
from actors.ingest.tables import TypedTable, typed_tables
from actors.ingest.tasks import together
from actors.ports import Blobs, Embedder, GraphEntity, GraphRelation, GraphStore, VectorStore, day_number
from runtime.clock import Clock, SystemClock
from runtime.errors import NotFound, Terminal

MAX_CHUNKS = 50_000
_GRAPH_BATCH = 400  # entities and as many relations per write


class Parser(Protocol):
    """Reads a file, whatever it does to the reader: ``ParseProcess`` in production."""

    async def parse(self, data: bytes, filename: str, media_type: str) -> Parsed: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A version that is stored but not yet joined to the tenant's other tables."""

    job: IngestJob
    ingested: Ingested
    tables: Sequence[JoinTable]
    names: Sequence[Named] = ()


class Pipeline:
    """``*_for`` hand out a tenant's stores. ``extractor`` None leaves the graph of running text out; ``reader`` and
    ``judge_for`` ask a language model what a text names, and which names mean one thing."""

    def __init__(
        self,
        *,
        blobs_for: Callable[[str], Blobs],
        vectors_for: Callable[[str], VectorStore],
        graph_for: Callable[[str], GraphStore],
        embedder: Embedder,
        parser: Parser,
        chunker: Chunker,
        extractor: Extractor | None,
        reader: ModelReader | None = None,
        judge_for: Callable[[str], Judge] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._blobs_for = blobs_for
        self._vectors_for = vectors_for
        self._graph_for = graph_for
        self._embedder = embedder
        self._parser = parser
        self._chunker = chunker
        self._extractor = extractor
        self._reader = reader
        self._judge_for = judge_for
        self._clock = clock or SystemClock()

    async def run(self, job: IngestJob, board: JobBoard) -> Ingested:
        """Index the version and join it to the live tables. The caller reports the result to the board."""
        return await self.link(await self.resolve(await self.prepare(job, board)), board)

    async def prepare(self, job: IngestJob, board: JobBoard) -> Draft:
        """Everything that does not depend on the tenant's other documents."""
        progress = Progress(board, job, self._clock)
        drafts: list[Draft] = []

        async def work() -> None:
            drafts.append(await self._prepared(job, progress))

        await together(work(), until_first=progress.beat())
        return drafts[0]

    async def resolve(self, draft: Draft) -> Draft:
        """Find and store which of the tenant's other names mean what this version's names mean."""
        graph = self._graph_for(draft.job.tenant)
        judge = self._judge_for(draft.job.tenant) if self._judge_for is not None else None
        found = await Resolver(graph, self._embedder, judge).relations(draft.names)
        await _put(graph, (), found)
        ingested = draft.ingested
        return replace(draft, ingested=replace(ingested, relations=ingested.relations + len(found)))

    async def link(self, draft: Draft, board: JobBoard) -> Ingested:
        """Find and store the joins with the tables that are live now. Safe to call again when those have changed."""
        if not draft.tables:
            return draft.ingested
        job = draft.job
        live = [t for t in await board.tables(job.tenant) if t.type.document_id != job.document_id]
        others = [t for t in live if any(may_join(t.type, mine.type) for mine in draft.tables)]
        joins, relations = await self._joined(job.tenant, draft.tables, others)
        graph = self._graph_for(job.tenant)
        await _put(graph, (), relations)
        ingested = draft.ingested
        return replace(
            ingested,
            relations=ingested.relations + len(relations),
            joins=(*ingested.joins, *joins),
            seen=tuple(dict.fromkeys((t.type.document_id, t.type.version) for t in live)),
        )

    async def settle(self, tenant: str) -> None:
        """Make what was stored fast to search; call once after a run of documents."""
        await self._vectors_for(tenant).flush()

    async def collect(self, job: IngestJob) -> dict[str, int]:
        """Remove every trace of a version: rows, nodes, edges that need it, blobs, the upload."""
        document, version = job.document_id, job.version
        vectors = await self._vectors_for(job.tenant).delete_version(document, version)
        entities, relations = await self._graph_for(job.tenant).delete_version(document, version)
        blobs = self._blobs_for(job.tenant)
        removed = await blobs.delete(parsed_key(document, version))
        removed += await blobs.delete(f"tables/{document}/{version}.")
        if job.blob_key:
            removed += await blobs.delete(job.blob_key)
        return {"vectors": vectors, "entities": entities, "relations": relations, "blobs": removed}

    async def _prepared(self, job: IngestJob, progress: Progress) -> Draft:
        blobs = self._blobs_for(job.tenant)
        await progress.at("parsing")
        parsed = await self._parsed(job, blobs)
        told = job.title or parsed.title
        await progress.at("chunking")
        chunks = await asyncio.to_thread(
            self._chunker.chunks, parsed, document_id=job.document_id, version=job.version, title=told
        )
        if not chunks:
            raise Terminal("The file holds no text.", do="Upload a file with text in it.")
        if len(chunks) > MAX_CHUNKS:
            raise Terminal(f"The file makes more than {MAX_CHUNKS:,} passages.", do="Split it into smaller files.")
        tables = await asyncio.to_thread(typed_tables, parsed, document_id=job.document_id, version=job.version)
        key = parsed_key(job.document_id, job.version)
        await blobs.put(key, parsed.text.encode())
        live = await self._store_tables(blobs, tables, chunks)
        indexer = Indexer(self._vectors_for(job.tenant), self._embedder)
        todo = await indexer.missing(chunks, job.document_id, job.version)
        if todo is None:  # rows of another parse of this version: make it anew
            await self._graph_for(job.tenant).delete_version(job.document_id, job.version)
            todo = chunks
        extraction: list[Extraction] = []
        await together(
            indexer.index(todo, chunks, progress, occurred_on=_days(parsed.occurred_on)),
            self._build_graph(job, parsed, chunks, tables, told, extraction),
        )
        await progress.at("linking")
        made = extraction[0]
        ingested = Ingested(
            pages=max(len(parsed.pages), 1),
            parsed_key=key,
            occurred_on=parsed.occurred_on,
            title=told or title_of(job.filename),
            media_type=parsed.media_type,
            chunks=tuple(_meta(chunk) for chunk in chunks),
            entities=len({entity.entity_id for entity in made.entities if entity.type != ALIAS}),
            relations=len(made.relations),
            tables=tuple(live),
            audience=await asyncio.to_thread(_audience, parsed),
            joins=tuple(join for table in tables for join in person_joins(table)),
        )
        join_tables = [from_blob(each, to_blob(table, chunks)) for each, table in zip(live, tables, strict=True)]
        return Draft(job=job, ingested=ingested, tables=join_tables, names=named(made.entities))

    async def _parsed(self, job: IngestJob, blobs: Blobs) -> Parsed:
        try:
            data = await blobs.get(job.blob_key)
        except NotFound as error:
            raise Terminal("The upload is gone.", do="Upload the file again.") from error
        return await self._parser.parse(data, job.filename, job.media_type)

    async def _store_tables(
        self, blobs: Blobs, tables: Sequence[TypedTable], chunks: Sequence[Chunk]
    ) -> list[LiveTable]:
        live = []
        for number, table in enumerate(tables):
            suffix = "json" if number == 0 else f"{number}.json"
            key = f"tables/{table.type.document_id}/{table.type.version}.{suffix}"
            await blobs.put(key, to_blob(table, chunks))
            live.append(LiveTable(type=table.type, rows_key=key))
        return live

    async def _build_graph(
        self,
        job: IngestJob,
        parsed: Parsed,
        chunks: Sequence[Chunk],
        tables: Sequence[TypedTable],
        title: str,
        made: list[Extraction],
    ) -> None:
        graph = self._graph_for(job.tenant)
        found = await asyncio.to_thread(self._extracted, job, parsed, chunks, tables, title)
        if self._reader is not None and self._extractor is not None and _is_running_text(parsed):
            read = await self._reader.read(chunks, document_id=job.document_id, version=job.version)
            found = _added(found, read)
        filed = await asyncio.to_thread(lambda: entries(named(found.entities)[:MAX_NAMES]))
        extraction = Extraction(entities=[*found.entities, *filed], relations=found.relations)
        await _put(graph, extraction.entities, extraction.relations)
        made.append(extraction)

    def _extracted(
        self, job: IngestJob, parsed: Parsed, chunks: Sequence[Chunk], tables: Sequence[TypedTable], title: str
    ) -> Extraction:
        entities: list[GraphEntity] = []
        relations: list[GraphRelation] = []
        for table in tables:
            rows = rows_graph(table, chunks)
            entities.extend(rows.entities)
            relations.extend(rows.relations)
        if self._extractor is not None and _is_running_text(parsed):
            text = self._extractor.extract(
                parsed, chunks, document_id=job.document_id, version=job.version, subject=title
            )
            return _added(Extraction(entities=entities, relations=relations), text)
        return Extraction(entities=entities, relations=relations)

    async def _joined(
        self, tenant: str, mine: Sequence[JoinTable], others: Sequence[LiveTable]
    ) -> tuple[list[FoundJoin], list[GraphRelation]]:
        blobs = self._blobs_for(tenant)
        joins: list[FoundJoin] = []
        relations: list[GraphRelation] = []
        theirs: list[JoinTable] = []
        for live in others:
            try:
                theirs.append(from_blob(live, await blobs.get(live.rows_key)))
            except NotFound:
                continue  # just deleted: finish will see that the tables have changed
        pairs = [(a, b) for i, a in enumerate(mine) for b in (*mine[i:], *theirs)]  # a table may refer to itself
        for a, b in pairs:
            found = await asyncio.to_thread(join_pair, a, b)
            joins.extend(found.joins)
            relations.extend(found.relations)
        return list(dict.fromkeys(joins)), relations


def _is_running_text(parsed: Parsed) -> bool:
    """A table's rows are entities already; a mail that tables are attached to is running text as well."""
    return parsed.mail is not None or not parsed.tables


def _audience(parsed: Parsed) -> Audience:
    """By what is in it: people's data, and what its author did not write for its readers, are for staff."""
    return Audience.STAFF if parsed.remarks or tells_of_people(parsed) else Audience.PUBLIC


def parsed_key(document_id: str, version: int) -> str:
    """Where a version's parsed text is kept among the blobs."""
    return f"parsed/{document_id}/{version}.txt"


def _added(one: Extraction, more: Extraction) -> Extraction:
    """Both; of an entity that both have in one chunk, the first one's word counts."""
    known = {(e.entity_id, e.support.chunk_id) for e in one.entities}
    new = (e for e in more.entities if (e.entity_id, e.support.chunk_id) not in known)
    return Extraction(entities=[*one.entities, *new], relations=[*one.relations, *more.relations])


async def _put(graph: GraphStore, entities: Sequence[GraphEntity], relations: Sequence[GraphRelation]) -> None:
    """In bounded writes, entities first: an edge's ends exist before it. What is small goes in one."""
    if len(entities) <= _GRAPH_BATCH and len(relations) <= _GRAPH_BATCH:
        if entities or relations:
            await graph.put(entities, relations)
        return
    for first in range(0, len(entities), _GRAPH_BATCH):
        await graph.put(entities[first : first + _GRAPH_BATCH], ())
    for first in range(0, len(relations), _GRAPH_BATCH):
        await graph.put((), relations[first : first + _GRAPH_BATCH])


def _meta(chunk: Chunk) -> ChunkMeta:
    return ChunkMeta(
        chunk_id=chunk.chunk_id,
        ordinal=chunk.ordinal,
        start=chunk.start,
        end=chunk.end,
        page=chunk.page,
        heading=chunk.heading,
    )


def _days(iso: str | None) -> int:
    return day_number(date.fromisoformat(iso)) if iso else 0
