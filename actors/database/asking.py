"""What the actor needs of a planner: a question in plain words to one SELECT, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Protocol, runtime_checkable

from actors.database.answer import Rows
from actors.database.dialects import Family
from actors.database.facts import DatabaseFacts
from actors.database.schema import Schema


@runtime_checkable
class Declines(Protocol):
    """``refused``: it asks for what may not be read, which is never told as "no rows"."""

    @property
    def reason(self) -> str: ...

    @property
    def refused(self) -> bool: ...


class Plans(Protocol):
    """``sql`` still has to pass the gate. ``filters``: its conditions in words, dates resolved."""

    @property
    def sql(self) -> str: ...

    @property
    def filters(self) -> Sequence[str]: ...


class Planner(Protocol):
    """Pure; for one database and what may be read of it."""

    def plan(self, question: str, *, as_of: date) -> Plans | Declines: ...


PlannerFor = Callable[[DatabaseFacts, Schema, Family], Planner]  # what there is, and what of it may be read


def told(rows: Rows, filters: Sequence[str] = ()) -> str:
    """The answer in a sentence: the value where it is one, else how many rows there are."""
    asked = f" ({'; '.join(filters)})" if filters else ""
    if len(rows.rows) == 1 and len(rows.columns) == 1:
        value = rows.rows[0][0]
        return f"{rows.columns[0]}: {'nothing' if value is None else value}{asked}."
    count = len(rows.rows)
    if rows.truncated:
        return f"The first {count} rows{asked}; there are more."
    return f"{'No rows' if not count else '1 row' if count == 1 else f'{count} rows'}{asked}."
