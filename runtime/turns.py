"""Which turns of a cell may begin: the fair share between its tenants. Decides, does no I/O and knows no clock.

Promises: a tenant that runs fewer than ``own`` turns may always begin one, whatever its neighbours do; beyond those, at
most ``shared`` turns run at once in the whole cell, and the next free place goes to the tenant that holds the fewest
of them; within a tenant the urgent tiers come first, then who has waited longest. A turn that another turn waits for
takes no place (its asker holds one): so a full cell cannot wait for itself.

Held by tests/unit/runtime/test_turns.py and tests/unit/runtime/test_cell_fair_share.py.
"""

from __future__ import annotations

from typing import Protocol

from runtime.message import Tier


class Waiter(Protocol):
    """An actor with a message whose turn could begin."""

    def begin_one(self) -> bool:
        """Its place is here: begin a turn. False: there is none to begin any more."""
        ...


class Turns:
    """The places of one cell."""

    def __init__(self, *, own: int, shared: int) -> None:
        self.own = own
        self._shared = shared
        self._used = 0  # shared places that are taken
        self._lining: dict[Share, None] = {}  # tenants that wait, in the order in which they were served last
        self._handing = False

    def share(self) -> Share:
        """A tenant's part, for as long as its supervisor lives."""
        return Share(self)

    @property
    def waiting(self) -> int:
        """Actors that wait for a place."""
        return sum(share.waiting for share in self._lining)

    def begin(self, share: Share, who: Waiter, tier: Tier) -> bool:
        """A place for one turn of ``who``; False: it is in line and will be told."""
        # While places are being handed out nobody takes one past those who wait.
        if self._handing or not self._room(share):
            share.line_up(who, tier)
            self._lining.setdefault(share)
            return False
        self._take(share)
        return True

    def end(self, share: Share) -> None:
        """A turn that held a place is over."""
        self._give(share)
        if self._lining:
            self._hand_out()

    def _room(self, share: Share) -> bool:
        return share.running < self.own or self._used < self._shared

    def _take(self, share: Share) -> None:
        share.running += 1
        if share.running > self.own:
            self._used += 1

    def _give(self, share: Share) -> None:
        if share.running > self.own:
            self._used -= 1
        share.running -= 1

    def _hand_out(self) -> None:
        if self._handing:
            return
        self._handing = True
        try:
            while (share := self._next()) is not None:
                who = share.first()
                if share.waiting == 0:
                    del self._lining[share]
                self._take(share)
                if not who.begin_one():
                    self._give(share)
        finally:
            self._handing = False

    def _next(self) -> Share | None:
        """The tenant whose turn it is among those that wait and may have a place."""
        found = min((share for share in self._lining if self._room(share)), key=_held, default=None)
        if found is not None:
            del self._lining[found]  # to the end of the line
            self._lining[found] = None
        return found


class Share:
    """One tenant's part: how many of its turns hold a place, and who waits for one."""

    __slots__ = ("_turns", "_waiting", "running")

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self.running = 0
        self._waiting: dict[Tier, dict[Waiter, None]] = {}

    @property
    def waiting(self) -> int:
        return sum(map(len, self._waiting.values()))

    def begin(self, who: Waiter, tier: Tier) -> bool:
        """See :meth:`Turns.begin`."""
        return self._turns.begin(self, who, tier)

    def end(self) -> None:
        """See :meth:`Turns.end`."""
        self._turns.end(self)

    def line_up(self, who: Waiter, tier: Tier) -> None:
        """Wait, once, at the most urgent tier that was asked for."""
        for waited, line in self._waiting.items():
            if who in line:
                if waited <= tier:
                    return
                del line[who]
                break
        self._waiting.setdefault(tier, {})[who] = None

    def first(self) -> Waiter:
        """Who is next; it leaves the line."""
        line = next(self._waiting[tier] for tier in Tier if self._waiting.get(tier))
        who = next(iter(line))
        del line[who]
        return who


def _held(share: Share) -> int:
    return share.running
