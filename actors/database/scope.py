"""What names mean at one place of a statement: the tables in reach, their columns, and those of the queries around."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlglot import exp

from actors.database.dialects import Family
from actors.database.schema import named

Columns = tuple[str, ...] | None  # None: not known

SPELLED = "ragleap_spelled"  # an Identifier's meta: the gate has found out what it means


@dataclass(frozen=True, slots=True)
class Source:
    """Something in FROM. ``columns`` None: not known, any name may be one (there is no schema to say)."""

    name: str
    columns: tuple[str, ...] | None


@dataclass(slots=True)
class Scope:
    """One SELECT. ``around``: the query that this one is inside of. ``ctes``: what WITH has named so far."""

    around: Scope | None = None
    sources: list[Source] = field(default_factory=list)
    ctes: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    merged: set[str] = field(default_factory=set)  # columns that USING has made one of
    results: dict[str, int] = field(default_factory=dict)  # the SELECT list's own names, and their places

    def inner(self) -> Scope:
        return Scope(around=self)

    def cte(self, name: str) -> Source | None:
        """What WITH has named so, here or around."""
        here: Scope | None = self
        while here is not None:
            found = named(name, here.ctes)
            if found is not None:
                return Source(found, here.ctes[found])
            here = here.around
        return None

    def source(self, name: str) -> Source | None:
        """What a column's first half means: here, else in the queries around."""
        here: Scope | None = self
        while here is not None:
            found = named(name, (source.name for source in here.sources))
            if found is not None:
                return next(source for source in here.sources if source.name == found)
            here = here.around
        return None

    def having(self, column: str) -> list[tuple[Source, str]]:
        """The sources of this query that have the column, each with its own spelling; unknown ones count if alone."""
        found = []
        for source in self.sources:
            spelled = column if source.columns is None else named(column, source.columns)
            if spelled is not None:
                found.append((source, spelled))
        return found

    def known(self) -> bool:
        """Are the columns of every source in reach known?"""
        here: Scope | None = self
        while here is not None:
            if any(source.columns is None for source in here.sources):
                return False
            here = here.around
        return True

    def names(self) -> Iterable[str]:
        return (source.name for source in self.sources)


def written(identifier: exp.Expression | None, family: Family) -> str:
    """The name that an identifier stands for: PostgreSQL makes what is not quoted lower case."""
    if not isinstance(identifier, exp.Identifier):
        return identifier.name if identifier is not None else ""
    if family is Family.POSTGRES and not identifier.args.get("quoted"):
        return identifier.name.lower()
    return identifier.name


def spelled(name: str) -> exp.Identifier:
    """An identifier that means exactly this name."""
    made = exp.Identifier(this=name, quoted=True)
    made.meta[SPELLED] = True
    return made
