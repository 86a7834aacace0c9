"""What ingestion needs from the cell, as protocols: jobs to do, and a place to report them.

The cell implements ``JobBoard``; a worker may die at any await and another one claims the job anew. All data here is
frozen, pickles, and passes through pydantic's ``TypeAdapter`` both ways.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from actors.audience import Audience
from actors.ports import EntityType, Join


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestJob:
    """One thing to do to one version of a document.

    "ingest": read the blob at ``blob_key``, index it, report it. "collect": remove every trace of the version,
    the upload at ``blob_key`` included (empty: there is none left to remove).
    """

    tenant: str
    job_id: str
    kind: Literal["ingest", "collect"]
    document_id: str
    version: int
    blob_key: str
    filename: str = ""
    media_type: str = ""
    title: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    trace_id: str = ""  # of the request that queued the job: every log line and store call of the work carries it
    attempt: int = 0  # how often it was claimed before; the board tells an old claim from the newest one by it
    failures: int = 0  # how often it has failed before
    deaths: int = 0  # how often a worker has died over it


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkMeta:
    """Where a chunk stands: code-point offsets into the parsed text; ``heading`` is the trail, outermost first."""

    chunk_id: str
    ordinal: int
    start: int
    end: int
    page: int | None
    heading: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveTable:
    """A typed source of a live document, and the blob that holds its rows."""

    type: EntityType
    rows_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundJoin:
    """A join that holds while both document versions are live. It was found in rows of ``document_id``.

    ``needs_document_id`` is empty where the join needs no other document (an e-mail column leads to persons).
    """

    join: Join
    document_id: str
    version: int
    needs_document_id: str = ""
    needs_version: int = 0
    by_key: bool = False  # leads to the column that identifies the other table's rows: this one's rows refer to those


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingested:
    """Everything the journal must know to make a version live. ``entities``/``relations`` count graph supports.

    ``seen`` names the tables (document, version) that joins were looked for in: where the tenant's live tables are
    others by now, ``finish`` raises Conflict and the worker looks again.
    """

    pages: int
    parsed_key: str
    occurred_on: str | None  # ISO date of what the document tells of (a mail's date)
    title: str
    media_type: str
    chunks: Sequence[ChunkMeta]
    entities: int
    relations: int
    tables: Sequence[LiveTable] = ()
    joins: Sequence[FoundJoin] = ()
    seen: Sequence[tuple[str, int]] = ()
    audience: Audience = Audience.STAFF  # by what is in it


class JobBoard(Protocol):
    """The cell's side of ingestion. Raises Retryable while the cell is away; Fenced when the claim was lost."""

    async def claim(self, worker: str) -> IngestJob | None:
        """The next job, or None after a few seconds without one."""
        ...

    async def progress(self, job: IngestJob, stage: str, done: int, total: int) -> None:
        """Where the job stands; comes at least every few seconds, so it may serve as a heartbeat."""
        ...

    async def finish(self, job: IngestJob, ingested: Ingested) -> None:
        """Flip the document to this version, in one transaction, and queue the old version's collection.

        Raises Conflict when ``ingested.tables`` is not empty and the tenant's live tables are not ``ingested.seen``.
        """
        ...

    async def fail(self, job: IngestJob, reason: str, retryable: bool) -> None: ...

    async def collected(self, job: IngestJob, removed: Mapping[str, int]) -> None:
        """The version of a "collect" job is gone: how many vectors, entities, relations and blobs were removed."""
        ...

    async def tables(self, tenant: str) -> Sequence[LiveTable]:
        """The typed sources of the tenant's live documents."""
        ...
