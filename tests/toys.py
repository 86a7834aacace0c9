"""Small actors and a cell around them: what the runtime's own tests play with.

A ``Stage`` says what happens in each turn (wait at a gate, fail in a given way) and remembers what happened; time is a
``FakeClock``. Nothing of the runtime is replaced: the journal is the real one.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, event, select

from runtime.actor import Actor, ActorContext, Kind, RetryPolicy, Turn, handles
from runtime.address import ActorId
from runtime.cell import Cell
from runtime.channel import Outlet
from runtime.clock import Clock
from runtime.codec import Codec
from runtime.ids import new_id
from runtime.journal import Journal
from runtime.limits import Limits
from runtime.message import Envelope, StreamEvent, Tier, Trace
from runtime.principal import Principal, Role
from runtime.store import placements
from runtime.store.conversations import AppendHistory, SendOut
from runtime.store.tables import history, inbox, tenants
from runtime.store.wall import ACROSS_TENANTS

T = TypeVar("T")

SOON_S = 10.0  # how long a test waits for what must happen
LIMITS = Limits(tick_s=0.005, drain_s=5.0)


class FakeClock:
    """Time that moves only when a test says so."""

    def __init__(self) -> None:
        self.at = 1_800_000_000.0
        self.slept = 0.0  # what the wall clock has moved beyond the monotonic one
        self.looks = 0  # how often somebody has asked for the monotonic time, as upkeep does three times a tick

    def now(self) -> float:
        return self.at + self.slept

    def monotonic(self) -> float:
        self.looks += 1
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += seconds

    def sleep_through(self, seconds: float) -> None:
        """The machine was suspended: only the wall clock has moved."""
        self.slept += seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Exclusive; leaves one history row."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Read-only."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """Exclusive; asks ``text`` of a sibling and answers what it said."""

    text: str
    key: str = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Exclusive; queues ``text`` for the conversation that is the actor's key."""

    text: str
    channel: str = "outside"
    ttl_s: float = 86_400.0


class Stage:
    """The script of the turns and their record. ``log`` holds (event, text) in the order of occurrence."""

    def __init__(self) -> None:
        self.log: list[tuple[str, str]] = []
        self.failures: dict[str, list[Exception]] = {}
        self.always: dict[str, Callable[[], Exception]] = {}
        self.before: dict[str, Callable[[Turn], None]] = {}
        self._gates: dict[str, asyncio.Event] = {}
        self._happened = asyncio.Condition()

    def hold(self, text: str) -> asyncio.Event:
        """Turns about ``text`` wait until the event is set."""
        return self._gates.setdefault(text, asyncio.Event())

    def open_all(self) -> None:
        for gate in self._gates.values():
            gate.set()

    def count(self, event: str, text: str) -> int:
        return self.log.count((event, text))

    def texts(self, event: str) -> list[str]:
        return [text for name, text in self.log if name == event]

    async def tell(self, event: str, text: str) -> None:
        async with self._happened:
            self.log.append((event, text))
            self._happened.notify_all()

    async def saw(self, event: str, text: str, times: int = 1) -> None:
        """Return once ``event`` has happened to ``text`` so many times."""
        async with asyncio.timeout(SOON_S), self._happened:
            await self._happened.wait_for(lambda: self.count(event, text) >= times)

    async def play(self, turn: Turn, text: str) -> None:
        await self.tell("started", text)
        try:
            if text in self._gates:
                await self._gates[text].wait()
        except asyncio.CancelledError:
            await self.tell("cancelled", text)
            raise
        if text in self.before:
            self.before[text](turn)
        if self.failures.get(text):
            raise self.failures[text].pop(0)
        if text in self.always:
            raise self.always[text]()


