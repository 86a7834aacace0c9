"""One virtual actor while it is in memory: its mailbox, its instance, and the turns that run.

Promises: at most one exclusive turn at a time; a turn's effects commit together with its message's "done" mark before
anybody hears of them; a message that another turn has closed has no second effect; an instance whose handler crashed
is thrown away and a fresh one made for the next turn; a new instance wakes only after the old one went to sleep.

Held by tests/unit/runtime/test_cell_turns.py::test_an_exclusive_turn_runs_alone,
tests/unit/runtime/test_cell_messages.py::test_nothing_is_announced_before_the_commit_or_for_a_turn_that_did_not_commit,
tests/unit/runtime/test_cell_turns.py::test_the_effects_of_a_question_are_committed_before_its_reply,
tests/unit/runtime/test_cell_faults.py::test_a_message_that_another_turn_has_closed_has_no_second_effect,
tests/unit/runtime/test_cell_turns.py::test_a_crashed_instance_is_not_used_again,
tests/unit/runtime/test_cell_turns.py::test_a_message_that_comes_while_its_actor_goes_to_sleep_waits_for_that and
tests/simulation/test_seeds.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import structlog
from sqlalchemy import Connection

from runtime import telemetry
from runtime.actor import Actor, ActorContext, Kind, Turn, TurnFacts
from runtime.address import ActorId
from runtime.clock import Clock
from runtime.deadlines import Deadlines
from runtime.errors import DeadlineExceeded, Fenced, RagleapError, Retryable, Unavailable
from runtime.journal import Journal, Lease
from runtime.mailbox import Mailbox
from runtime.message import Envelope, Tier
from runtime.reminders import CancelReminder, SetReminder
from runtime.store import inbox
from runtime.store.conversations import SendOut
from runtime.store.drafts import ReleaseDraft
from runtime.store.inbox import InboxRow, Line, line_of
from runtime.streams import Stream
from runtime.tally import Tally
from runtime.turns import Share

SLEEP_LIMIT_S = 5.0  # how long an actor may take to let go of what it holds

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class Entry:
    """A message in a mailbox: durable if it has a row, a question if somebody waits for the reply.

    ``sibling``: a running turn of this tenant asks, so it is answered also while the tenant is being stopped, and needs
    no place of its own. ``placed``: it holds one of the cell's places (:mod:`runtime.turns`).
    """

    envelope: Envelope
    read_only: bool
    row: InboxRow | None = None
    reply: asyncio.Future[Any] | None = None
    sibling: bool = False
    placed: bool = False

    @property
    def tier(self) -> Tier:
        return self.envelope.tier

    def expire(self) -> None:
        """Nobody waits for the reply any longer than this (:mod:`runtime.deadlines`)."""
        if self.reply is not None and not self.reply.done():
            self.reply.set_exception(DeadlineExceeded(f"{self.envelope.to.kind} did not answer by the deadline."))


class Owner(Protocol):
    """What an activation needs of its tenant's supervisor."""

    lease: Lease
    deadlines: Deadlines
    share: Share
    tally: Tally

    def encode(self, body: object) -> str: ...

    def reminders_changed(self) -> None:
        """A turn has set or cancelled reminders."""
        ...

    def queued(self, now: float) -> None:
        """A turn has put a message into the outbox as of ``now``."""
        ...

    async def ask_sibling(self, cause: Envelope, kind: str, key: str, body: object) -> Any: ...

    def tell_sibling(self, cause: Envelope, kind: str, key: str, body: object) -> None: ...

    def stream(self, message_id: str) -> Stream: ...

    def new_id(self, prefix: str) -> str: ...

    def closed(self, entry: Entry) -> None:
        """The entry's durable message is done, and its turn has announced what it wanted to."""
        ...

    async def superseded(self, entry: Entry) -> None:
        """The entry's durable message was closed by another turn."""
        ...

    async def failed(self, entry: Entry, error: Exception, *, crashed: bool) -> None:
        """The turn failed: retry later, bury, and count the crash."""
        ...


class Superseded(Exception):
    """Another turn has closed this message; this one must leave no trace. Never leaves this module."""


