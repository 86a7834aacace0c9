"""What is known of the tables that a tenant has uploaded: columns, types and joins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

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
class ForeignKey:
    """A column whose source declares that it holds another type's key; both are of one document version."""

    column: str
    to_type: str
    to_column: str


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
    foreign_keys: Sequence[ForeignKey] = ()


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
