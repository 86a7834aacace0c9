"""The tenant's knowledge graph: entities, typed relations, and which documents support them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from actors.ports.values import Scalar


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
    or a table's type ("order"). An entity of type "alias" is an entry of the names' index: its id says under what
    (``alias:core:acme``), its name which entity and in which spelling ("name:acmeltd<tab>Acme Ltd", a line each).
    ``properties`` are this support's columns (a row's cells, a mail's headers);
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
class Filed:
    """An entity as the names' index has it: below which entry, and how it is spelled there."""

    alias_id: str
    entity_id: str
    name: str


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

    async def filed(self, alias_ids: Sequence[str], *, each: int = 40) -> list[Filed]:
        """What stands below entries of the names' index, each entity and spelling once; at most ``each`` an entry."""
        ...

    async def near(self, keys: Sequence[str], *, each: int = 40) -> list[str]:
        """Ids of named entities whose key shares a half with one of ``keys`` (``actors.typos``)."""
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