class Activation:
    """Runs one actor's turns."""

    __slots__ = ("_actor", "_clock", "_journal", "_kind", "_owner", "_paused", "_tasks", "_waking", "id", "last_used",
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
        self._tasks: dict[asyncio.Task[None], Entry] = {}
        self._paused = False

    @property
    def tasks(self) -> frozenset[asyncio.Task[None]]:
        """The turns that run."""
        return frozenset(self._tasks)

    def offer(self, entry: Entry) -> None:
        """Take the entry in and start whatever may start."""
        self.mailbox.put(entry)
        self._pump()

    def take_back(self, line: Line) -> list[InboxRow]:
        """The durable messages of ``line`` that have not begun leave the mailbox."""
        moved = self.mailbox.clear(keep=lambda entry: entry.row is None or line_of(entry.row) != line)
        return [entry.row for entry in moved if entry.row is not None]

    def expired(self, now: float) -> bool:
        """Whether nothing happened here for the kind's idle time. An instance that wakes for a turn which did not wait
        for it is something: forgotten now, it would be there twice."""
        busy = self._paused or self._waking is not None or not self.mailbox.idle
        return not busy and now - self.last_used >= self._kind.idle_s

    async def passivate(self) -> None:
        """Put the idle instance to sleep. What arrives meanwhile waits, and wakes a new instance."""
        self._paused = True
        try:
            await self._sleep()
        finally:
            self._paused = False
            self._pump()

    async def stop(self) -> None:
        """End for good: cancel what runs, put the instance to sleep. What waits in the mailbox stays there."""
        self._paused = True
        running: set[asyncio.Task[Any]] = {*self._tasks, *([self._waking] if self._waking is not None else [])}
        for task in running:
            task.cancel()
        if running:
            _, stuck = await asyncio.wait(running, timeout=SLEEP_LIMIT_S)
            if stuck:
                log.error("actor.turn_does_not_end", actor=str(self.id), turns=len(stuck))
        for entry in [self._tasks.pop(task) for task in list(self._tasks) if task.done()]:
            refuse(entry, "The actor was stopped before it could answer.")  # its task was cancelled before it began
            self._ended(entry)
        await self._sleep()

    async def _sleep(self) -> None:
        actor, self._actor = self._actor, None
        if actor is None:
            return
        self._owner.tally.passivations[self.id.kind] += 1
        try:
            async with asyncio.timeout(SLEEP_LIMIT_S):
                await actor.passivate()
        except Exception:
            log.exception("actor.passivate_failed", actor=str(self.id))

    def _pump(self) -> None:
        while not self._paused and (entry := self.mailbox.take()) is not None:
            # What a running turn waits for must not wait for a place, and neither may what is in front of it.
            entry.placed = not (entry.sibling or self.mailbox.siblings)
            if entry.placed and not self._owner.share.begin(self, entry.tier):
                self.mailbox.put_back(entry)
                return
            self._begin(entry)

    def begin_one(self) -> bool:
        """A place has come free for this actor."""
        if self._paused or (entry := self.mailbox.take()) is None:
            return False
        entry.placed = True
        self._begin(entry)
        self._pump()
        return True

    def _begin(self, entry: Entry) -> None:
        task = asyncio.get_running_loop().create_task(self._run(entry))
        self._tasks[task] = entry

    async def _run(self, entry: Entry) -> None:
        try:
            telemetry.about(entry.envelope)
            await self._settle(entry)
        except asyncio.CancelledError:
            refuse(entry, "The actor was stopped before it could answer.")
            raise
        finally:
            self.last_used = self._clock.monotonic()
            self._ended(entry)
            self._pump()
            self._tasks.pop(asyncio.current_task(), None)  # type: ignore[arg-type]  # it is one of them

    def _ended(self, entry: Entry) -> None:
        self.mailbox.finished(entry)
        if entry.placed:
            self._owner.share.end()

    async def _settle(self, entry: Entry) -> None:
        if entry.reply is not None and entry.reply.done():
            return  # nobody waits for the answer any more
        try:
            turn = self._new_turn(entry)
            result = await self._turn(entry, turn)
        except Superseded:
            await self._owner.superseded(entry)
        except RagleapError as error:
            self._owner.tally.failures[self.id.kind] += 1
            await self._fail(entry, error, crashed=False)
        except Exception as error:
            log.exception("actor.crashed", error=type(error).__name__)
            self._actor = None
            await self._fail(entry, error, crashed=True)
        else:
            self._owner.tally.turns[self.id.kind] += 1
            self._conclude(entry, turn, result)

    async def _turn(self, entry: Entry, turn: Turn) -> object:
        """Run the handler and commit what it wants. On return the turn is true for good."""
        limit = min(self._kind.turn_limit_s, turn.remaining())
        if limit <= 0:
            raise DeadlineExceeded("The message's deadline passed before its turn came.")
        try:
            with self._owner.deadlines.limit(limit):
                actor = self._actor or await self._awake_in_time(turn)
                result = await actor.receive(turn)
        except TimeoutError as error:
            raise DeadlineExceeded(f"The turn did not end within {limit:.0f} s.") from error
        if turn.remaining() <= 0:  # the process stood still, and the handler went on before its limit could strike
            raise DeadlineExceeded("The message's deadline passed while its turn ran.")
        if entry.row is not None or turn.effects:
            await self._commit(entry, turn)
        return result

    def _conclude(self, entry: Entry, turn: Turn, result: object) -> None:
        """Tell of a turn that is committed. Whatever fails here takes nothing back."""
        if entry.row is not None:
            for event, data in turn.announced:
                self._owner.stream(turn.message_id).add(event, data)
            self._owner.closed(entry)
        for action in turn.after:
            _try(action)
        for notice in turn.notices:
            _try(partial(self._owner.tell_sibling, turn.envelope, notice.kind, notice.key, notice.body))
        if entry.reply is not None and not entry.reply.done():
            entry.reply.set_result(result)

    def _new_turn(self, entry: Entry) -> Turn:
        message_id = entry.envelope.message_id
        emit: Callable[[str, Mapping[str, object]], None] = _unwatched
        if entry.row is not None:
            self._owner.stream(message_id).begin()
            emit = lambda event, data: self._owner.stream(message_id).add(event, data)  # noqa: E731
        return Turn(
            envelope=entry.envelope,
            new_id=self._owner.new_id,
            attempt=entry.row.attempts + 1 if entry.row else 1,
            clock=self._clock,
            ask=self._owner.ask_sibling,
            emit=emit,
        )

    async def _awake_in_time(self, turn: Turn) -> Actor:
        """Waking takes time, the limit strikes up to a grain late, and the wall clock may be set meanwhile."""
        actor = await self._awake()
        if turn.remaining() <= 0:
            raise DeadlineExceeded("The message's deadline passed while its actor woke.")
        return actor

    async def _awake(self) -> Actor:
        """The instance, activated exactly once also when several read-only turns arrive together."""
        if self._waking is None:
            self._waking = asyncio.get_running_loop().create_task(self._wake())
            self._waking.add_done_callback(self._woken)
        return await asyncio.shield(self._waking)

    async def _wake(self) -> Actor:
        async with asyncio.timeout(self._kind.turn_limit_s):
            actor = self._kind.made(ActorContext(id=self.id, clock=self._clock))
            await actor.activate()
        self._owner.tally.activations[self.id.kind] += 1
        return actor

    def _woken(self, waking: asyncio.Task[Actor]) -> None:
        """Also where no turn waits for it any more: an instance that woke is kept, a failure is forgotten."""
        self._waking = None
        if not waking.cancelled() and waking.exception() is None:
            self._actor = waking.result()

    async def _commit(self, entry: Entry, turn: Turn) -> None:
        facts = TurnFacts(
            actor=self.id,
            principal=turn.principal,
            turn_id=turn.turn_id,
            message_id=turn.message_id,
            trace_id=turn.envelope.trace.trace_id,
            now=self._clock.now(),
            encode=self._owner.encode,
        )
        row = entry.row

        def apply(connection: Connection) -> None:
            if row is not None and not inbox.close(connection, facts.tenant, row.message_id, facts.turn_id):
                raise Superseded
            for effect in turn.effects:
                effect.apply(connection, facts)

        try:
            await self._journal.write(apply, lease=self._owner.lease)
        finally:  # a commit that was not waited for to the end may come true all the same
            for effect in turn.effects:
                if isinstance(effect, SetReminder | CancelReminder):
                    self._owner.reminders_changed()
                elif isinstance(effect, ReleaseDraft) or (isinstance(effect, SendOut) and not effect.delivered):
                    self._owner.queued(facts.now)

    async def _fail(self, entry: Entry, error: Exception, *, crashed: bool) -> None:
        visible = error
        if crashed:
            visible = Retryable("The assistant's part failed unexpectedly.", do="Try again; the log has the cause.")
        elif isinstance(error, Fenced):
            visible = Unavailable("The tenant has moved.", do="Try again shortly.", tenant=self.id.tenant)
        if entry.reply is not None and not entry.reply.done():
            entry.reply.set_exception(visible)
        await self._owner.failed(entry, error, crashed=crashed)


def refuse(entry: Entry, what: str) -> None:
    """Tell whoever waits for the entry's reply that there will be none from here."""
    if entry.reply is not None and not entry.reply.done():
        entry.reply.set_exception(Unavailable(what, do="Try again shortly."))


def _unwatched(event: str, data: Mapping[str, object]) -> None:
    """Where a question's turn shows its parts: nobody can watch it."""


def _try(action: Callable[[], None]) -> None:
    try:
        action()
    except Exception:
        log.exception("actor.after_commit_failed")
