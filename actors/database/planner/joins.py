"""How tables hang together: the one shortest way along foreign keys from a table to another.

Where a database declares none for a table, a column that is called like the only key of another table stands for one.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from actors.database.facts import DatabaseFacts, TableFacts
from actors.database.planner.reading import NotReadError
from actors.database.planner.words import key, name_stems

Name = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """From one table to the next. ``to_one``: each row of the first has at most one of the next."""

    start: Name
    end: Name
    columns: tuple[str, ...]
    keys: tuple[str, ...]
    to_one: bool


class Joins:
    def __init__(self, facts: DatabaseFacts) -> None:
        self._steps: dict[Name, list[Step]] = {name_of(table): [] for table in facts.tables}
        self._facts = {name_of(table): table for table in facts.tables}
        for table in facts.tables:
            links = [(link.columns, (link.schema, link.table), link.keys) for link in table.links]
            for columns, parent, keys in links or _guessed(table, facts):
                if parent in self._steps:
                    child = name_of(table)
                    keys_ = keys or self._key_of(parent, facts)
                    self._steps[child].append(Step(start=child, end=parent, columns=columns, keys=keys_, to_one=True))
                    unique = set(columns) == set(table.key)
                    self._steps[parent].append(
                        Step(start=parent, end=child, columns=keys_, keys=columns, to_one=unique)
                    )

    def way(self, start: TableFacts, end: TableFacts) -> list[Step]:
        """Raises NotReadError where there is none, or more than one that is as short."""
        ways = self._ways(name_of(start), name_of(end))
        if not ways:
            raise NotReadError(f"I know no link between {start.name} and {end.name}.")
        if len(ways) > 1:
            raise NotReadError(f"{start.name} and {end.name} are linked in more than one way.")
        return ways[0]

    def children(self, table: TableFacts) -> list[TableFacts]:
        """The tables whose rows point at its own."""
        names = {step.end for step in self._steps[name_of(table)] if not step.to_one}
        return [self._facts[name] for name in sorted(names)]

    def to_one(self, start: TableFacts, end: TableFacts) -> bool:
        try:
            return all(step.to_one for step in self.way(start, end))
        except NotReadError:
            return False

    def _ways(self, start: Name, end: Name) -> list[list[Step]]:
        waiting: deque[tuple[Name, list[Step]]] = deque([(start, [])])
        found: list[list[Step]] = []
        depth = {start: 0}
        while waiting:
            at, way = waiting.popleft()
            if found and len(way) >= len(found[0]):
                if at == end and len(way) == len(found[0]) and way not in found:
                    found.append(way)
                continue
            if at == end:
                found.append(way)
                continue
            for step in self._steps.get(at, ()):
                if depth.setdefault(step.end, len(way) + 1) == len(way) + 1:
                    waiting.append((step.end, [*way, step]))
        return found

    @staticmethod
    def _key_of(name: Name, facts: DatabaseFacts) -> tuple[str, ...]:
        return next(table.key for table in facts.tables if name_of(table) == name)


def name_of(table: TableFacts) -> Name:
    return table.schema, table.name


def _guessed(table: TableFacts, facts: DatabaseFacts) -> list[tuple[tuple[str, ...], Name, tuple[str, ...]]]:
    found: list[tuple[tuple[str, ...], Name, tuple[str, ...]]] = []
    for other in facts.tables:
        if other is table or len(other.key) != 1:
            continue
        wanted = {key(name_stems(other.name)) + key(name_stems(other.key[0]))}
        if len(name_stems(other.key[0])) > 1:
            wanted.add(key(name_stems(other.key[0])))
        for column in table.columns:
            if key(name_stems(column.name)) in wanted:
                found.append(((column.name,), name_of(other), other.key))
    return found
