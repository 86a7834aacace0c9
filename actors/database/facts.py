"""What is known of a database: its tables, their columns and how they hang together."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from actors.database.answer import Value
from actors.database.privacy import Privacy
from actors.database.schema import Schema, TableNames


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFacts:
    """``values``: all of them where they are few, ``low`` and ``high``: the smallest and the largest, both of the first
    rows only and never of what is private."""

    name: str
    type: str
    nullable: bool
    comment: str = ""
    privacy: Privacy = Privacy.OPEN
    values: tuple[str, ...] = ()
    low: Value = None
    high: Value = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A foreign key: ``columns`` hold the ``keys`` of a row of ``table``."""

    columns: tuple[str, ...]
    schema: str
    table: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFacts:
    name: str
    schema: str
    columns: tuple[ColumnFacts, ...]
    key: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    comment: str = ""

    def is_named_in(self, allowed: Collection[str]) -> bool:
        """Whether the list names this table or a column of it."""
        names = (self.name, f"{self.schema}.{self.name}")
        return any(each in names or each.rpartition(".")[0] in names for each in allowed)


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseFacts:
    """``left_out``: how many tables there are beyond those that are told."""

    tables: tuple[TableFacts, ...]
    left_out: int = 0

    def schema(self, allowed: Collection[str] = ()) -> Schema:
        """What statements may read: the tables of ``allowed`` (as ``name`` or ``schema.name``, a column's as
        ``table.column``; empty: all), without the hidden columns."""
        tables = []
        for table in self.tables:
            columns = tuple(
                column.name
                for column in table.columns
                if column.privacy is not Privacy.HIDDEN and _is_allowed(table, column.name, allowed)
            )
            if columns:
                tables.append(TableNames(name=table.name, schema=table.schema, columns=columns))
        return Schema(tuple(tables))


def _is_allowed(table: TableFacts, column: str, allowed: Collection[str]) -> bool:
    names = (table.name, f"{table.schema}.{table.name}")
    return not allowed or any(name in allowed or f"{name}.{column}" in allowed for name in names)
