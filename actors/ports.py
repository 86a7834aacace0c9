"""What the actors need from outside themselves, as protocols.

Every store port is handed out *bound to one tenant*: no method takes a tenant, so none can be called without one.
Adapters live in ``actors/stores`` and ``actors/models``; only the composition root (``cluster/``) builds them.
Failures: ``Retryable`` when the store or model may answer later, ``Terminal`` when it never will.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, Protocol, TypeAlias

from actors.audience import Audience

Vector: TypeAlias = Sequence[float]  # L2-normalised, ``Embedder.dimension`` long
Scalar: TypeAlias = str | float | int | None


# ---------------------------------------------------------------------------------------------------------- models


class Embedder(Protocol):
    """Text to vectors. Queries and passages may be embedded differently (bge puts an instruction before a query)."""

    dimension: int

    async def embed_queries(self, texts: Sequence[str]) -> list[Vector]: ...

    async def embed_passages(self, texts: Sequence[str]) -> list[Vector]: ...


class Reranker(Protocol):
    """A cross-encoder. One logit per passage, higher is more relevant; the scale is the model's own."""

    async def score(self, query: str, passages: Sequence[str]) -> list[float]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What a language model is asked. ``system`` is fixed per use, so that servers can reuse its prefix."""

    system: str
    turns: Sequence[tuple[Literal["user", "assistant"], str]]
    max_tokens: int = 400
    temperature: float = 0.0
    schema: Mapping[str, object] | None = None  # a JSON schema that the answer must satisfy


class LanguageModel(Protocol):
    """A generative model behind an OpenAI-compatible endpoint."""

    name: str

    async def complete(self, prompt: Prompt, *, deadline_s: float) -> str: ...

    def stream(self, prompt: Prompt, *, deadline_s: float) -> AsyncIterator[str]: ...


# ---------------------------------------------------------------------------------------------------------- vectors


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
    """Narrows a search. ``occurred`` is an inclusive range of days since 1970-01-01."""

    document_ids: frozenset[str] | None = None
    never_ids: frozenset[str] = frozenset()  # documents that are left out
    occurred: tuple[int, int] | None = None


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


# ---------------------------------------------------------------------------------------------------------- graph


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """Which chunk of which document version says so."""

    document_id: str
    version: int
    chunk_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphEntity:
    """A node that documents talk about, already resolved: equal ``entity_id`` means the same thing.

    ``entity_id``: ``name:<normalised name>`` for what text names, ``email:<address>`` for a person by address,
    ``row:<type>:<key>`` for a row of a table or a mail. ``type`` is "person", "organisation", "place", "mail",
    or a table's type ("order"). ``properties`` are this support's columns (a row's cells, a mail's headers);
    dates are ISO strings.
    """

    entity_id: str
    type: str
    name: str
    support: Support
    properties: Mapping[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphRelation:
    """A typed, directed edge with its support. ``type`` is lower case ("customer_email", "mentions", "named").

    ``needs`` names a second document version without which the edge does not hold (a join found between two tables).
    """

    from_id: str
    type: str
    to_id: str
    support: Support
    needs: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One edge as traversed: the nodes at its ends, their readable names and types, and what supports it."""

    from_id: str
    from_name: str
    relation: str
    to_id: str
    to_name: str
    to_type: str
    document_id: str
    version: int
    chunk_id: str
    needs: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentScope:
    """The documents that a read may touch: those of ``only`` (None: any), and none of ``never``."""

    only: frozenset[str] | None = None
    never: frozenset[str] = frozenset()


class GraphStore(Protocol):
    """One tenant's knowledge graph. Writes are idempotent; readers get supports and drop what is not live."""

    async def put(self, entities: Sequence[GraphEntity], relations: Sequence[GraphRelation]) -> None:
        """Add entities (each with one support) and relations; adding the same again changes nothing."""
        ...

    async def lookup(
        self, entity_ids: Sequence[str], *, each: int | None = None, within: DocumentScope = DocumentScope()
    ) -> list[GraphEntity]:
        """Every support of the entities that exist, one ``GraphEntity`` per support; at most ``each`` of an entity.

        ``within`` counts only where ``each`` is given.
        """
        ...

    async def by_type(self, type: str, *, limit: int = 20_000) -> list[GraphEntity]:
        """Every support of every entity of one type."""
        ...

    async def hops(
        self,
        entity_ids: Sequence[str],
        *,
        relations: Sequence[str] | None = None,
        limit: int = 2_000,
        within: DocumentScope = DocumentScope(),
    ) -> list[Hop]:
        """Edges that touch ``entity_ids`` (either direction, told as *from* the given entity), one per support.

        ``within`` counts only where ``relations`` are not given.
        """
        ...

    async def mentions(self, entity_ids: Sequence[str], *, limit: int = 2_000) -> list[Support]:
        """The chunks that name these entities."""
        ...

    async def count(self, document_id: str, version: int) -> tuple[int, int]:
        """How many entities and relations this version supports."""
        ...

    async def delete_version(self, document_id: str, version: int) -> tuple[int, int]:
        """Remove one version's supports, the relations that need it, and the entities that nothing else supports."""
        ...

    async def drop(self) -> tuple[int, int]:
        """Remove everything of this tenant."""
        ...


