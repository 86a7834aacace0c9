"""The tenant's vector store: passages with their vectors, found by meaning and by words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from actors.ports.values import Vector


def day_number(day: date) -> int:
    """``day`` as ``occurred_on`` and ``occurred`` count it: days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorRow:
    """One chunk as the vector store keeps it. ``start``/``end`` are code-point offsets into the parsed text.

    ``context`` (title and headings) is found by keyword like the text, and never returned.
    """

    chunk_id: str
    document_id: str
    version: int
    ordinal: int
    text: str
    vector: Vector
    start: int
    end: int
    occurred_on: int = 0  # days since 1970-01-01 of what the chunk tells of (a mail's date); 0 = unknown
    context: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorHit:
    """A chunk found. ``score``: cosine in [-1, 1] for dense; for keyword only the order means something."""

    chunk_id: str
    document_id: str
    version: int
    ordinal: int
    text: str
    start: int
    end: int
    score: float
    occurred_on: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorFilter:
    """Narrows a search. ``occurred`` is an inclusive range of days since 1970-01-01; ``undated``: chunks whose day is
    unknown belong to it."""

    document_ids: frozenset[str] | None = None
    never_ids: frozenset[str] = frozenset()  # documents that are left out
    occurred: tuple[int, int] | None = None
    undated: bool = False


class VectorStore(Protocol):
    """Dense and BM25 search over one tenant's chunks. Idempotent: a row's key is its ``chunk_id``."""

    async def upsert(self, rows: Sequence[VectorRow]) -> None: ...

    async def flush(self) -> None:
        """Make what was upserted fast to search (call once after an ingest)."""
        ...

    async def dense(self, vector: Vector, k: int, where: VectorFilter = VectorFilter()) -> list[VectorHit]: ...

    async def keyword(self, query: str, k: int, where: VectorFilter = VectorFilter()) -> list[VectorHit]: ...

    async def fetch(self, chunk_ids: Sequence[str]) -> list[VectorHit]:
        """Chunks by id, in no particular order; missing ones are left out."""
        ...

    async def count(self, document_id: str, version: int) -> int: ...

    async def delete_version(self, document_id: str, version: int) -> int:
        """Remove one version's rows; returns how many."""
        ...

    async def drop(self) -> int:
        """Remove everything of this tenant; returns how many rows."""
        ...
