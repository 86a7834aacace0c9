"""What a question was read as: the parts of a query, before a tree is built of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from actors.database.facts import TableFacts
from actors.database.planner.vocabulary import Column
from actors.dates import DateRange


class NotReadError(Exception):
    """The grammar does not cover the question; the text says where it stopped. ``refused``: it may not be read."""

    def __init__(self, reason: str, *, refused: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.refused = refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A column of the answer. ``agg`` "" shows ``column`` itself; "count" without a column counts rows of ``table``."""

    agg: str = ""
    column: Column | None = None
    table: TableFacts | None = None
    distinct: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """``op``: =, >, >=, <, <=, between, in, like, period."""

    column: Column
    op: str
    values: tuple[str | int | float, ...]
    negated: bool = False
    period: DateRange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """So many rows of ``table`` belong to a row of what is asked for."""

    table: TableFacts
    op: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    by: Shown
    descending: bool


@dataclass(slots=True)
class Reading:
    subject: TableFacts | None = None
    shown: list[Shown] = field(default_factory=list)
    filters: list[Filter] = field(default_factory=list)
    counted: list[Counted] = field(default_factory=list)
    present: list[TableFacts] = field(default_factory=list)  # a row of it belongs to what is asked for
    absent: list[TableFacts] = field(default_factory=list)  # none does
    groups: list[Column | TableFacts] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    limit: int | None = None
    distinct: bool = False
    doubts: list[str] = field(default_factory=list)
