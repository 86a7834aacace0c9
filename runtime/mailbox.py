"""An actor's mailbox: bounded, prioritised, and the one place that decides which turn may start next.

It does no I/O and knows no clock. Tiers come before one another (voice, interactive, e-mail, batch), within a tier
the order of arrival holds. An exclusive turn runs alone; read-only turns run beside each other up to a limit, and none
overtakes an exclusive one that waits in front of it. No more waits in one mailbox than its capacity, and in all of a
tenant's than their common ``Room``; a tier may fill its share of each.

Held by tests/unit/runtime/test_mailbox.py and tests/simulation/test_mailbox_model.py.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from runtime.message import Tier

# The share of the capacity that a tier may fill: the less urgent stop first, so that the urgent always find room.
SHARES = (1.0, 0.9, 0.7, 0.5)  # by tier


class Waiting(Protocol):
    @property
    def tier(self) -> Tier: ...

    @property
    def read_only(self) -> bool: ...

    @property
    def sibling(self) -> bool:
        """Whether a running turn waits for this one."""
        ...


class Room:
    """How much may wait in all mailboxes of one tenant."""

    __slots__ = ("_capacity", "taken")

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self.taken = 0

    def has(self, tier: Tier) -> bool:
        return self.taken < self._capacity * SHARES[tier]


E = TypeVar("E", bound=Waiting)


class Mailbox(Generic[E]):
    """Holds what waits and counts what runs."""

    __slots__ = ("_capacity", "_readers", "_reserved", "_room", "_running_exclusive", "_running_readers", "_size",
                 "_waiting", "siblings")  # fmt: skip

    def __init__(self, *, capacity: int, readers: int, room: Room | None = None) -> None:
        """``room`` is the tenant's; without one this mailbox has its own."""
        self._capacity = capacity
        self._readers = readers
        self._room = Room(capacity) if room is None else room
        self.siblings = 0  # messages here that running turns wait for
        self._waiting: list[deque[E] | None] = [None] * len(SHARES)  # by tier; made when something comes
        self._size = 0
        self._reserved = 0
        self._running_readers = 0
        self._running_exclusive = False

    def __len__(self) -> int:
        return self._size

    @property
    def running(self) -> int:
        return self._running_readers + self._running_exclusive

    @property
    def idle(self) -> bool:
        return self._size == 0 and self._reserved == 0 and self.running == 0

    def has_room(self, tier: Tier) -> bool:
        """Whether one more message of ``tier`` may wait here."""
        return self._size + self._reserved < self._capacity * SHARES[tier] and self._room.has(tier)

    def reserve(self, tier: Tier) -> bool:
        """Keep a place for a message of ``tier`` that is being committed; False: there is no room."""
        if not self.has_room(tier):
            return False
        self._reserved += 1
        self._room.taken += 1
        return True

    def release(self) -> None:
        """Give a reserved place back: its message is about to be put, or does not come."""
        self._reserved -= 1
        self._room.taken -= 1

    def put(self, entry: E) -> None:
        """Add ``entry``. The caller has asked for room; what is already accepted always fits."""
        queue = self._waiting[entry.tier]
        if queue is None:
            queue = self._waiting[entry.tier] = deque()
        queue.append(entry)
        self._came(entry)

    def take(self) -> E | None:
        """The next entry that may start now, or None; a taken one counts as running until :meth:`finished`."""
        if self._running_exclusive or not self._size:
            return None
        queue = next(filter(None, self._waiting))
        head = queue[0]
        if head.read_only:
            if self._running_readers >= self._readers:
                return None
            self._running_readers += 1
        else:
            if self._running_readers:
                return None
            self._running_exclusive = True
        self._left(head)
        return queue.popleft()

    def put_back(self, entry: E) -> None:
        """A taken entry does not start yet: it is the first of its tier again."""
        queue = self._waiting[entry.tier]
        assert queue is not None
        queue.appendleft(entry)
        self._came(entry)
        self.finished(entry)

    def finished(self, entry: E) -> None:
        """``entry`` no longer runs."""
        if entry.read_only:
            self._running_readers -= 1
        else:
            self._running_exclusive = False

    def clear(self, keep: Callable[[E], bool] = lambda _: False) -> list[E]:
        """Everything that waits, removed, but for what is to be kept."""
        gone: list[E] = []
        for tier, queue in enumerate(self._waiting):
            if queue:
                gone += (entry for entry in queue if not keep(entry))
                self._waiting[tier] = deque(entry for entry in queue if keep(entry))
        for entry in gone:
            self._left(entry)
        return gone

    def _came(self, entry: E) -> None:
        self._size += 1
        self._room.taken += 1
        self.siblings += entry.sibling

    def _left(self, entry: E) -> None:
        self._size -= 1
        self._room.taken -= 1
        self.siblings -= entry.sibling
