"""What a tenant's supervisor knows of its pending messages: which are at an actor, which wait in the inbox.

A *line* is what one sender says to one actor in one tier. Promise: within a line nothing overtakes. While a message
waits for its next try, the later ones of its line wait behind it in the inbox; other senders, and other actors, go on.
A message without a sender stands in no line. Read-only turns interleave, so the promise is about exclusive ones.

Decides, does no I/O; the inbox itself is the truth, and what is kept here can be rebuilt by reading it.

Held by tests/unit/runtime/test_backlog.py, tests/unit/runtime/test_cell_retries.py,
tests/unit/runtime/test_cell_doubts.py and tests/simulation/test_seeds.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from runtime.store.inbox import InboxRow, Line, line_of

AGAIN_S = 1.0  # how soon the inbox is read again where not everything due could be taken


@dataclass(slots=True, eq=False)
class _Reading:
    """What happened while the inbox was being read: the rows may be older than that."""

    waited: dict[Line, frozenset[str]]  # who stood in which line before
    settled: set[str] = field(default_factory=set)  # ids that left their actor since
    stalled: set[Line] = field(default_factory=set)  # lines whose head was put back since
    behind: set[tuple[str, str]] = field(default_factory=set)  # actors that had no room


class Backlog:
    """The pending messages of one tenant in one cell."""

    __slots__ = ("_behind", "_cut_off", "_held", "_reading", "_waiting", "_waiting_for", "doubts", "next_due")

    def __init__(self) -> None:
        self.doubts = 0  # writes since the last reading that may or may not have put rows into the inbox
        self.next_due: float | None = 0.0  # wall time at which the inbox is worth reading again
        self._held: set[str] = set()  # ids of messages that are in a mailbox or in a turn
        self._waiting: dict[Line, set[str]] = {}  # ids of messages that wait in the inbox, by line
        self._waiting_for: Counter[tuple[str, str]] = Counter()  # how many of them, by actor
        self._behind: set[tuple[str, str]] = set()  # actors with due messages for which there was no room
        self._cut_off = False  # the inbox had more due rows than one reading takes
        self._reading: _Reading | None = None

    # --------------------------------------------------------------------- messages in

    def refuses(self, kind: str, key: str, capacity: int) -> bool:
        """Whether an actor takes nothing new: it is behind, or too much waits for it in the inbox already."""
        return (kind, key) in self._behind or self._waiting_for[kind, key] >= capacity

    def admit(self, row: InboxRow) -> bool:
        """A new message is committed. True: it goes to its actor now; False: it waits behind its line, or a reading of
        the inbox has found it before its sender's call heard of it."""
        line = line_of(row)
        if row.message_id in self._held:
            return False
        if line is not None and (line in self._waiting or self._cut_off):
            self._wait(line, row.message_id)
            return False
        self._held.add(row.message_id)
        return True

    def doubt(self, rows: Sequence[InboxRow], now: float) -> None:
        """Nobody knows whether the rows were committed (their caller left, the answer was lost): until the inbox has
        told, the later ones of their lines wait."""
        for row in rows:
            line = line_of(row)
            if line is not None:
                self._wait(line, row.message_id)
        self.doubts += 1
        self.due_at(now)

    # --------------------------------------------------------------------- messages out

    def let_go(self, message_id: str) -> None:
        """The message is settled: done, dead, or back in the inbox."""
        self._held.discard(message_id)
        if self._reading is not None:
            self._reading.settled.add(message_id)

    def put_back(self, row: InboxRow, due_at: float, followers: Collection[InboxRow]) -> None:
        """The message waits in the inbox until ``due_at``, and its line's later ones with it."""
        line = line_of(row)
        if line is not None:
            for each in (row, *followers):
                self._wait(line, each.message_id)
                self.let_go(each.message_id)
            if self._reading is not None:
                self._reading.stalled.add(line)
        self.due_at(due_at)

    # --------------------------------------------------------------------- reading the inbox

    def due(self, now: float) -> bool:
        return self.next_due is not None and self.next_due <= now

    def due_at(self, when: float | None) -> None:
        """Read the inbox at ``when``, or earlier if that was said before."""
        if when is not None:
            self.next_due = when if self.next_due is None else min(self.next_due, when)

    def begin(self, capacity: int) -> int:
        """A reading of the inbox begins; how many due rows it should ask for."""
        self.next_due = None
        self._reading = _Reading({line: frozenset(ids) for line, ids in self._waiting.items()})
        return capacity + len(self._held)

    def abort(self, now: float) -> None:
        """The reading failed; it is to be made again."""
        self._reading = None
        self.due_at(now)

    def takes(self, row: InboxRow) -> bool:
        """Whether a row that was read is to be taken up: not where it is at its actor or has been settled since, and
        not behind a head that has been put back since."""
        assert self._reading is not None
        known = row.message_id in self._held or row.message_id in self._reading.settled
        return not known and line_of(row) not in self._reading.stalled

    def behind(self, row: InboxRow) -> bool:
        assert self._reading is not None
        return (row.kind, row.actor_key) in self._reading.behind

    def no_room(self, row: InboxRow) -> None:
        """The row's actor has no room: it and all after it stay in the inbox."""
        assert self._reading is not None
        self._reading.behind.add((row.kind, row.actor_key))

    def taken(self, row: InboxRow) -> None:
        """The row goes to its actor."""
        self._leave(row)
        self._held.add(row.message_id)

    def buried(self, row: InboxRow) -> None:
        """The row is a dead letter; nobody waits behind it."""
        self._leave(row)

    def end(self, now: float, *, later: float | None, heads: Mapping[Line, str], cut_off: bool) -> None:
        """Every row was looked at. ``later``: when the next pending one is due; ``heads``: who waits for a later try;
        ``cut_off``: there may be more due rows."""
        assert self._reading is not None
        reading, self._reading = self._reading, None
        self._behind, self._cut_off = reading.behind, cut_off
        self.due_at(later)
        for line, message_id in heads.items():
            self._wait(line, message_id)
        for line in list(self._waiting):
            if line in heads or line in reading.stalled:
                continue  # read again when its head is due
            if not cut_off and line[:2] not in self._behind:
                self._drop(line, reading.waited.get(line, ()))  # not pending any more
            if line in self._waiting:
                self.due_at(now)  # they came while the inbox was being read
        if self._behind or cut_off:
            self.due_at(now + AGAIN_S)
        if self.doubts:
            self.due_at(now)  # they came after that write which settles those before it

    # --------------------------------------------------------------------- inside

    def _wait(self, line: Line, message_id: str) -> None:
        if self._reading is not None and line in self._reading.waited:
            self._reading.waited[line] -= {message_id}  # what is being read may be older than this
        ids = self._waiting.setdefault(line, set())
        if message_id not in ids:
            ids.add(message_id)
            self._waiting_for[line[0], line[1]] += 1

    def _leave(self, row: InboxRow) -> None:
        line = line_of(row)
        if line is not None:
            self._drop(line, (row.message_id,))

    def _drop(self, line: Line, gone: Collection[str]) -> None:
        ids = self._waiting.get(line)
        if ids is None:
            return
        actor = (line[0], line[1])
        before = len(ids)
        ids.difference_update(gone)
        self._waiting_for[actor] -= before - len(ids)
        if not self._waiting_for[actor]:
            del self._waiting_for[actor]
        if not ids:
            del self._waiting[line]