# ---------------------------------------------------------------------------------------------------------- blobs


class Blobs(Protocol):
    """Bytes by key for one tenant. Keys are relative, slash-separated paths made by us, never by a user."""

    async def put(self, key: str, data: bytes) -> None: ...

    async def get(self, key: str) -> bytes: ...

    async def delete(self, prefix: str) -> int:
        """Remove every blob whose key starts with ``prefix``; returns how many."""
        ...


# ---------------------------------------------------------------------------------------------------------- tables


ColumnKind: TypeAlias = Literal["text", "number", "date", "email", "boolean"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What is known of one column of a typed source (a CSV's column, a mail's header)."""

    name: str
    kind: ColumnKind
    unique: bool
    filled: float  # share of rows with a value, 0..1
    distinct: int
    samples: Sequence[str] = ()  # up to 50 distinct values, all of them where there are that few


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityType:
    """A typed source in one document version: its rows are entities ``row:<name>:<key>`` in the graph."""

    name: str  # singular, normalised: "order", "customer", "mail"
    document_id: str
    version: int
    columns: Sequence[Column]
    key: str | None  # the column that identifies a row, where there is one
    label: str | None  # the column that a person would call the row by
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Relation ``relation`` leads from rows of ``from_type`` to rows of ``to_type`` (or to ``email:`` persons)."""

    from_type: str
    from_column: str
    to_type: str
    to_column: str
    relation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Everything typed that a tenant's live documents hold. Set questions are planned against it."""

    types: Sequence[EntityType]
    joins: Sequence[Join]


# ---------------------------------------------------------------------------------------------------------- library


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveDocument:
    """A document that readers may see, with the one version that counts."""

    document_id: str
    version: int
    title: str
    media_type: str
    occurred_on: date | None = None
    audience: Audience = Audience.STAFF


class Library(Protocol):
    """One tenant's documents as the journal knows them: the truth about what is live."""

    async def live(self) -> Mapping[str, LiveDocument]:
        """document_id → its live version. Cheap: cached until the journal says that something changed."""
        ...

    async def catalogue(self) -> Catalogue: ...


# ---------------------------------------------------------------------------------------------------------- records


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRecord:
    """A document as its owner sees it. ``state``: queued, running, ready, failed or deleting."""

    document_id: str
    title: str
    filename: str
    media_type: str
    size: int
    state: str
    version: int  # the live version where there is one, else the newest
    pages: int
    chunks: int
    entities: int
    error: str
    created_at: str
    updated_at: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    audience: Audience | None = None  # None: nobody said, and it is not ingested yet


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkRecord:
    """Where a chunk stands: code-point offsets into the parsed text that ``parsed_key`` names among the blobs."""

    document_id: str
    chunk_id: str
    version: int
    ordinal: int
    start: int
    end: int
    page: int | None
    heading: str
    parsed_key: str
    title: str
    audience: Audience = Audience.STAFF


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """``state``: queued, running, done or failed; ``done`` of ``total`` within ``stage``."""

    job_id: str
    document_id: str
    state: str
    stage: str
    done: int
    total: int
    error: str
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRecord:
    """A message and what became of it. ``state``: pending, done or dead; ``answer`` (JSON of Answer) once done."""

    message_id: str
    conversation_id: str
    state: str
    text: str
    answer: Mapping[str, object] | None
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRecord:
    """One line of a conversation. ``author``: customer, assistant or person."""

    seq: int
    author: str
    text: str
    message_id: str  # the message that this line is, or answers
    answer: Mapping[str, object] | None
    created_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationRecord:
    conversation_id: str
    channel: str
    state: str  # assistant, human or closed
    customer_id: str
    customer_name: str
    created_at: str
    updated_at: str
    last_text: str


class Records(Protocol):
    """What one tenant's journal tells readers. Reads only; raises NotFound for what this tenant does not have."""

    async def documents(self, *, limit: int = 200, after: str = "") -> list[DocumentRecord]: ...

    async def document(self, document_id: str) -> DocumentRecord: ...

    async def chunk(self, document_id: str, chunk_id: str) -> ChunkRecord: ...

    async def job(self, job_id: str) -> JobRecord: ...

    async def message(self, message_id: str) -> MessageRecord: ...

    async def conversations(self, *, limit: int = 50, before: str = "") -> list[ConversationRecord]: ...

    async def conversation(self, conversation_id: str) -> ConversationRecord: ...

    async def history(self, conversation_id: str, *, limit: int = 200, before_seq: int = 0) -> list[HistoryRecord]: ...
