"""The items of a question and what is known of it so far: what every part of the grammar moves along and adds to."""

from __future__ import annotations

from actors.database.planner.linking import Item
from actors.database.planner.naming import Naming
from actors.database.planner.reading import Reading
from actors.database.planner.vocabulary import Column, Vocabulary


class Cursor:
    def __init__(self, items: list[Item], vocabulary: Vocabulary) -> None:
        self._items = items
        self._at = 0
        self._vocabulary = vocabulary
        self._naming = Naming(items, vocabulary)
        self._reading = Reading(subject=self._naming.subject)
        self._last: Column | None = None  # the column spoken of just now
        self._started = False  # a clause has begun: columns no longer add to what is shown
        self._top_descending: bool | None = None  # "top 3" waits for its "by"
        self._pending: Column | None = None  # the column that is being compared

    def _peek(self, ahead: int = 0) -> Item | None:
        at = self._at + ahead
        return self._items[at] if at < len(self._items) else None

    def _is(self, *what: str, ahead: int = 0) -> bool:
        item = self._peek(ahead)
        return item is not None and item.what in what

    def _take(self) -> Item:
        self._at += 1
        return self._items[self._at - 1]

    def _skip(self, *what: str) -> None:
        while self._is(*what):
            self._at += 1
