"""The simulated actors. Their turns go as the message says: well, slowly, or wrong in one of several ways.

They report to a ``Referee`` what the runtime lets them see, which checks on the spot what must never be.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

from simulation.store import effects
from sqlalchemy import Connection, insert

from runtime.actor import Actor, ActorContext, Turn, TurnFacts, handles
from runtime.errors import Retryable, Terminal
from runtime.reminders import SetReminder
from runtime.schedule import Schedule
from runtime.store.conversations import SendOut, answer_with

FIRING = 10_000  # added to a message's number: the number of what its reminder says


@dataclass(frozen=True, slots=True, kw_only=True)
class Play:
    """Exclusive. ``steps`` as in the script; ``told``: its answer is kept for those who ask later."""

    number: int
    steps: tuple[str, ...]
    told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Peek:
    """Read-only."""

    number: int
    steps: tuple[str, ...]
    told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveMark:
    """The turn's one effect: a row that nothing keeps from being there twice."""

    actor: str
    ended_late_s: float

    def apply(self, connection: Connection, facts: TurnFacts) -> None:
        connection.execute(
            insert(effects).values(
                tenant_id=facts.tenant,
                actor_key=self.actor,
                message_id=facts.message_id,
                turn_id=facts.turn_id,
                ended_late_s=self.ended_late_s,
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """An effect that the database will not take."""

    def apply(self, connection: Connection, facts: TurnFacts) -> None:
        connection.exec_driver_sql("INSERT INTO tenants (tenant_id) VALUES (NULL)")


class Referee(Protocol):
    def activated(self, player: Player) -> None: ...

    def asleep(self, player: Player) -> None: ...

    def gone(self, player: Player) -> None: ...

    def began(self, player: Player, turn: Turn, *, read_only: bool) -> None: ...

    def ended(self, player: Player, turn: Turn, *, read_only: bool) -> None: ...

    def moment(self, most_s: float) -> float:
        """A drawn time up to ``most_s``."""
        ...

    def waking_s(self) -> float: ...

    def waking_fails(self) -> bool: ...


class Player(Actor):
    """One actor of the simulation."""

    def __init__(self, context: ActorContext, referee: Referee) -> None:
        super().__init__(context)
        self.referee = referee

    async def activate(self) -> None:
        await asyncio.sleep(self.referee.waking_s())
        if self.referee.waking_fails():
            raise Retryable("The state cannot be loaded.")
        self.referee.activated(self)

    async def passivate(self) -> None:
        self.referee.asleep(self)
        try:
            await asyncio.sleep(self.referee.moment(0.2))
        finally:
            self.referee.gone(self)

    @handles(Play)
    async def play(self, turn: Turn, message: Play) -> str:
        return await self._turn(turn, message, read_only=False)

    @handles(Peek, read_only=True)
    async def peek(self, turn: Turn, message: Peek) -> str:
        return await self._turn(turn, message, read_only=True)

    async def _turn(self, turn: Turn, message: Play | Peek, *, read_only: bool) -> str:
        self.referee.began(self, turn, read_only=read_only)
        try:
            turn.emit("token", {"text": "…"})
            await self._act(turn, message.steps[min(turn.attempt, len(message.steps)) - 1], message.number)
            late = self.context.clock.now() - turn.envelope.deadline
            turn.effect(LeaveMark(actor=self.context.id.key, ended_late_s=late))
            if message.told:
                answer = {"answer": message.number}
                answer_with(turn, answer, conversation_id=self.context.id.key, text="")
            return f"played {message.number}"
        finally:
            self.referee.ended(self, turn, read_only=read_only)

    async def _act(self, turn: Turn, step: str, number: int) -> None:
        match step:
            case "quick":
                return
            case "slow":
                await asyncio.sleep(self.referee.moment(3.0))
            case "hang":
                await asyncio.sleep(1_000)
            case "retry":
                turn.effect(LeaveMark(actor="must not be stored", ended_late_s=0.0))
                await asyncio.sleep(self.referee.moment(0.2))
                raise Retryable("A provider is down.")
            case "late retry":
                await asyncio.sleep(self.referee.moment(2.0))
                raise Retryable("A provider is slow, then down.")
            case "terminal":
                raise Terminal("This cannot be done.")
            case "crash":
                await asyncio.sleep(self.referee.moment(0.2))
                self.referee.gone(self)  # the runtime throws it away
                raise KeyError("a bug")
            case "refused row":
                turn.effect(LeaveMark(actor="must not be stored", ended_late_s=0.0))
                turn.effect(Refused())
            case "ask":
                await turn.ask("player", Peek(number=number, steps=("ok",)), key="helper")
            case "remind":
                at = self.context.clock.now() + self.referee.moment(15.0)
                body = Play(number=FIRING + number, steps=("ok",))
                turn.effect(SetReminder(name=f"r{number}", schedule=Schedule(at=at), body=body, ttl_s=60.0))
            case "reply":
                told = number % 3  # two conversations whose channel can tell, and one whose cannot
                body = {"number": number}
                channel = "told" if told else "mute"
                turn.effect(SendOut(conversation_id=f"c{told}", channel=channel, body=body, ttl_s=150.0))
            case "notify":
                turn.notify("player", Peek(number=number, steps=("ok",)), key="helper")
        await asyncio.sleep(self.referee.moment(0.1))