class Toy(Actor):
    """Plays what its stage says. The instance's number tells incarnations apart."""

    def __init__(self, context: ActorContext, stage: Stage) -> None:
        super().__init__(context)
        self.stage = stage

    async def activate(self) -> None:
        await self.stage.play_activation(self) if isinstance(self.stage, WakingStage) else None
        await self.stage.tell("activated", self.context.id.key)

    async def passivate(self) -> None:
        await self.stage.tell("passivating", self.context.id.key)
        gate = self.stage._gates.get(f"passivate {self.context.id.key}")
        if gate is not None:
            await gate.wait()
        await self.stage.tell("passivated", self.context.id.key)

    @handles(Write)
    async def write(self, turn: Turn, message: Write) -> str:
        turn.effect(
            AppendHistory(
                conversation_id=self.context.id.key,
                author="assistant",
                text=message.text,
                answer={"status": "answered", "answer": message.text},
            )
        )
        turn.emit("token", {"text": message.text})
        await self.stage.play(turn, message.text)
        turn.announce("done", {"status": "answered", "answer": message.text})
        await self.stage.tell("ended", message.text)
        return f"wrote {message.text}"

    @handles(Look, read_only=True)
    async def look(self, turn: Turn, message: Look) -> str:
        await self.stage.play(turn, message.text)
        await self.stage.tell("ended", message.text)
        return f"saw {message.text}"

    @handles(Forward)
    async def forward(self, turn: Turn, message: Forward) -> str:
        await self.stage.tell("started", f"forward {message.text}")
        reply: str = await turn.ask("toy", Look(text=message.text), key=message.key)
        return reply

    @handles(Reply)
    async def reply(self, turn: Turn, message: Reply) -> None:
        body, conversation = {"text": message.text}, self.context.id.key
        turn.effect(SendOut(conversation_id=conversation, channel=message.channel, body=body, ttl_s=message.ttl_s))
        await self.stage.play(turn, message.text)


class WakingStage(Stage):
    """A stage that also scripts activations: ``wakings`` fail or wait, one after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.wakings: list[Exception | asyncio.Event] = []

    async def play_activation(self, actor: Toy) -> None:
        await self.tell("waking", actor.context.id.key)
        if not self.wakings:
            return
        step = self.wakings.pop(0)
        if isinstance(step, Exception):
            raise step
        await step.wait()


@dataclass
class House:
    """Cells on one database. Every ``cell()`` is a new incarnation with a journal of its own."""

    url: str
    clock: FakeClock = field(default_factory=FakeClock)
    stage: Stage = field(default_factory=WakingStage)
    limits: Limits = LIMITS
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    turn_limit_s: float = 30.0
    idle_s: float = 300.0
    random: random.Random = field(default_factory=lambda: random.Random(7))
    outlets: dict[str, Outlet] = field(default_factory=dict)
    _opened: list[tuple[Cell, Journal]] = field(default_factory=list)

    def journal(self) -> Journal:
        return Journal(self.url)

    async def cell(self, name: str = "cell-0", *, started: bool = True, **more: Any) -> Cell:
        """``more``: what else a :class:`Cell` takes."""
        journal = self.journal()
        cell = Cell(
            name,
            kinds=self.kinds(),
            journal=journal,
            codec=Codec([Write, Look, Forward, Reply]),
            clock=self.clock,
            random=self.random,
            limits=self.limits,
            outlets=self.outlets,
            **more,
        )
        self._opened.append((cell, journal))
        if started:
            await cell.start()
        return cell

    async def successor(self, name: str, *, of: str) -> Cell:
        """A cell that serves what ``of`` has served, which knows nothing of it: it hangs or is gone."""
        cell = await self.cell(name, started=False)
        await self.write(lambda connection: placements.add(connection, name, self.clock.now()))
        await self.write(lambda connection: placements.leave(connection, of))
        await cell.start()
        return cell

    async def write(self, work: Callable[[Connection], None]) -> None:
        await self._opened[-1][1].write(work, tenant=ACROSS_TENANTS)

    def kinds(self) -> Mapping[str, Kind]:
        def make(context: ActorContext) -> Toy:
            return Toy(context, self.stage)

        kind = Kind(actor=Toy, make=make, retry=self.retry, turn_limit_s=self.turn_limit_s, idle_s=self.idle_s)
        return {"toy": kind}

    async def close(self) -> None:
        self.stage.open_all()
        for cell, journal in self._opened:
            await cell.drain()
            await asyncio.to_thread(journal.close)

    async def add_tenant(self, tenant: str) -> None:
        cell, journal = self._opened[0] if self._opened else (None, self.journal())
        now = self.clock.now()
        await journal.write(
            lambda connection: connection.execute(
                tenants.insert().values(
                    tenant_id=tenant, name=tenant, embed_key=f"emb_{tenant}", state="active", created_at=now
                )
            ),
            tenant=tenant,
        )
        if cell is None:
            await asyncio.to_thread(journal.close)

    async def place(self, tenant: str, cell: str) -> None:
        """Pin ``tenant`` to ``cell``, which must be known."""
        await self.write(lambda connection: placements.pin(connection, tenant, cell))

    async def answers(self, tenant: str = "acme") -> list[str]:
        """The texts in the tenant's history, in the order of commit."""
        journal = self._opened[-1][1]
        statement = select(history.c.text).where(history.c.tenant_id == tenant).order_by(history.c.seq)
        return await journal.read(lambda connection: list(connection.execute(statement).scalars()), tenant=tenant)

    async def states(self, tenant: str = "acme") -> dict[str, str]:
        """message id → state of everything in the tenant's inbox."""
        journal = self._opened[-1][1]
        statement = select(inbox.c.message_id, inbox.c.state).where(inbox.c.tenant_id == tenant)
        return await journal.read(
            lambda connection: {row[0]: row[1] for row in connection.execute(statement)}, tenant=tenant
        )


