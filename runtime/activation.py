"""One virtual actor while it is in memory: its mailbox, its instance, and the turns that run.

Promises: at most one exclusive turn at a time; a turn's effects commit together with its message's "done" mark before
anybody hears of them; a message that another turn has closed has no second effect; an instance whose handler crashed
is thrown away and a fresh one made for the next turn.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from sqlalchemy import Connection

from runtime import telemetry
from runtime.actor import Actor, ActorContext, Kind, Turn, TurnFacts
from runtime.address import ActorId
from runtime.clock import Clock
from runtime.errors import DeadlineExceeded, RagleapError, Retryable, Unavailable
from runtime.ids import new_id
from runtime.journal import Journal, Lease
from runtime.mailbox import Mailbox
from runtime.message import Envelope, Tier
from runtime.store import inbox
from runtime.store.inbox import InboxRow
from runtime.streams import Stream

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class Entry:
    """A message in a mailbox: durable if it has a row, a question if somebody waits for the reply."""

    envelope: Envelope
    read_only: bool
    row: InboxRow | None = None
    reply: asyncio.Future[Any] | None = None

    @property
    def tier(self) -> Tier:
        return self.envelope.tier


class Owner(Protocol):
    """What an activation needs of its tenant's supervisor."""

    lease: Lease

    async def ask_sibling(self, cause: Envelope, kind: str, key: str, body: object) -> Any: ...

    def tell_sibling(self, cause: Envelope, kind: str, key: str, body: object) -> None: ...

    def stream(self, message_id: str) -> Stream: ...

    def closed(self, entry: Entry) -> None:
        """The entry's durable message is done, here or elsewhere."""
        ...

    async def failed(self, entry: Entry, error: Exception, *, crashed: bool) -> None:
        """The turn failed: retry later, bury, and count the crash."""
        ...


class Superseded(Exception):
    """Another turn has closed this message; this one must leave no trace. Never leaves this module."""


class Activation:
    """Runs one actor's turns."""

    __slots__ = ("_actor", "_clock", "_journal", "_kind", "_owner", "_stopping", "_tasks", "_waking", "id", "last_used",
                 "mailbox")  # fmt: skip

    def __init__(
        self, actor_id: ActorId, kind: Kind, owner: Owner, journal: Journal, clock: Clock, mailbox: Mailbox[Entry]
    ) -> None:
        self.id = actor_id
        self.mailbox = mailbox
        self.last_used = clock.monotonic()
        self._kind = kind
        self._owner = owner
        self._journal = journal
        self._clock = clock
        self._actor: Actor | None = None
        self._waking: asyncio.Task[Actor] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False

    def offer(self, entry: Entry) -> None:
        """Take the entry in and start whatever may start."""
        self.mailbox.put(entry)
        self._pump()

    def expired(self, now: float) -> bool:
        """Whether nothing happened here for the kind's idle time."""
        return self.mailbox.idle and now - self.last_used >= self._kind.idle_s

    async def stop(self, *, grace_s: float) -> list[Entry]:
        """Let running turns end (up to ``grace_s``, then cancel them), passivate, and return what had not started."""
        self._stopping = True
        waiting = self.mailbox.clear()
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=grace_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._actor is not None:
            actor, self._actor = self._actor, None
            try:
                await actor.passivate()
            except Exception:
                log.exception("actor.passivate_failed", actor=str(self.id))
        return waiting

    def _pump(self) -> None:
        while not self._stopping and (entry := self.mailbox.take()) is not None:
            task = asyncio.get_running_loop().create_task(self._run(entry))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self, entry: Entry) -> None:
        envelope = entry.envelope
        try:
            with telemetry.about(
                tenant=self.id.tenant,
                actor=f"{self.id.kind}/{self.id.key}",
                message_id=envelope.message_id,
                trace_id=envelope.trace.trace_id,
            ):
                await self._settle(entry)
        except asyncio.CancelledError:
            if entry.reply is not None and not entry.reply.done():
                entry.reply.set_exception(Unavailable("The actor was stopped before it could answer."))
            raise
        finally:
            self.last_used = self._clock.monotonic()
            self.mailbox.finished(entry)
            self._pump()

    async def _settle(self, entry: Entry) -> None:
        try:
            result = await self._turn(entry)
        except Superseded:
            self._owner.closed(entry)
        except RagleapError as error:
            await self._fail(entry, error, crashed=False)
        except Exception as error:
            log.exception("actor.crashed", error=type(error).__name__)
            self._actor = None
            await self._fail(entry, error, crashed=True)
        else:
            if entry.reply is not None and not entry.reply.done():
                entry.reply.set_result(result)

    async def _turn(self, entry: Entry) -> object:
        turn = self._new_turn(entry)
        limit = min(self._kind.turn_limit_s, turn.remaining())
        if limit <= 0:
            raise DeadlineExceeded("The message's deadline passed before its turn came.")
        try:
            async with asyncio.timeout(limit):
                actor = await self._awake()
                result = await actor.receive(turn)
        except TimeoutError as error:
            raise DeadlineExceeded(f"The turn did not end within {limit:.0f} s.") from error
        if entry.row is not None or turn.effects:
            await self._commit(entry, turn)
        for event, data in turn.announced:
            self._owner.stream(turn.message_id).add(event, data)
        for action in turn.after:
            action()
        for notice in turn.notices:
            self._owner.tell_sibling(turn.envelope, notice.kind, notice.key, notice.body)
        return result

    def _new_turn(self, entry: Entry) -> Turn:
        message_id = entry.envelope.message_id
        if entry.row is not None:
            self._owner.stream(message_id).begin()
        return Turn(
            envelope=entry.envelope,
            turn_id=new_id("turn", now=self._clock.now()),
            attempt=entry.row.attempts + 1 if entry.row else 1,
            clock=self._clock,
            ask=self._owner.ask_sibling,
            emit=lambda event, data: self._owner.stream(message_id).add(event, data),
        )

    async def _awake(self) -> Actor:
        """The instance, activated exactly once also when several read-only turns arrive together."""
        if self._actor is not None:
            return self._actor
        if self._waking is None:
            self._waking = asyncio.get_running_loop().create_task(self._wake())
        try:
            return await asyncio.shield(self._waking)
        finally:
            if self._waking is not None and self._waking.done():
                self._waking = None

    async def _wake(self) -> Actor:
        actor = self._kind.make(ActorContext(id=self.id, clock=self._clock))
        await actor.activate()
        self._actor = actor
        return actor

    async def _commit(self, entry: Entry, turn: Turn) -> None:
        facts = TurnFacts(
            tenant=self.id.tenant,
            turn_id=turn.turn_id,
            message_id=turn.message_id,
            trace_id=turn.envelope.trace.trace_id,
            now=self._clock.now(),
        )
        row = entry.row

        def apply(connection: Connection) -> None:
            if row is not None and not inbox.close(connection, facts.tenant, row.message_id, facts.turn_id):
                raise Superseded
            for effect in turn.effects:
                effect.apply(connection, facts)

        await self._journal.write(apply, lease=self._owner.lease)
        if row is not None:
            self._owner.closed(entry)

    async def _fail(self, entry: Entry, error: Exception, *, crashed: bool) -> None:
        visible = error
        if crashed:
            visible = Retryable("The assistant's part failed unexpectedly.", do="Try again; the log has the cause.")
        if entry.reply is not None and not entry.reply.done():
            entry.reply.set_exception(visible)
        await self._owner.failed(entry, error, crashed=crashed)
