"""What an actor's author writes against: ``Actor``, ``handles``, ``Turn``, ``Effect``.

    class Greeter(Actor):
        @handles(Hello, read_only=True)
        async def hello(self, turn: Turn, message: Hello) -> Greeting:
            return Greeting(text=f"Hello, {message.name}.")

A handler runs as a *turn*: alone within its actor, or beside other ``read_only`` turns. What it wants to be durable it
adds as effects; they commit in one transaction with the message's "done" mark, and only then the reply leaves.

Held by tests/unit/runtime/test_cell_turns.py, tests/unit/runtime/test_cell_messages.py and
tests/unit/runtime/test_local_cell.py.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, TypeVar

from sqlalchemy import Connection

from runtime.address import ActorId
from runtime.clock import Clock
from runtime.errors import Terminal
from runtime.message import Envelope
from runtime.principal import Principal
from runtime.retry import RetryPolicy as RetryPolicy  # authors import it from here

F = TypeVar("F", bound=Callable[..., Awaitable[object]])


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnFacts:
    """What an effect may know of the turn that commits it. ``encode`` makes a durable message's body JSON."""

    actor: ActorId
    principal: Principal
    turn_id: str
    message_id: str
    trace_id: str
    now: float
    encode: Callable[[object], str]

    @property
    def tenant(self) -> str:
        return self.actor.tenant


class Effect(Protocol):
    """A durable write. ``apply`` runs inside the turn's one transaction and must touch only ``facts.tenant``."""

    def apply(self, connection: Connection, facts: TurnFacts) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A hint to a sibling actor, sent after the commit and kept only in memory: its receiver can do without it."""

    kind: str
    key: str
    body: object


class Turn:
    """One message being handled: who sent it, how long there is, and what shall come of it."""

    __slots__ = (
        "_ask",
        "_clock",
        "_emit",
        "_new_id",
        "_turn_id",
        "after",
        "announced",
        "attempt",
        "effects",
        "envelope",
        "notices",
    )

    def __init__(
        self,
        *,
        envelope: Envelope,
        new_id: Callable[[str], str],
        attempt: int,
        clock: Clock,
        ask: Callable[[Envelope, str, str, object], Awaitable[Any]],
        emit: Callable[[str, Mapping[str, object]], None],
    ) -> None:
        self.envelope = envelope
        self.attempt = attempt
        self.effects: list[Effect] = []
        self.notices: list[Notice] = []
        self.announced: list[tuple[str, Mapping[str, object]]] = []
        self.after: list[Callable[[], None]] = []
        self._turn_id = ""
        self._new_id = new_id
        self._clock = clock
        self._ask = ask
        self._emit = emit

    @property
    def principal(self) -> Principal:
        return self.envelope.principal

    @property
    def message_id(self) -> str:
        return self.envelope.message_id

    @property
    def turn_id(self) -> str:
        """Names this try of this message: made when it is first asked for, because most questions need none."""
        if not self._turn_id:
            self._turn_id = self._new_id("turn")
        return self._turn_id

    def remaining(self) -> float:
        """Seconds until the message's deadline; never negative."""
        return max(0.0, self.envelope.deadline - self._clock.now())

    async def ask(self, kind: str, body: object, *, key: str = "main") -> Any:
        """Ask another actor of the same tenant; its reply, or the RagleapError that it raised."""
        return await self._ask(self.envelope, kind, key, body)

    def effect(self, effect: Effect) -> None:
        """Commit ``effect`` with this turn."""
        self.effects.append(effect)

    def notify(self, kind: str, body: object, *, key: str = "main") -> None:
        """Send a hint after the commit."""
        self.notices.append(Notice(kind=kind, key=key, body=body))

    def then(self, action: Callable[[], None]) -> None:
        """Run ``action`` after the commit: a hint within this process, lost with it."""
        self.after.append(action)

    def emit(self, event: str, data: Mapping[str, object]) -> None:
        """Show a part of the answer to those who watch it being made. Not durable."""
        self._emit(event, data)

    def announce(self, event: str, data: Mapping[str, object]) -> None:
        """Like :meth:`emit`, but only after the commit: what was announced is true for good."""
        self.announced.append((event, data))


@dataclass(frozen=True, slots=True)
class Handler:
    """A method that takes one type of body."""

    method: str
    read_only: bool


def handles(body: type, *, read_only: bool = False) -> Callable[[F], F]:
    """Mark a method as the handler of ``body``. ``read_only`` turns interleave; the others have the actor alone."""

    def mark(method: F) -> F:
        method.__handles__ = (body, read_only)  # type: ignore[attr-defined]
        return method

    return mark


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorContext:
    """What the runtime gives an actor when it wakes it. Collaborators come through the kind's factory."""

    id: ActorId
    clock: Clock

    @property
    def tenant(self) -> str:
        return self.id.tenant


class Actor:
    """A virtual actor: it always exists, is in memory only while it works, and keeps what matters in the store."""

    handlers: ClassVar[Mapping[type, Handler]] = {}

    def __init_subclass__(cls) -> None:
        found = dict(cls.handlers)
        for name, method in vars(cls).items():
            mark = getattr(method, "__handles__", None)
            if mark is not None:
                body, read_only = mark
                found[body] = Handler(name, read_only)
        cls.handlers = found

    def __init__(self, context: ActorContext) -> None:
        self.context = context

    async def activate(self) -> None:
        """Load state. Runs before the first turn; raising means the actor could not wake."""

    async def passivate(self) -> None:
        """Let go of what was held. Runs after the last turn before memory is freed."""

    async def receive(self, turn: Turn) -> object:
        """Route the turn to its handler; Terminal if this kind of actor takes no such message."""
        handler = self.handlers.get(type(turn.envelope.body))
        if handler is None:
            raise Terminal(f"A {turn.envelope.to.kind} actor takes no {type(turn.envelope.body).__name__}.")
        result: object = await getattr(self, handler.method)(turn, turn.envelope.body)
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A registered kind of actor: how to make one, and its limits.

    ``make`` gives the actor its collaborators; without it the actor is made of its context alone.
    """

    actor: type[Actor]
    make: Callable[[ActorContext], Actor] | None = None
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    turn_limit_s: float = 60.0
    idle_s: float = 300.0

    def made(self, context: ActorContext) -> Actor:
        return (self.make or self.actor)(context)

    def read_only(self, body: object) -> bool:
        handler = self.actor.handlers.get(type(body))
        return handler is not None and handler.read_only