def envelope(
    body: object,
    clock: Clock,
    *,
    tenant: str = "acme",
    key: str = "main",
    kind: str = "toy",
    message_id: str = "",
    dedupe_key: str = "",
    deadline_s: float = 900.0,
    tier: Tier = Tier.INTERACTIVE,
    sender: str = "someone",
) -> Envelope:
    return Envelope(
        message_id=message_id or new_id("msg"),
        to=ActorId(tenant, kind, key),
        principal=Principal(tenant=tenant, role=Role.OWNER, identity="key_1", verified_by="api-key"),
        body=body,
        trace=Trace.new(),
        deadline=clock.now() + deadline_s,
        tier=tier,
        sender=sender,
        dedupe_key=dedupe_key,
    )


async def told(cell: Cell, message_id: str, *, tenant: str = "acme", after_seq: int = 0) -> list[StreamEvent]:
    """Every event of a message up to ``done``, asking again as a reader does."""
    events: list[StreamEvent] = []
    async with asyncio.timeout(SOON_S):
        while not events or events[-1].event != "done":
            async for event in cell.events(tenant, message_id, after_seq=events[-1].seq if events else after_seq):
                events.append(event)
    return events


@asynccontextmanager
async def held(
    engine: Engine | None, occasion: str, which: Callable[..., bool] = lambda *about: True
) -> AsyncIterator[asyncio.Event]:
    """What ``engine`` does at ``occasion`` (SQLAlchemy's name of an event), if ``which`` says so of its arguments,
    stands still until the block ends; the event says that it has been reached."""
    loop, reached, release = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def hold(*about: object) -> None:
        if not release.is_set() and which(*about):
            loop.call_soon_threadsafe(reached.set)
            release.wait(10)

    event.listen(engine, occasion, hold)
    try:
        yield reached
    finally:
        release.set()


def within(limits: Limits, **changes: float) -> Limits:
    return replace(limits, **changes)  # type: ignore[arg-type]


async def until(true: Callable[[], bool]) -> None:
    """Let the loop run until ``true()``: for states of the runtime that announce themselves to nobody."""
    async with asyncio.timeout(SOON_S):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


async def rest(cell: Cell) -> None:
    """Return once no turn runs: what a failed one left is scheduled or buried by then, so that time may go on."""
    await until(lambda: all(tenant["running"] == 0 for tenant in cell.status()["tenants"]))  # type: ignore[attr-defined]


async def ticks(house: House, looks: int = 30) -> None:
    """Let upkeep look at the time that it is now, and do what it finds: for what must not happen by then."""
    seen = house.clock.looks
    await until(lambda: house.clock.looks >= seen + looks)
    await until(lambda: not any(cell._tenancies._tended for cell, _ in house._opened))


async def comes(expected: T, look: Callable[[], Awaitable[T]]) -> None:
    """Return once ``look`` finds what is expected: for rows, which announce themselves to nobody."""
    found = await look()
    end = asyncio.get_running_loop().time() + SOON_S
    while found != expected:
        assert asyncio.get_running_loop().time() < end, f"waited for {expected!r}, and it is {found!r}"
        await asyncio.sleep(0.01)
        found = await look()
