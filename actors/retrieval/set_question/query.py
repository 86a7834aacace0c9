"""The planned set question: what is asked for, how it is reached, what narrows it, and what a mail must say.

Owns :class:`SetQuery` and its readable form. Data only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from actors.dates import DateRange

Role = Literal["person", "mail", "order", "product", "other"]
Aim = Literal["list", "count"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What the members of the set are: a role, and the tenant's own type where one plays it."""

    role: Role
    type: str  # the catalogue's name, "" where the members are known by address only
    noun: str  # the word that the question used, in singular


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One move through the graph, along a relation of the catalogue (in either direction)."""

    from_type: str
    relation: str
    to_type: str

    def __str__(self) -> str:
        return f"{self.from_type} -{self.relation}- {self.to_type}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueFilter:
    """``column`` of ``type`` equals ``value``; or, with ``entity_ids``, the member is or leads to one of them."""

    type: str
    column: str
    value: str
    entity_ids: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.type}{'.' + self.column if self.column else ''} = {self.value!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DateFilter:
    """``column`` of ``type`` lies in ``range``. ``said`` is the question's own expression ("last month")."""

    type: str
    column: str
    range: DateRange
    said: str

    def __str__(self) -> str:
        return f"{self.type}.{self.column} {self.range}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPredicate:
    """What a mail must say. ``about`` names a thing of the tenant's (a product) that it must name."""

    intent: str
    topic: str
    said: str  # "complained about delivery"
    about: tuple[str, ...] = ()

    def __str__(self) -> str:
        named = f", naming {' or '.join(self.about)}" if self.about else ""
        return f"mail says {self.intent}({self.topic or 'anything'}){named}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """What is told of each member besides itself."""

    role: Literal["product", "order"]
    dates: DateFilter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetQuery:
    """A set question as it is executed: read-only, complete over what is live, bounded."""

    aim: Aim
    target: Target
    path: tuple[Step, ...] = ()
    filters: tuple[ValueFilter | DateFilter, ...] = ()
    text: TextPredicate | None = None
    projection: Projection | None = None

    def __str__(self) -> str:
        parts = [f"{self.aim} {self.target.role}"]
        if self.target.type and self.target.type != self.target.role:
            parts[0] += f" ({self.target.type})"
        if self.path:
            parts.append("via " + "; ".join(str(step) for step in self.path))
        narrowed = [str(each) for each in (*self.filters, *((self.text,) if self.text else ()))]
        if narrowed:
            parts.append("where " + " and ".join(narrowed))
        if self.projection:
            when = f" with {self.projection.dates}" if self.projection.dates else ""
            parts.append(f"with each one's {self.projection.role}s{when}")
        return ", ".join(parts)

    def date_of(self, type: str) -> DateFilter | None:
        """The date filter on a type, where there is one."""
        return next((f for f in self.filters if isinstance(f, DateFilter) and f.type == type), None)

    def filters_on_orders(self, orders: tuple[str, ...]) -> bool:
        """Whether a date or value narrows one of these types."""
        return any(f.type in orders for f in self.filters)

    def values(self) -> list[ValueFilter]:
        """The filters by value."""
        return [f for f in self.filters if isinstance(f, ValueFilter)]
