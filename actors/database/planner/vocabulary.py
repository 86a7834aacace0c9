"""The names and known values of a database, filed by what people may call them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from actors.database.facts import ColumnFacts, DatabaseFacts, TableFacts
from actors.database.planner.lexicon import SYNONYMS
from actors.database.planner.words import key, name_stems, stem, tokens
from actors.database.schema import Schema
from actors.typos import close

_NUMERIC = ("int", "numeric", "decimal", "real", "double", "float", "money", "number", "serial")
_DATED = ("date", "timestamp", "datetime")
T = TypeVar("T")
_LONGEST_VALUE = 5  # words
_JOINTS = ("on", "at", "date", "name")


@dataclass(frozen=True, eq=False, slots=True)
class Column:
    """One of them for each column of a vocabulary: they are compared by identity."""

    table: TableFacts
    facts: ColumnFacts
    readable: bool

    @property
    def is_number(self) -> bool:
        return any(word in self.facts.type for word in _NUMERIC)

    @property
    def is_date(self) -> bool:
        return any(self.facts.type.startswith(word) for word in _DATED)

    @property
    def is_year(self) -> bool:
        return name_stems(self.facts.name)[-1:] == ("year",)

    @property
    def is_key(self) -> bool:
        linked = {name for link in self.table.links for name in link.columns}
        return (
            self.facts.name in self.table.key or self.facts.name in linked or "id" in name_stems(self.facts.name)[-1:]
        )


@dataclass(frozen=True, slots=True)
class Value:
    column: Column
    text: str


@dataclass(slots=True)
class Vocabulary:
    """Made once for a database and its allow-list. What may not be read is known by name, so that a question about it
    is refused rather than misread."""

    facts: DatabaseFacts
    readable: Schema
    columns: dict[str, list[Column]] = field(init=False, default_factory=dict)
    tables: dict[str, list[TableFacts]] = field(init=False, default_factory=dict)
    values: dict[str, list[Value]] = field(init=False, default_factory=dict)
    of_table: dict[tuple[str, str], list[Column]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for table in self.facts.tables:
            stems = name_stems(table.name)
            self._file(self.tables, key(stems), table)
            if 0 < len(_words(table.comment)) <= 3:
                self._file(self.tables, key(_words(table.comment)), table)
            of = self.of_table[table.schema, table.name] = [
                Column(table, facts, self._is_readable(table, facts)) for facts in table.columns
            ]
            for column in of:
                for alias in _aliases(column, stems):
                    self._file(self.columns, alias, column)
                for text in column.facts.values if column.readable else ():
                    words = [token.stem for token in tokens(text)]
                    if words and len(words) <= _LONGEST_VALUE and (len(text) > 1 or text.isalpha()):
                        self._file(self.values, key(words), Value(column, text))

    def is_table_readable(self, table: TableFacts) -> bool:
        return any(column.readable for column in self.of_table[table.schema, table.name])

    def columns_named(self, word: str) -> list[Column]:
        return self.columns.get(word, [])

    def tables_named(self, word: str) -> list[TableFacts]:
        return self.tables.get(word, [])

    def meant(self, word: str) -> tuple[list[TableFacts], list[Column]]:
        """By another word for the same thing."""
        return self._other(self.tables, word), self._other(self.columns, word)

    def near(self, word: str) -> str | None:
        """The one name or value that differs from ``word`` by a slip of the pen."""
        alike = {name for names in (self.columns, self.tables, self.values) for name in names if close(word, name)}
        return alike.pop() if len(alike) == 1 else None

    def name_column(self, table: TableFacts) -> Column | None:
        """What its rows are called by."""
        of = [column for column in self.of_table[table.schema, table.name] if column.readable]
        stems = name_stems(table.name)
        wanted = ("name", "title", key(stems), key(stems) + "name", key(stems) + "title")
        found = [column for column in of if key(name_stems(column.facts.name)) in wanted]
        return found[0] if len(found) == 1 else None

    def date_columns(self, table: TableFacts) -> list[Column]:
        return [column for column in self.of_table[table.schema, table.name] if column.is_date and column.readable]

    def _is_readable(self, table: TableFacts, column: ColumnFacts) -> bool:
        return any(column.name in found.columns for found in self.readable.find(table.name, table.schema))

    @staticmethod
    def _other(names: dict[str, list[T]], word: str) -> list[T]:
        for group in SYNONYMS:
            if word in group:
                return [each for other in group if other != word for each in names.get(other, ())]
        return []

    @staticmethod
    def _file(names: dict[str, list[T]], alias: str, what: T) -> None:
        filed = names.setdefault(alias, [])
        if what not in filed:
            filed.append(what)


def _aliases(column: Column, table: tuple[str, ...]) -> Iterator[str]:
    stems = name_stems(column.facts.name)
    yield key(stems)
    if len(stems) > len(table) and stems[: len(table)] == table:
        yield key(stems[len(table) :])
    elif len(stems) > 1 and stems[0] == table[-1]:
        yield key(stems[1:])
    if column.table.key == (column.facts.name,):
        yield "id"
    for cut in range(1, len(stems) - 1):
        yield key(stems[cut:])
    if len(stems) > 1 and stems[-1] == "name":
        yield "name"
    if len(stems) > 1 and stems[-1] in _JOINTS and not column.is_key:
        yield key(stems[:-1])
    if 0 < len(_words(column.facts.comment)) <= 3:
        yield key(_words(column.facts.comment))


def _words(comment: str) -> list[str]:
    return [stem(token.text) for token in tokens(comment)]
