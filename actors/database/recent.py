"""Answers of the last seconds: the same statement on the same schema is not run again while its rows are fresh.

Promises: nothing older than ``seconds`` is given; bounded in answers and in their size; pure but for the clock that is
handed in.

Held by tests/unit/actors/database/test_recent.py.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

from actors.database.answer import Rows

SECONDS = 5.0
MOST = 32
LARGEST = 64 * 1024  # characters of an answer; larger ones are not kept


class Recent:
    def __init__(self, *, seconds: float = SECONDS, most: int = MOST, largest: int = LARGEST) -> None:
        self._seconds = seconds
        self._most = most
        self._largest = largest
        self._kept: OrderedDict[Hashable, tuple[float, Rows]] = OrderedDict()

    def get(self, key: Hashable, now: float) -> Rows | None:
        found = self._kept.get(key)
        if found is None or not 0 <= now - found[0] < self._seconds:
            self._kept.pop(key, None)
            return None
        return found[1]

    def put(self, key: Hashable, rows: Rows, now: float) -> None:
        if _size(rows) > self._largest:
            return
        self._kept[key] = (now, rows)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def clear(self) -> None:
        self._kept.clear()


def _size(rows: Rows) -> int:
    return sum(len(value) if isinstance(value, str) else 8 for row in rows.rows for value in row)
