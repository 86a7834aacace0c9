"""Which table, column or value a name in a question means, where a database has several of that name.

Told apart by the table it stands beside, then by the subject, then by the tables of the question. What isn't told
apart ends the reading, and so does what may not be read.
"""

from __future__ import annotations

from actors.database.facts import TableFacts
from actors.database.planner.linking import Item
from actors.database.planner.reading import NotReadError
from actors.database.planner.vocabulary import Column, Value, Vocabulary
from actors.database.planner.words import key, name_stems
from actors.dates import EARLIEST, LATEST

_BETWEEN = ("of", "in", "be", "distinct", "agg", "and", "with")


class Naming:
    def __init__(self, items: list[Item], vocabulary: Vocabulary) -> None:
        self._items = items
        self._vocabulary = vocabulary
        self._mentioned = [self._only(item.tables, item) for item in items if item.what == "table"]
        self.subject = self._subject()

    def _subject(self) -> TableFacts | None:
        named = self._mentioned
        if named:
            return named[0]
        columns = [item.columns for item in self._items if item.what == "column"]
        tables = {id(c.table): c.table for found in columns if len(found) == 1 for c in found}
        return next(iter(tables.values())) if len(tables) == 1 else None

    def table(self, item: Item) -> TableFacts:
        return self._only(item.tables, item)

    def group(self, item: Item) -> Column | TableFacts:
        return self.table(item)

    def _only(self, tables: list[TableFacts], item: Item) -> TableFacts:
        readable = [table for table in tables if self._vocabulary.is_table_readable(table)]
        if tables and not readable:
            raise NotReadError(f"{item.text} may not be read here.", refused=True)
        if len(readable) != 1:
            raise NotReadError(f"There are several tables that {item.text} may mean.")
        return readable[0]

    def column(self, item: Item) -> Column:
        return self._permitted(self._choose(item.columns, item), item)

    def _choose(self, columns: list[Column], item: Item) -> Column:
        beside, word = self._beside(item), key(name_stems(item.text))
        if beside and not any(column.table is table for column in columns for table in beside):
            if word in _NAMES and len(beside) == 1 and (name := self._vocabulary.name_column(beside[0])) is not None:
                return name
            columns = [
                column for column in columns if key(name_stems(column.facts.name)) == word and word not in _NAMES
            ]
            if len(columns) != 1:
                raise NotReadError(f"I don't know the {item.text} of {beside[0].name if beside else 'that'}.")
        if len(columns) == 1:
            return columns[0]
        for tables in (beside, self._each(), [self.subject] if self.subject else [], self._mentioned):
            of = [column for column in columns if any(column.table is table for table in tables)]
            exact = [column for column in of if key(name_stems(column.facts.name)) == key(name_stems(item.text))]
            for some in (of, exact):
                if len(some) == 1:
                    return some[0]
            if of:
                break
        raise NotReadError(f"There are several columns that {item.text} may mean.")

    def _each(self) -> list[TableFacts]:
        """The tables that are told of one by one."""
        pairs = zip(self._items, self._items[1:], strict=False)
        return [table for one, other in pairs if one.what == "each" for table in other.tables]

    def belongs(self, column: Item, table: Item) -> bool:
        return any(each.table is own for each in column.columns for own in table.tables)

    def _beside(self, item: Item) -> list[TableFacts]:
        """The table right before the name, or after it with "of" between."""
        at = next(n for n, each in enumerate(self._items) if each is item)
        if (
            at
            and self._items[at - 1].what == "table"
            and (self.belongs(item, self._items[at - 1]) or key(name_stems(item.text)) in (*_NAMES, "id"))
        ):
            return self._items[at - 1].tables
        for after in self._items[at + 1 :]:
            if after.what == "table":
                return after.tables
            if after.what not in (*_BETWEEN, "column", "each", "value"):
                break
        return []

    def value(self, item: Item, of: Column | None = None) -> Value:
        known = [value for value in item.values if value.column.readable]
        if of is not None:
            known = [value for value in known if value.column is of] or known
        if len(known) == 1:
            return known[0]
        near = self._items[: next(n for n, each in enumerate(self._items) if each is item)][::-1]
        columns = [column for each in near if each.what == "column" for column in each.columns]
        for tables in ([self.subject] if self.subject else [], self._mentioned):
            own = [value for value in known if any(value.column.table is table for table in tables)]
            said = [value for value in own if any(value.column is column for column in columns)]
            for some in (own, said):
                if len(some) == 1:
                    return some[0]
            if own:
                break
        raise NotReadError(f"“{item.text}” is a value of several columns." if known else f"I don't know “{item.text}”.")

    def hinted(self, item: Item, table: TableFacts) -> Column:
        """The column that "oldest" or "cheapest" speaks of."""
        of = [c for c in self._vocabulary.of_table[table.schema, table.name] if c.readable]
        if item.hints == ("@date",):
            found = self._vocabulary.date_columns(table)
        else:
            found = [c for c in of if c.is_number and name_stems(c.facts.name)[-1] in item.hints]
            if not found and item.hints == ("age",):
                found = [c for c in of if c.is_date and name_stems(c.facts.name)[0] in ("birth", "born", "dob")]
        if len(found) != 1:
            raise NotReadError(f"I don't know by which column of {table.name} “{item.text}” is meant.")
        return found[0]

    def amount(self, item: Item) -> Column:
        """What "the total amount of orders" adds up."""
        table = self.table(item)
        of = [c for c in self._vocabulary.of_table[table.schema, table.name] if c.is_number and not c.is_key]
        found = [c for c in of if name_stems(c.facts.name)[-1] in ("total", "amount")]
        if len(found) != 1:
            raise NotReadError(f"I don't know which column of {table.name} to add up.")
        return self._permitted(found[0], item)

    def _permitted(self, column: Column, item: Item) -> Column:
        if not column.readable:
            raise NotReadError(f"{item.text} may not be read here.", refused=True)
        return column

    def year(self, item: Item) -> Column | None:
        """A column of years, where the subject and its neighbours have no date and the period is whole years."""
        period = item.period
        tables = ([self.subject] if self.subject else []) + self._mentioned
        if period is None or not tables or any(self._vocabulary.date_columns(table) for table in tables):
            return None
        starts = period.first == EARLIEST or (period.first.month, period.first.day) == (1, 1)
        ends = period.last == LATEST or (period.last.month, period.last.day) == (12, 31)
        found = {
            id(c): c for t in tables for c in self._vocabulary.of_table[t.schema, t.name] if c.is_year and c.readable
        }
        return next(iter(found.values())) if starts and ends and len(found) == 1 else None

    def date(self, table: TableFacts | None, item: Item) -> Column:
        """The column that a date speaks of: the only one of the subject, else the only one that is named like it."""
        dated = [each for each in self._all_mentioned() if self._vocabulary.date_columns(each)]
        if len(dated) > 1:  # "customers with orders this week": the day is that of what points at the other
            dated = [each for each in dated if all(each is other or _points(each, other) for other in dated)]
            if len(dated) != 1:
                raise NotReadError(f"I don't know of what “{item.text}” is the date.")
        table = dated[0] if dated else table
        if table is None:
            raise NotReadError(f"I don't know of what “{item.text}” is the date.")
        found = self._vocabulary.date_columns(table)
        stems = name_stems(table.name)
        if len(found) > 1:
            named = [c for c in found if key(name_stems(c.facts.name)[:-1]) in (key(stems), "", *_OF_ROWS)]
            found = named or found
        if len(found) != 1:
            raise NotReadError(f"I don't know which date of {table.name} “{item.text}” means.")
        return found[0]

    def _all_mentioned(self) -> list[TableFacts]:
        named = [*self._mentioned, *([self.subject] if self.subject else [])]
        return list({(table.schema, table.name): table for table in named}.values())

    def listed(self, table: TableFacts) -> Column:
        column = self._vocabulary.name_column(table)
        if column is None:
            raise NotReadError(f"I don't know which columns of {table.name} to show.")
        return column


def _points(one: TableFacts, other: TableFacts) -> bool:
    return any((link.schema, link.table) == (other.schema, other.name) for link in one.links)


_NAMES = ("name", "title", "id")
_OF_ROWS = ("order", "created", "placed", "transaction", "invoice")
