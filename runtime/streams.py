"""Answers as they are made: a bounded ring of events per message, and those who watch it.

Kept in memory only; the final answer is in the journal. A reader always gets ``done`` last, also one that comes back
for it. ``seq`` starts at ``epoch × SPAN``, so that numbers keep
growing over a restart of the cell and a reader that comes back with an old number is told to ``reset`` first.

Held by tests/unit/runtime/test_streams.py and tests/unit/runtime/test_cell_events.py.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import replace
from functools import partial

from runtime.message import StreamEvent

SPAN = 1_000_000
RING = 4_096
KEPT = 1_000  # streams of finished messages that are remembered for late readers
WHOLE = 100  # of which so many of the newest with every event, the others with ``done`` alone


class Stream:
    """The events of one message. ``ended`` is called at each ``done``."""

    __slots__ = ("_base", "_changed", "_ended", "_events", "_left", "_next", "finished")

    def __init__(self, base: int, ended: Callable[[], None] = lambda: None) -> None:
        self._base = base
        self._ended = ended
        self._next = base + 1
        self._events: deque[StreamEvent] = deque(maxlen=RING)
        self._changed = asyncio.Event()
        self.finished = False
        self._left = False  # the tenant is served elsewhere: whoever reads here must ask there

    def renew(self, base: int) -> None:
        """The tenant is served under a newer epoch: numbers go on from there."""
        self._base, self._next = max(self._base, base), max(self._next, base + 1)

    def begin(self) -> None:
        """A turn starts. If an earlier try has shown something, readers must forget it."""
        self.finished = False
        if self._events:
            self._events.clear()
            self.add("reset", {})

    def add(self, event: str, data: Mapping[str, object]) -> None:
        """Show an event. Nothing comes after ``done``."""
        if self.finished:
            return
        self._events.append(StreamEvent(seq=self._next, event=event, data=data))
        self._next += 1
        self._changed.set()
        self._changed = asyncio.Event()
        if event == "done":
            self.finished = True
            self._ended()

    def finish(self) -> None:
        """The message is done. Where its turn has announced nothing, readers are told no more than that."""
        self.add("done", {})

    def leave(self) -> None:
        """Let the readers go without ``done``."""
        self._left = True
        self._changed.set()

    def condense(self) -> None:
        """Keep only ``done``, which carries the whole answer."""
        while len(self._events) > 1:
            self._events.popleft()

    async def read(self, after_seq: int) -> AsyncGenerator[StreamEvent, None]:
        """Events after ``after_seq``, waiting for more until ``done``. A gap is bridged by ``reset``."""
        seen = after_seq
        while True:
            changed = self._changed
            pending = [event for event in self._events if event.seq > seen]
            if pending and pending[0].event != "reset" and self._lost(seen, pending[0].seq):
                yield StreamEvent(seq=pending[0].seq - 1, event="reset")
            for event in pending:
                seen = event.seq
                yield event
                if event.event == "done":
                    return
            if self.finished and not pending:
                last = self._events[-1]
                yield last if last.seq >= seen else replace(last, seq=seen + 1)  # it has read on in a newer epoch
                return
            if self._left:
                return
            if changed is self._changed:
                await changed.wait()

    def _lost(self, seen: int, first: int) -> bool:
        """Whether a reader that has seen ``seen`` misses events before ``first`` or has an older epoch's."""
        return (seen > 0 and first > max(seen, self._base) + 1) or 0 < seen <= self._base


class Streams:
    """Streams by (tenant, message). Of the finished ones a bounded number is kept, the oldest are dropped first."""

    def __init__(self) -> None:
        self._streams: dict[tuple[str, str], Stream] = {}
        self._finished: OrderedDict[tuple[str, str], None] = OrderedDict()  # of them, those that have ended
        self._whole: OrderedDict[tuple[str, str], None] = OrderedDict()  # of these, the newest

    def get(self, tenant: str, message_id: str) -> Stream | None:
        return self._streams.get((tenant, message_id))

    def open(self, tenant: str, message_id: str, epoch: int) -> Stream:
        """The message's stream, made if it is new."""
        key = (tenant, message_id)
        stream = self._streams.get(key)
        if stream is None:
            stream = self._streams[key] = Stream(epoch * SPAN, partial(self._keep, key))
        else:
            stream.renew(epoch * SPAN)
        return stream

    def forget(self, tenant: str) -> None:
        """Drop everything of a tenant; who reads it is let go."""
        for key in [key for key in self._streams if key[0] == tenant]:
            self._streams.pop(key).leave()
            self._finished.pop(key, None)
            self._whole.pop(key, None)

    def _keep(self, key: tuple[str, str]) -> None:
        """A stream has ended, perhaps not for the first time: it is the newest, and the oldest make room for it."""
        if key not in self._streams:
            return  # forgotten before it ended
        for ended, most, let_go in ((self._whole, WHOLE, self._condense), (self._finished, KEPT, self._drop)):
            ended[key] = None
            ended.move_to_end(key)
            if len(ended) > most:
                oldest, _ = ended.popitem(last=False)
                let_go(oldest)

    def _condense(self, key: tuple[str, str]) -> None:
        if self._streams[key].finished:  # not where its message is tried again: it comes back
            self._streams[key].condense()

    def _drop(self, key: tuple[str, str]) -> None:
        if self._streams[key].finished:
            del self._streams[key]
