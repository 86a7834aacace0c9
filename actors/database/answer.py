"""What a statement gave, in values that any JSON can hold, and what may be given at most."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """``truncated``: there was more than was given, by rows or by bytes."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    truncated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """What one statement may take. ``cost``: PostgreSQL's units of its planner; ``examined``: rows that MySQL expects
    to look at."""

    rows: int = 1_000
    size: int = 4 * 1024 * 1024
    seconds: float = 5.0
    cost: float = 20_000_000.0
    examined: float = 500_000_000.0


class Gathering:
    """Rows until a cap is reached."""

    def __init__(self, columns: Sequence[str], caps: Caps) -> None:
        self._columns = tuple(columns)
        self._caps = caps
        self._rows: list[tuple[Value, ...]] = []
        self._size = 0
        self.full = False

    def add(self, rows: Iterable[Sequence[object]]) -> None:
        for row in rows:
            values = tuple(plain(value) for value in row)
            self._size += sum(len(value) if isinstance(value, str) else 8 for value in values)
            if len(self._rows) >= self._caps.rows or self._size > self._caps.size:
                self.full = True
                return
            self._rows.append(values)

    def rows(self) -> Rows:
        return Rows(columns=self._columns, rows=tuple(self._rows), truncated=self.full)


def plain(value: object) -> Value:
    """The value as JSON holds it: whole numbers whole, times as ISO 8601, bytes as hexadecimal digits."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    return str(value)


def _number(value: Decimal) -> Value:
    if not value.is_finite():
        return str(value)
    if value == value.to_integral_value() and value.as_tuple().exponent == 0:
        return int(value)
    near = float(value)
    return near if Decimal(repr(near)) == value else str(value)
