"""The period that a question asks about ("last month", "in March"), as the stores count days.

Promises: pure. What is known to be of another time comes after everything else; what has no date (a policy, a price
list) is of every time.

Held by tests/unit/actors/retrieval/test_period.py and tests/integration/test_search.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from actors.dates import find_dates
from actors.ports import day_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Inclusive days since 1970-01-01."""

    first: int
    last: int

    def holds(self, occurred_on: int) -> bool:
        """May a chunk of that day tell of the period? 0: its day is not known."""
        return not occurred_on or self.first <= occurred_on <= self.last


def asked_period(question: str, as_of: date) -> Period | None:
    """From the first to the last day that ``question`` names, relative ones counted from ``as_of``; None without."""
    named = [found.range for found in find_dates(question, as_of)]
    if not named:
        return None
    first, last = min(range_.first for range_ in named), max(range_.last for range_ in named)
    return Period(first=day_number(first), last=day_number(last))
