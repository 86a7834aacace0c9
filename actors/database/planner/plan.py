"""The planner's door: a question and a vocabulary in, a statement's tree or the reason why there is none out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlglot import exp

from actors.database.dialects import DIALECTS, Family
from actors.database.planner.building import Building
from actors.database.planner.grammar import Grammar
from actors.database.planner.joins import Joins
from actors.database.planner.linking import link
from actors.database.planner.reading import NotReadError, Reading, Shown
from actors.database.planner.told import told_filters, told_order
from actors.database.planner.vocabulary import Vocabulary

_DOUBT = 0.15
_LONGEST = 400  # characters of a question


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """``sql`` still has to pass the gate. ``filters``: in words, dates resolved. ``confidence``: 1.0 where each word
    stood in the database as it was said; each guess in ``doubts`` takes some. ``subject``: whose rows are told."""

    sql: str
    tree: exp.Select = field(repr=False, compare=False)
    shown: tuple[Shown, ...] = ()
    subject: str = ""
    filters: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    order: str = ""
    limit: int | None = None
    doubts: tuple[str, ...] = ()
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """``refused``: it asks for what may not be read, which is never told as "no rows"."""

    reason: str
    refused: bool = False


class Planner:
    """For one database and what may be read of it; keeps no state between questions.

    Held by tests/unit/actors/database/planner/ and bench/bench_planner.py.
    """

    def __init__(self, vocabulary: Vocabulary, family: Family) -> None:
        self._vocabulary = vocabulary
        self._family = family
        self._joins = Joins(vocabulary.facts)

    def plan(self, question: str, *, as_of: date) -> Planned | Declined:
        """Pure. ``as_of``: the day that "this week" is counted from."""
        if len(question) > _LONGEST:
            return Declined(reason="The question is too long to be read at once.")
        try:
            items, slips = link(question, self._vocabulary, as_of)
            reading = Grammar(items, self._vocabulary).read()
            building = Building(reading, self._vocabulary, self._joins)
            tree = building.tree()
        except NotReadError as ended:
            return Declined(reason=ended.reason, refused=ended.refused)
        return self._planned(reading, building, tree, slips)

    def _planned(self, reading: Reading, building: Building, tree: exp.Select, slips: list[str]) -> Planned:
        doubts = (*slips, *reading.doubts)
        return Planned(
            sql=tree.sql(dialect=DIALECTS[self._family]),
            tree=tree,
            shown=tuple(building.shown),
            subject=building.root.name,
            filters=tuple(told_filters(reading, building.root)),
            groups=tuple(column.facts.name for column in building.groups),
            order=", ".join(told_order(order) for order in reading.orders),
            limit=reading.limit,
            doubts=doubts,
            confidence=max(0.0, 1.0 - _DOUBT * len(doubts)),
        )
