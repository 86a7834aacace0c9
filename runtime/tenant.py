"""The tenant's supervisor within a cell: its lease, its actors, their restarts, and its durable messages.

One-for-one: a crashing actor is made anew by itself. Too many crashes of one actor end this supervisor (``ended`` says
why); the cell then starts the tenant again under a new epoch, or quarantines it. No neighbour notices.

Held by tests/unit/runtime/test_cell_turns.py, tests/unit/runtime/test_cell_messages.py,
tests/unit/runtime/test_cell_retries.py, tests/unit/runtime/test_cell_escalation.py and tests/simulation/test_seeds.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection

from runtime.activation import Entry
from runtime.actor import Kind
from runtime.address import ActorId
from runtime.backlog import AGAIN_S, Backlog
from runtime.channel import Outlet
from runtime.clock import Clock
from runtime.codec import Codec
from runtime.deadlines import Deadlines
from runtime.errors import DeadlineExceeded, Fenced, Overloaded, RagleapError, Terminal, Unavailable
from runtime.ids import new_id
from runtime.journal import Journal, Lease
from runtime.limits import Limits
from runtime.mailbox import Mailbox
from runtime.message import Envelope, Receipt, Verdict
from runtime.outbox import Outbox
from runtime.random import Random
from runtime.retry import fate
from runtime.roster import Roster
from runtime.store import dead_letters, inbox
from runtime.store.inbox import InboxRow, line_of
from runtime.store.outbox import LETTER
from runtime.stored import to_envelope, to_row
from runtime.streams import Stream, Streams
from runtime.tally import Tally
from runtime.turns import Turns
from runtime.upkeep import Upkeep

T = TypeVar("T")

log = structlog.get_logger(__name__)

FENCED = "fenced"


class TenantSupervisor:
    """Owns one tenant's virtual actors in this cell."""

    def __init__(
        self,
        lease: Lease,
        *,
        kinds: Mapping[str, Kind],
        outlets: Mapping[str, Outlet],
        journal: Journal,
        codec: Codec,
        clock: Clock,
        random: Random,
        limits: Limits,
        streams: Streams,
        deadlines: Deadlines,
        turns: Turns,
        tally: Tally,
    ) -> None:
        self.lease = lease
        self.ended = ""  # why this supervisor must be replaced: "fenced", or which actor keeps crashing
        self.restarts = 0
        self._kinds = kinds
        self._journal = journal
        self._codec = codec
        self._clock = clock
        self._random = random
        self._limits = limits
        self._streams = streams
        self.deadlines = deadlines
        self.share = turns.share()
        self.tally = tally
        self.roster = Roster(self, kinds, journal, clock, limits)
        self._backlog = Backlog()
        self._outbox = Outbox(lease.tenant, outlets, journal, self._write, clock, random, limits)
        self._upkeep = Upkeep(lease.tenant, journal, limits, clock.now(), self._outbox)
        self.encode, self.reminders_changed = codec.encode, self._upkeep.reminders_changed
        self.queued, self.begin_sending = self._outbox.committed, self._outbox.wake
        self._untold: set[str] = set()  # messages that may be settled in the store without our having heard of it
        # Stopping: no turn begins any more; messages are still taken in, for whoever is next.
        self._stopping = self._stopped = False

    # --------------------------------------------------------------------- messages in

    async def accept(
        self, envelopes: list[Envelope], beside: Callable[[Connection], None] | None = None
    ) -> list[Receipt]:
        """Commit durable messages, then put the new ones into their mailboxes (or behind what waits for a retry).
        ``beside`` is committed with them or not at all."""

        def take(connection: Connection) -> list[Receipt]:
            receipts = [inbox.accept(connection, row) for row in rows]
            if beside is not None:
                beside(connection)
            return receipts

        self._check_open(self._stopped)
        rows = [to_row(envelope, self._codec, self._clock.now()) for envelope in envelopes]
        mailboxes = self._reserve(envelopes)
        try:
            receipts = await self._write(take)
        except Fenced as error:
            raise Unavailable("The tenant has moved.", do="Try again shortly.", tenant=self.lease.tenant) from error
        except (Overloaded, Terminal):
            raise  # certainly not stored
        except BaseException:
            self._backlog.doubt(rows, self._clock.now())  # stored or not: the inbox will tell
            raise
        finally:
            for mailbox in mailboxes:
                mailbox.release()
        for envelope, row, receipt in zip(envelopes, rows, receipts, strict=True):
            if receipt.verdict is Verdict.ACCEPTED and not self._stopping and self._backlog.admit(row):
                self._deliver(envelope, row)
        return receipts

    async def ask(self, envelope: Envelope) -> Any:
        """Question and reply; nothing is journaled on the way in. Raises what the actor raised."""
        self._check_open(self._stopping)
        return await self._ask(envelope, sibling=False)

    async def deliver_due(self) -> None:
        """Bring messages whose time has come from the inbox to their mailboxes, as far as there is room."""
        now = self._clock.now()
        if self.ended or self._stopping or not self._backlog.due(now):
            return
        try:
            doubts, untold = self._backlog.doubts, frozenset(self._untold)
            if doubts or untold:
                await self._write(lambda connection: None)  # what was written before it is settled by then
                self._backlog.doubts -= doubts
            for message_id in untold:
                await self.watched(message_id)
                self._untold.discard(message_id)
            await self._read_inbox(now)
        except BaseException:
            self._backlog.abort(now)
            raise

    async def replay(self, message_id: str) -> bool:
        """Put a dead message into the inbox again; False: it is on its way or done. Raises NotFound, Conflict."""
        self._check_open(self._stopping)
        now, tenant = self._clock.now(), self.lease.tenant
        until = now + self._limits.replay_ttl_s
        try:
            kind = await self._write(lambda c: dead_letters.replay(c, tenant, message_id, now=now, deadline=until))
        finally:
            self._backlog.due_at(now)
            self.queued(now)
        if kind not in (None, LETTER):
            self.stream(message_id).begin()  # who watches it forgets that it had failed
        return kind is not None

    async def watched(self, message_id: str) -> Stream | None:
        """The message's stream; what is over already is told from the journal. None: there is no such message."""
        stream = self._streams.get(self.lease.tenant, message_id)
        if stream is not None and stream.finished:
            return stream
        tenant = self.lease.tenant
        outcome = await self._journal.read(partial(inbox.outcome, tenant=tenant, message_id=message_id), tenant=tenant)
        if outcome is None:
            return None
        stream = self.stream(message_id)
        if outcome.state != inbox.PENDING:
            stream.add("done", outcome.done())
        return stream

    # --------------------------------------------------------------------- what its activations need

    async def ask_sibling(self, cause: Envelope, kind: str, key: str, body: object) -> Any:
        return await self._ask(cause.causes(self.new_id("in"), kind, key, body), sibling=True)

    def tell_sibling(self, cause: Envelope, kind: str, key: str, body: object) -> None:
        envelope = cause.causes(self.new_id("in"), kind, key, body)
        activation = self.roster.activation(envelope.to)
        if activation.mailbox.has_room(envelope.tier):
            activation.offer(self._entry(envelope))

    def stream(self, message_id: str) -> Stream:
        return self._streams.open(self.lease.tenant, message_id, self.lease.epoch)

    def new_id(self, prefix: str) -> str:
        return new_id(prefix, now=self._clock.now(), entropy=self._random.randbytes(10))

    def closed(self, entry: Entry) -> None:
        self.stream(entry.envelope.message_id).finish()
        self._let_go(entry)

    async def superseded(self, entry: Entry) -> None:
        """Another turn has closed the message: what the journal says of it counts."""
        self._let_go(entry)
        message_id = entry.envelope.message_id
        try:
            await self.watched(message_id)
        except RagleapError as error:
            log.error("inbox.outcome_not_read", error=str(error))
            self._untold.add(message_id)
            self._backlog.due_at(self._clock.now() + AGAIN_S)

    async def failed(self, entry: Entry, error: Exception, *, crashed: bool) -> None:
        """Schedule the next try or bury the message; count crashes and escalate."""
        if crashed:
            self._escalate(entry.envelope.to)
        if isinstance(error, Fenced):
            self._fence(error)
        try:
            if entry.row is not None and self.ended != FENCED:
                await self._retry_or_bury(entry, entry.row, error)
        except Fenced:
            pass  # the new owner of the tenant finds the row
        except RagleapError as trouble:
            # The journal itself failed: if the row is still pending, it is found again; if the turn's commit came true
            # all the same, nobody else would tell those who watch.
            log.error("inbox.retry_not_stored", error=str(trouble))
            if entry.row is not None:
                self._untold.add(entry.row.message_id)
                self._put_back(entry.row, self._clock.now() + AGAIN_S)
        finally:
            self._let_go(entry)

    # --------------------------------------------------------------------- upkeep

    def wants(self, now: float) -> bool:
        """Whether there is upkeep to do at ``now`` (monotonic seconds)."""
        due = self._backlog.due(self._clock.now()) or self._upkeep.due(self._clock.now())
        return bool(self.ended) or due or self.roster.any_expired(now)

    async def keep_up(self) -> None:
        """Send what reminders are due for (it is delivered from the inbox), and let go of rows that are too old."""
        now = self._clock.now()
        if self.ended or self._stopping or not self._upkeep.due(now):
            return
        try:
            await self._upkeep.run(now, self._write)
        finally:  # a commit that was not waited for to the end may come true all the same
            self._backlog.due_at(now)

    async def passivate_idle(self, now: float) -> None:
        """Free the memory of actors that have been idle for their kind's time."""
        await self.roster.passivate_idle(now)

    async def stop(self, *, grace_s: float) -> None:
        """End running turns and put every actor to sleep. What had not started stays in the inbox; questions from
        outside are refused, those of turns that still run are answered."""
        self._stopping = True
        loop = asyncio.get_running_loop()
        until = loop.time() + grace_s
        await self.roster.stop(grace_s=grace_s)
        await self._outbox.stop(grace_s=max(0.0, until - loop.time()))
        self._stopped = True

    def status(self) -> dict[str, object]:
        numbers = self.roster.numbers()
        return {
            "tenant": self.lease.tenant,
            "epoch": self.lease.epoch,
            "actors": numbers["actors"],
            "waiting": sum(numbers["waiting"].values()),
            "running": sum(numbers["running"].values()),
            "sending": self._outbox.sending,
            "restarts": self.restarts,
            "leaving": self._stopping,
        }

    # --------------------------------------------------------------------- inside

    def _check_open(self, closed: bool) -> None:
        if self.ended or closed:
            raise Unavailable("The tenant is being restarted.", do="Try again shortly.", tenant=self.lease.tenant)

    async def _ask(self, envelope: Envelope, *, sibling: bool) -> Any:
        activation = self.roster.activation(envelope.to)
        if not activation.mailbox.has_room(envelope.tier):
            raise _full(envelope)
        remaining = envelope.deadline - self._clock.now()
        if remaining <= 0:
            raise DeadlineExceeded("The question's deadline has passed.")
        reply: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        entry = self._entry(envelope, reply=reply, sibling=sibling)
        slot = self.deadlines.add(entry, remaining)
        activation.offer(entry)
        try:
            return await reply
        finally:
            self.deadlines.remove(entry, slot)

    def _reserve(self, envelopes: list[Envelope]) -> list[Mailbox[Entry]]:
        """A place for every envelope, or Overloaded and none. An actor that is behind takes nothing new: older
        messages of the same senders wait in the inbox."""
        mailboxes: list[Mailbox[Entry]] = []
        capacity = self._limits.mailbox_capacity
        for envelope in envelopes:
            mailbox = self.roster.activation(envelope.to).mailbox
            refused = self._backlog.refuses(envelope.to.kind, envelope.to.key, capacity)
            if refused or not mailbox.reserve(envelope.tier):
                for reserved in mailboxes:
                    reserved.release()
                raise _full(envelope)
            mailboxes.append(mailbox)
        return mailboxes

    async def _read_inbox(self, now: float) -> None:
        limit = self._backlog.begin(self._limits.mailbox_capacity)
        tenant = self.lease.tenant
        rows, later, heads = await self._journal.read(
            lambda connection: (
                inbox.due(connection, tenant, now, limit),
                inbox.next_due(connection, tenant, now),
                inbox.heads(connection, tenant, now),
            ),
            tenant=tenant,
        )
        for row in rows:
            if self._backlog.takes(row):
                await self._take_up(row)
        self._backlog.end(now, later=later, heads=heads, cut_off=len(rows) >= limit)

    async def _take_up(self, row: InboxRow) -> None:
        """Put a pending message into its mailbox. What this version cannot read is a dead letter."""
        try:
            envelope = to_envelope(row, self._codec)
            activation = self.roster.activation(envelope.to)
        except Terminal as error:
            await self._bury(row, f"{type(error).__name__}: {error}")
            self._backlog.buried(row)
            return
        if self._backlog.behind(row) or not activation.mailbox.has_room(envelope.tier):
            self._backlog.no_room(row)
        else:
            self._backlog.taken(row)
            self._deliver(envelope, row)

    async def _write(self, work: Callable[[Connection], T]) -> T:
        """A durable write under the lease; being fenced ends this supervisor."""
        try:
            return await self._journal.write(work, lease=self.lease)
        except Fenced as error:
            self._fence(error)
            raise

    def _fence(self, error: Fenced) -> None:
        self.ended = FENCED
        log.warning("tenant.fenced", tenant=self.lease.tenant, reason=error.what)

    def _let_go(self, entry: Entry) -> None:
        if entry.row is not None:
            self._backlog.let_go(entry.envelope.message_id)

    def _put_back(self, row: InboxRow, due_at: float) -> None:
        """The message waits in the inbox; what its sender said to the same actor since leaves the mailbox, too."""
        line, activation = line_of(row), self.roster.find(row.kind, row.actor_key)
        followers = [] if line is None or activation is None else activation.take_back(line)
        self._backlog.put_back(row, due_at, followers)

    def _entry(self, envelope: Envelope, **more: Any) -> Entry:
        return Entry(envelope, self._kinds[envelope.to.kind].read_only(envelope.body), **more)

    def _deliver(self, envelope: Envelope, row: InboxRow) -> None:
        self.stream(row.message_id)
        self.roster.activation(envelope.to).offer(self._entry(envelope, row=row))

    async def _retry_or_bury(self, entry: Entry, row: InboxRow, error: Exception) -> None:
        now = self._clock.now()
        told = fate(self._kinds[row.kind].retry, error, row, now=now, random=self._random.random())
        attempts, cause, due_at = told.attempts, told.cause, told.due_at
        if due_at is None:
            await self._bury(replace(row, attempts=attempts), cause)
            return
        again = partial(inbox.retry, tenant=row.tenant, message_id=row.message_id)
        if not await self._write(partial(again, attempts=attempts, due_at=due_at, error=cause)):
            await self.superseded(entry)
            return
        self._put_back(row, due_at)
        self.tally.retries[row.kind] += 1
        log.warning("message.retry", attempts=attempts, delay_s=round(due_at - now, 1), error=type(error).__name__)

    async def _bury(self, row: InboxRow, cause: str) -> None:
        now = self._clock.now()
        if await self._write(lambda connection: inbox.bury(connection, row, cause=cause, now=now)):
            self.tally.dead_letters[row.kind] += 1
            log.error("message.dead_letter", kind=row.kind, cause=cause.split(":", 1)[0])
        await self.watched(row.message_id)

    def _escalate(self, actor_id: ActorId) -> None:
        self.restarts += 1
        self.tally.crashes[actor_id.kind] += 1
        if not self.roster.crashed(actor_id):
            self.ended = f"{actor_id.kind} keeps crashing"


def _full(envelope: Envelope) -> Overloaded:
    return Overloaded(f"Too many messages wait for this {envelope.to.kind}.", retry_after=2)
