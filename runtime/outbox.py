"""The tenant's outbox: the one sender of what its turns have queued, in the cell that holds its lease.

Promises: a row is marked as ``sending`` under the lease before its call begins, and no call begins later than
``START_S`` after that. Within a conversation nothing overtakes: while a message waits for its next try, or for what
became of a call, the later ones wait behind it; other conversations go on. A call of which nobody knows the outcome (a
crash, a deadline) is asked about, and only then its message is sent again: without a flag where the channel says that
it has not got it, once and with ``maybe_duplicate`` where it cannot tell. What cannot be sent is a dead letter.

Each cycle is one piece of work in the journal: it notes what became of calls and claims what may be sent next, so rows
are in memory only while they are sent. A commit that queued something wakes the outbox directly; retries and questions
about calls come with the cell's tick. Bounds: ``Limits.sends`` calls of a tenant, ``Outlet.concurrency`` of a channel.

Held by tests/unit/runtime/test_outbox.py, tests/unit/runtime/test_outbox_doubts.py,
tests/integration/test_sends_over_ray.py and tests/simulation/test_seeds.py.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, TypeVar

import structlog
from sqlalchemy import Connection

from runtime import telemetry
from runtime.channel import Outlet
from runtime.clock import Clock
from runtime.doubts import Doubts
from runtime.errors import Fenced, RagleapError
from runtime.journal import Journal
from runtime.limits import Limits
from runtime.random import Random
from runtime.sending import Moment, after_error, failed, outgoing, was_sent
from runtime.store import outbox
from runtime.store.outbox import FAILED, QUEUED, SENT, OutboxRow, Settled

START_S = 5.0  # a call begins within this after its mark was asked for, or not at all: a frozen process has lost it
AGAIN_S = 1.0  # how soon the journal is tried again where it failed
LAST_S = 5.0  # how long a stopping outbox tries to note its last outcomes
HELD = 4  # times Limits.sends: so many rows may be in doubt before nothing new is claimed

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Write(Protocol):
    async def __call__(self, work: Callable[[Connection], T], /) -> T:
        """A durable write under the tenant's lease. Raises Fenced where that is lost."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claimed:
    """Rows to be sent now; whether there may be more; when the next one is due, where that was asked."""

    rows: list[OutboxRow]
    more: bool
    next_due: float | None


