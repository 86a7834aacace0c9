"""The tenant's supervisor within a cell: its lease, its actors, their restarts, and its durable messages.

One-for-one: a crashing actor is made anew by itself. Too many crashes of one actor end this supervisor (``ended`` says
why); the cell then starts the tenant again under a new epoch, or quarantines it. No neighbour notices.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import structlog

from runtime.activation import Activation, Entry
from runtime.actor import Kind
from runtime.address import ActorId
from runtime.clock import Clock
from runtime.codec import Codec
from runtime.errors import DeadlineExceeded, Fenced, Overloaded, RagleapError, Terminal, Unavailable
from runtime.ids import new_id
from runtime.journal import Journal, Lease
from runtime.limits import Limits
from runtime.mailbox import Mailbox
from runtime.message import Envelope, Receipt, Tier, Trace, Verdict
from runtime.principal import Principal, Role
from runtime.random import Random
from runtime.store import inbox
from runtime.store.inbox import InboxRow
from runtime.streams import Stream, Streams
from runtime.supervisor import RestartIntensity

log = structlog.get_logger(__name__)

FENCED = "fenced"


class TenantSupervisor:
    """Owns one tenant's virtual actors in this cell."""

    def __init__(
        self,
        lease: Lease,
        *,
        kinds: Mapping[str, Kind],
        journal: Journal,
        codec: Codec,
        clock: Clock,
        random: Random,
        limits: Limits,
        streams: Streams,
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
        self._actors: dict[tuple[str, str], Activation] = {}
        self._intensities: dict[tuple[str, str], RestartIntensity] = {}
        self._held: set[str] = set()  # ids of durable messages that are in a mailbox or in a turn
        self._next_due: float | None = 0.0  # wall time at which the inbox is worth reading again

    # --------------------------------------------------------------------- messages in

    async def accept(self, envelopes: list[Envelope]) -> list[Receipt]:
        """Commit durable messages, then put the new ones into their mailboxes."""
        self._check_open()
        for envelope in envelopes:
            self._admit(envelope)
        rows = [self._row(envelope) for envelope in envelopes]
        receipts = await self._journal.write(
            lambda connection: [inbox.accept(connection, row) for row in rows], lease=self.lease
        )
        for envelope, row, receipt in zip(envelopes, rows, receipts, strict=True):
            if receipt.verdict is Verdict.ACCEPTED:
                self._deliver(envelope, row)
        return receipts

    async def ask(self, envelope: Envelope) -> Any:
        """Question and reply; nothing is journaled on the way in. Raises what the actor raised."""
        self._check_open()
        self._admit(envelope)
        remaining = envelope.deadline - self._clock.now()
        if remaining <= 0:
            raise DeadlineExceeded("The question's deadline has passed.")
        entry = self._entry(envelope)
        entry.reply = asyncio.get_running_loop().create_future()
        self._activation(envelope.to).offer(entry)
        try:
            async with asyncio.timeout(remaining):
                return await entry.reply
        except TimeoutError as error:
            raise DeadlineExceeded(f"{envelope.to.kind} did not answer within {remaining:.1f} s.") from error

    async def deliver_due(self) -> None:
        """Bring messages whose time has come from the inbox to their mailboxes, as far as there is room."""
        now = self._clock.now()
        if self.ended or self._next_due is None or self._next_due > now:
            return
        self._next_due = None
        room = self._limits.mailbox_capacity
        rows = await self._journal.read(
            lambda connection: inbox.due(connection, self.lease.tenant, now, room + len(self._held))
        )
        for row in rows:
            if row.message_id in self._held:
                continue
            try:
                envelope = self._envelope(row)
            except Terminal as error:
                await self._bury(row, str(error))
                continue
            if not self._activation(envelope.to).mailbox.has_room(envelope.tier):
                self._due_at(now + 1.0)
                continue
            self._deliver(envelope, row)
        if len(rows) >= room:
            self._due_at(now + 1.0)

    # --------------------------------------------------------------------- what its activations need

    async def ask_sibling(self, cause: Envelope, kind: str, key: str, body: object) -> Any:
        return await self.ask(self._caused(cause, kind, key, body))

    def tell_sibling(self, cause: Envelope, kind: str, key: str, body: object) -> None:
        envelope = self._caused(cause, kind, key, body)
        activation = self._activation(envelope.to)
        if activation.mailbox.has_room(envelope.tier):
            activation.offer(self._entry(envelope))

    def stream(self, message_id: str) -> Stream:
        return self._streams.open(self.lease.tenant, message_id, self.lease.epoch)

    def watched(self, message_id: str) -> Stream | None:
        """The message's stream if something of it is or was here."""
        return self._streams.get(self.lease.tenant, message_id)

    def closed(self, entry: Entry) -> None:
        self._held.discard(entry.envelope.message_id)

    async def failed(self, entry: Entry, error: Exception, *, crashed: bool) -> None:
        """Schedule the next try or bury the message; count crashes and escalate."""
        if isinstance(error, Fenced):
            self.ended = FENCED
        elif entry.row is not None:
            try:
                await self._retry_or_bury(entry, entry.row, error)
            except Fenced:
                self.ended = FENCED
            except RagleapError as trouble:
                # The journal itself failed: the row is still pending, so it is found again.
                log.error("inbox.retry_not_stored", error=str(trouble))
                self._due_at(self._clock.now() + 1.0)
        self._held.discard(entry.envelope.message_id)
        if crashed:
            self._escalate(entry.envelope.to)

    # --------------------------------------------------------------------- upkeep

    async def passivate_idle(self, now: float) -> None:
        """Free the memory of actors that have been idle for their kind's time."""
        for key, activation in list(self._actors.items()):
            if activation.expired(now):
                del self._actors[key]
                await activation.stop(grace_s=0)

    async def stop(self, *, grace_s: float) -> None:
        """End running turns and forget every actor. What had not started stays in the inbox; questions are refused."""
        actors, self._actors = list(self._actors.values()), {}
        for waiting in await asyncio.gather(*(actor.stop(grace_s=grace_s) for actor in actors)):
            for entry in waiting:
                self._held.discard(entry.envelope.message_id)
                if entry.reply is not None and not entry.reply.done():
                    entry.reply.set_exception(Unavailable("The tenant is being moved or stopped."))
        self._next_due = 0.0

    def status(self) -> dict[str, object]:
        kinds: dict[str, int] = {}
        for kind, _ in self._actors:
            kinds[kind] = kinds.get(kind, 0) + 1
        return {
            "tenant": self.lease.tenant,
            "epoch": self.lease.epoch,
            "actors": kinds,
            "waiting": sum(len(activation.mailbox) for activation in self._actors.values()),
            "running": sum(activation.mailbox.running for activation in self._actors.values()),
            "restarts": self.restarts,
        }

    # --------------------------------------------------------------------- inside

    def _check_open(self) -> None:
        if self.ended:
            raise Unavailable("The tenant is being restarted.", tenant=self.lease.tenant)

    def _admit(self, envelope: Envelope) -> None:
        if not self._activation(envelope.to).mailbox.has_room(envelope.tier):
            raise Overloaded(f"Too many messages wait for this {envelope.to.kind}.", retry_after=2)

    def _activation(self, actor_id: ActorId) -> Activation:
        key = (actor_id.kind, actor_id.key)
        activation = self._actors.get(key)
        if activation is None:
            kind = self._kinds.get(actor_id.kind)
            if kind is None:
                raise Terminal(f"There is no actor kind {actor_id.kind!r}.")
            mailbox: Mailbox[Entry] = Mailbox(
                capacity=self._limits.mailbox_capacity, readers=self._limits.read_only_concurrency
            )
            activation = Activation(actor_id, kind, self, self._journal, self._clock, mailbox)
            self._actors[key] = activation
        return activation

    def _entry(self, envelope: Envelope) -> Entry:
        return Entry(envelope, self._kinds[envelope.to.kind].read_only(envelope.body))

    def _deliver(self, envelope: Envelope, row: InboxRow) -> None:
        self._held.add(row.message_id)
        self.stream(row.message_id)
        entry = self._entry(envelope)
        entry.row = row
        self._activation(envelope.to).offer(entry)

    def _caused(self, cause: Envelope, kind: str, key: str, body: object) -> Envelope:
        return Envelope(
            message_id=new_id("in", now=self._clock.now()),
            to=ActorId(self.lease.tenant, kind, key),
            principal=cause.principal,
            body=body,
            trace=cause.trace,
            deadline=cause.deadline,
            tier=cause.tier,
            sender=str(cause.to),
        )

    async def _retry_or_bury(self, entry: Entry, row: InboxRow, error: Exception) -> None:
        attempts = row.attempts + 1
        now = self._clock.now()
        hopeless = isinstance(error, Terminal) or now >= row.deadline
        policy = self._kinds[row.kind].retry
        delay = None if hopeless else policy.delay(attempts, self._random.random())
        if delay is None:
            await self._bury(row, f"{type(error).__name__}: {error}")
            return
        text = f"{type(error).__name__}: {error}"
        await self._journal.write(
            lambda connection: inbox.retry(
                connection, row.tenant, row.message_id, attempts=attempts, due_at=now + delay, error=text
            ),
            lease=self.lease,
        )
        self._due_at(now + delay)
        log.warning("message.retry", attempts=attempts, delay_s=round(delay, 1), error=type(error).__name__)

    async def _bury(self, row: InboxRow, cause: str) -> None:
        now = self._clock.now()
        await self._journal.write(
            lambda connection: inbox.bury(connection, row, cause=cause, now=now), lease=self.lease
        )
        self.stream(row.message_id).add("done", {"status": "failed", "error": cause, "message_id": row.message_id})
        log.error("message.dead_letter", kind=row.kind, cause=cause.split(":", 1)[0])

    def _escalate(self, actor_id: ActorId) -> None:
        key = (actor_id.kind, actor_id.key)
        intensity = self._intensities.setdefault(
            key, RestartIntensity(limit=self._limits.actor_restarts, window_s=self._limits.restart_window_s)
        )
        self.restarts += 1
        if not intensity.failed(self._clock.monotonic()):
            self.ended = f"{actor_id.kind} keeps crashing"

    def _due_at(self, when: float) -> None:
        self._next_due = when if self._next_due is None else min(self._next_due, when)

    def _row(self, envelope: Envelope) -> InboxRow:
        return InboxRow(
            tenant=self.lease.tenant,
            message_id=envelope.message_id,
            kind=envelope.to.kind,
            actor_key=envelope.to.key,
            sender=envelope.sender,
            tier=int(envelope.tier),
            dedupe_key=envelope.dedupe_key or None,
            body=self._codec.encode(envelope.body),
            principal=json.dumps(asdict(envelope.principal)),
            trace=json.dumps(asdict(envelope.trace)),
            accepted_at=self._clock.now(),
            deadline=envelope.deadline,
        )

    def _envelope(self, row: InboxRow) -> Envelope:
        principal = json.loads(row.principal)
        return Envelope(
            message_id=row.message_id,
            to=ActorId(row.tenant, row.kind, row.actor_key),
            principal=Principal(**{**principal, "role": Role(principal["role"])}),
            body=self._codec.decode(row.body),
            trace=Trace(**json.loads(row.trace)),
            deadline=row.deadline,
            tier=Tier(row.tier),
            sender=row.sender,
            dedupe_key=row.dedupe_key or "",
        )
