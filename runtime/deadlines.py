"""Many deadlines on one timer: what has not ended by its time is told so, a grain late at most and never early.

A loop's own timer for each question and each turn is half of what a message costs (measured); here setting a deadline
and taking it back is one insertion into a set and one removal, because hardly any deadline is ever reached.

Held by tests/unit/runtime/test_deadlines.py.
"""

from __future__ import annotations

import asyncio
import math
from types import TracebackType
from typing import Any, Protocol

GRAIN_S = 0.01


class Watched(Protocol):
    """Something that must end by a deadline."""

    def expire(self) -> None:
        """The deadline has come. Must not raise."""
        ...


class Deadlines:
    """The deadlines of one event loop."""

    __slots__ = ("_armed", "_slots", "_timer")

    def __init__(self) -> None:
        self._slots: dict[int, set[Watched]] = {}  # number of a grain of the loop's time → who is to be told then
        self._armed = math.inf  # the slot that the timer is set for, or an earlier one
        self._timer: asyncio.TimerHandle | None = None

    def add(self, watched: Watched, seconds: float) -> int:
        """Tell ``watched`` after ``seconds``, unless it is removed from the slot that is returned."""
        loop = asyncio.get_running_loop()
        slot = int((loop.time() + seconds) / GRAIN_S) + 1
        waiting = self._slots.get(slot)
        if waiting is None:
            self._slots[slot] = {watched}
            if slot < self._armed:
                self._arm(loop, slot)
        else:
            waiting.add(watched)
        return slot

    def remove(self, watched: Watched, slot: int) -> None:
        """It has ended in time, or was told; either is fine."""
        waiting = self._slots.get(slot)
        if waiting is not None:
            waiting.discard(watched)
            if not waiting:
                del self._slots[slot]

    def limit(self, seconds: float) -> Limit:
        """``with deadlines.limit(5):`` as ``asyncio.timeout``: the current task is cancelled inside the block after
        ``seconds``, and TimeoutError leaves it."""
        return Limit(self, seconds)

    def _arm(self, loop: asyncio.AbstractEventLoop, slot: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._armed = slot
        self._timer = loop.call_at(slot * GRAIN_S, self._look)

    def _look(self) -> None:
        """Tell those whose time has come, and set the timer for the next."""
        loop = asyncio.get_running_loop()
        now = loop.time() / GRAIN_S
        self._armed, self._timer = math.inf, None
        due = sorted(slot for slot in self._slots if slot <= now)
        for slot in due:
            for watched in self._slots.pop(slot):
                watched.expire()
        if self._slots:
            self._arm(loop, min(self._slots))


class Limit:
    """See :meth:`Deadlines.limit`. Enter it once."""

    __slots__ = ("_cancelling", "_deadlines", "_expired", "_seconds", "_slot", "_task")

    def __init__(self, deadlines: Deadlines, seconds: float) -> None:
        self._deadlines = deadlines
        self._seconds = seconds
        self._expired = False

    def __enter__(self) -> None:
        task: asyncio.Task[Any] | None = asyncio.current_task()
        assert task is not None
        self._task = task
        self._cancelling = task.cancelling()
        self._slot = self._deadlines.add(self, self._seconds)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._deadlines.remove(self, self._slot)
        # Somebody else may have cancelled the task as well: then it stays cancelled.
        if self._expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def expire(self) -> None:
        self._expired = True
        self._task.cancel()