class Outbox:
    """One tenant's. Knows in memory what is being sent, and when there is something to do."""

    def __init__(
        self,
        tenant: str,
        outlets: Mapping[str, Outlet],
        journal: Journal,
        write: Write,
        clock: Clock,
        random: Random,
        limits: Limits,
    ) -> None:
        self._tenant = tenant
        self._outlets = outlets
        self._journal = journal
        self._write = write
        self._clock = clock
        self._random = random
        self._most = limits.sends
        self._held: dict[int, OutboxRow] = {}  # by seq: everything that is ``sending`` in the store, as far as we know
        self._calls: dict[int, asyncio.Task[None]] = {}
        self._doubts = Doubts(
            tenant, outlets=outlets, clock=clock, moment=self._moment, settle=self._settle, most=limits.sends
        )
        self._settled: list[Settled] = []  # outcomes that the store has not heard of yet
        self._next_due: float | None = 0.0  # wall time at which a queued row is worth looking for
        self._floor = 0.0  # rows are due from this wall time on at the latest: the clock may be set back
        self._begun = False  # whether what a former life has left is known
        self._fresh = False  # whether there may be due rows that nobody has looked for
        self._lost = False  # a claim may have come true without our hearing of it: its calls have not begun
        self._again = False
        self._cycling: asyncio.Task[None] | None = None
        self._stopping = False

    def committed(self, now: float) -> None:
        """A turn has queued something as of ``now`` (or may have)."""
        self._floor = max(self._floor, now)
        self._fresh = True
        self.wake()

    def due(self, now: float) -> bool:
        """Whether there is something to do at ``now`` (wall time)."""
        if self._stopping:
            return False
        queued = self._next_due is not None and self._next_due <= max(now, self._floor)
        return queued or self._doubts.due()

    def wake(self) -> None:
        """Look at once; a look that is under way is followed by another."""
        self._again = True
        if self._cycling is None and not self._stopping:
            self._cycling = asyncio.get_running_loop().create_task(self._run())

    @property
    def sending(self) -> int:
        """How many messages are being sent or in doubt."""
        return len(self._held)

    async def stop(self, *, grace_s: float) -> None:
        """Begin no call any more and see the running ones to their end; what is not over by then stays ``sending``,
        for whoever is next to ask about."""
        self._stopping = True
        asks = self._doubts.cancel()
        until = asyncio.get_running_loop().time() + grace_s
        if self._cycling is not None:  # what it claims is not begun any more
            await asyncio.wait([self._cycling], timeout=max(grace_s, LAST_S))
        if self._calls:
            await asyncio.wait(self._calls.values(), timeout=max(0.0, until - asyncio.get_running_loop().time()))
        for task in (calls := [*self._calls.values(), *([self._cycling] if self._cycling is not None else [])]):
            task.cancel()
        if rest := [*calls, *asks]:
            await asyncio.wait(rest, timeout=LAST_S)
        if not self._settled:
            return
        try:
            async with asyncio.timeout(LAST_S):
                now = self._now()
                await self._write(partial(outbox.settle, tenant=self._tenant, settled=self._settled, now=now))
        except (RagleapError, TimeoutError) as error:
            log.warning("outbox.last_outcomes_not_stored", tenant=self._tenant, error=str(error))

    # --------------------------------------------------------------------- cycles

    async def _run(self) -> None:
        try:
            while self._again and not self._stopping:
                self._again = False
                await self._cycle()
        except Fenced:
            self._stopping = True  # the next holder of the lease has the work
        except RagleapError as error:
            self._wait_until(self._now() + AGAIN_S)
            log.error("outbox.cycle_failed", tenant=self._tenant, error=str(error))
        except Exception:
            self._wait_until(self._now() + AGAIN_S)
            log.exception("outbox.cycle_crashed", tenant=self._tenant)
        finally:
            self._cycling = None

    async def _cycle(self) -> None:
        """Note what became of calls, claim what may be sent next, and begin it."""
        if not self._begun:
            await self._take_over()
        if self._stopping:
            return
        self._doubts.ask()
        now, began = self._now(), self._clock.monotonic()
        looking = self._next_due is not None and self._next_due <= now
        free = 0 if len(self._held) >= HELD * self._most else self._most - len(self._calls)
        if not (self._settled or self._lost or (free > 0 and (looking or self._fresh))):
            return  # or else a call that ends goes on here
        settled = list(self._settled)
        open_ = self._held.keys() - {each.row.seq for each in settled}
        known = frozenset(open_) if self._lost else None
        busy = frozenset(self._held[seq].conversation_id for seq in open_)
        self._fresh = self._lost = False
        self._next_due = None if looking else self._next_due
        try:
            claimed = await self._write(
                partial(
                    _turn_over,
                    tenant=self._tenant,
                    settled=settled,
                    now=now,
                    limit=free,
                    busy=busy,
                    room=self._room(),
                    known=known,
                    looking=looking,
                )
            )
        except BaseException:
            self._fresh = self._lost = True
            raise
        self._note(settled)
        self._wait_until(claimed.next_due)
        for row in claimed.rows:
            self._begin(row, began)
        if claimed.more:
            self._fresh, self._again = True, self._again or bool(claimed.rows)

    def _note(self, settled: Sequence[Settled]) -> None:
        """The store has heard of these outcomes."""
        del self._settled[: len(settled)]
        for each in settled:
            del self._held[each.row.seq]
            if each.state == QUEUED:
                self._wait_until(each.due_at)

    async def _take_over(self) -> None:
        """What is ``sending`` now was begun by a former life of this tenant, here or elsewhere: if it still runs, its
        calls begin within START_S and end as any call does."""
        tenant = self._tenant
        left, next_due = await self._journal.read(
            lambda connection: (outbox.sending(connection, tenant), outbox.next_due(connection, tenant, 0.0)),
            tenant=tenant,
        )
        for row in left:
            self._held[row.seq] = row
            outlet = self._outlets.get(row.channel)
            self._doubts.add(row, START_S + outlet.call_s + outlet.settle_s if outlet is not None else 0.0)
        self._begun, self._next_due = True, next_due
        if left:
            log.warning("outbox.calls_in_doubt", tenant=tenant, calls=len(left))

    def _room(self) -> dict[str, int]:
        running = Counter(self._held[seq].channel for seq in self._calls)
        return {name: outlet.concurrency - running[name] for name, outlet in self._outlets.items()}

    def _now(self) -> float:
        return max(self._clock.now(), self._floor)

    def _wait_until(self, when: float | None) -> None:
        if when is not None:
            self._next_due = when if self._next_due is None else min(self._next_due, when)

    def _settle(self, settled: Settled) -> None:
        self._calls.pop(settled.row.seq, None)
        self._settled.append(settled)
        if settled.state != SENT:
            level = log.error if settled.state == FAILED else log.warning
            cause = settled.error.split(":", 1)[0]
            level("outbox.not_sent", state=settled.state, attempts=settled.attempts, cause=cause)
        self.wake()

    # --------------------------------------------------------------------- calls

    def _begin(self, row: OutboxRow, began: float) -> None:
        self._held[row.seq] = row
        if self._stopping:
            back = replace(was_sent(row, ""), state=QUEUED, attempts=row.attempts - 1, due_at=self._now())
            self._settled.append(back)
            return
        task = self._calls[row.seq] = asyncio.get_running_loop().create_task(self._send(row, began))
        task.add_done_callback(partial(self._call_ended, row))

    def _call_ended(self, row: OutboxRow, task: asyncio.Task[None]) -> None:
        if self._calls.get(row.seq) is task:  # it has told nothing: it was cancelled, or there is a bug
            del self._calls[row.seq]
            if not self._stopping and (outlet := self._outlets.get(row.channel)) is not None:
                self._doubt(row, outlet.settle_s)

    async def _send(self, row: OutboxRow, began: float) -> None:
        telemetry.about(row)
        outlet = self._outlets.get(row.channel)
        if outlet is None:
            self._settle(failed(row, f"Terminal: this cell has no channel {row.channel!r}."))
        elif self._clock.now() >= row.deadline:
            self._settle(failed(row, "DeadlineExceeded: it was not sent in time."))
        elif self._clock.monotonic() - began > START_S:
            del self._held[row.seq], self._calls[row.seq]
            self._lost = True  # its mark is ours only if the lease still is: the next cycle tells
            self.wake()
        else:
            await self._call(outlet, row)

    async def _call(self, outlet: Outlet, row: OutboxRow) -> None:
        # No await between the caller's look at the clock and the beginning of the call.
        try:
            async with asyncio.timeout(outlet.call_s):
                provider_id = await outlet.channel.send(outgoing(row))
        except Exception as error:
            settled = after_error(outlet.retry, row, error, self._moment())
            if settled is None:
                log.warning("outbox.outcome_unknown", channel=row.channel, error=type(error).__name__)
                self._doubt(row, outlet.settle_s)
            else:
                self._settle(settled)
        else:
            self._settle(was_sent(row, provider_id))

    def _doubt(self, row: OutboxRow, settle_s: float) -> None:
        self._calls.pop(row.seq, None)
        self._doubts.add(row, settle_s)
        self.wake()

    def _moment(self) -> Moment:
        return Moment(now=self._now(), random=self._random.random())


def _turn_over(
    connection: Connection,
    *,
    tenant: str,
    settled: Sequence[Settled],
    now: float,
    limit: int,
    busy: frozenset[str],
    room: Mapping[str, int],
    known: frozenset[int] | None,
    looking: bool,
) -> _Claimed:
    """One cycle's work. ``known``: every other row that is ``sending`` was claimed in vain, and comes again."""
    if settled:
        outbox.settle(connection, tenant, settled, now)
    rows = [] if known is None else outbox.sending(connection, tenant, known)
    more = True
    if limit > len(rows):
        claim = partial(outbox.claim, connection, tenant, now=now, limit=limit - len(rows), room=room)
        found, more = claim(busy=busy | {row.conversation_id for row in rows})
        rows += found
    return _Claimed(rows=rows, more=more, next_due=outbox.next_due(connection, tenant, now) if looking else None)
