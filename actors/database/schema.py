"""What of a database may be read: tables and their columns. What is not named here does not exist for a statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from runtime.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class TableNames:
    """A table or view under its own name, with those of its columns that may be read, in their order.

    ``schema``: PostgreSQL's schema, MySQL's database, SQLite's "main"; "" leaves the name as it is.
    """

    name: str
    columns: tuple[str, ...]
    schema: str = ""


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables that may be read. Names are found as they are written, else in any letter case if only one fits."""

    tables: tuple[TableNames, ...]
    _by_name: Mapping[str, tuple[TableNames, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found: dict[str, list[TableNames]] = {}
        for table in self.tables:
            found.setdefault(table.name.lower(), []).append(table)
        object.__setattr__(self, "_by_name", {name: tuple(tables) for name, tables in found.items()})

    def find(self, name: str, schema: str = "") -> list[TableNames]:
        """The tables that ``name`` may mean: one, none, or several that it does not tell apart."""
        of_schema = [t for t in self._by_name.get(name.lower(), ()) if not schema or t.schema.lower() == schema.lower()]
        exact = [table for table in of_schema if table.name == name and (not schema or table.schema == schema)]
        return exact or of_schema


def named(wanted: str, names: Iterable[str]) -> str | None:
    """The name among ``names`` that is meant: the same one, else the only one that differs by letter case."""
    alike = [name for name in names if name.lower() == wanted.lower()]
    if wanted in alike:
        return wanted
    return alike[0] if len(alike) == 1 else None


def schema_of(told: object) -> Schema:
    """From JSON: ``{"orders": ["id", "total"], "sales.returns": ["id"]}``. Raises Invalid."""
    fits = isinstance(told, dict) and all(
        isinstance(columns, list) and all(isinstance(column, str) for column in columns) for columns in told.values()
    )
    if not fits or not isinstance(told, dict):
        raise Invalid("This is no schema.", do='Give JSON like {"orders": ["id", "total"], "sales.returns": ["id"]}.')
    tables = []
    for name, columns in told.items():
        schema, _, table = str(name).rpartition(".")
        tables.append(TableNames(name=table, schema=schema, columns=tuple(columns)))
    return Schema(tuple(tables))
