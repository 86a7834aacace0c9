"""A cell with toy actors for tests over Ray. It waits at gates that are files, so that a test decides from outside."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sink import SinkChannel

from runtime.actor import Actor, Kind, RetryPolicy, Turn, handles
from runtime.cell import Cell
from runtime.cell_host import Hosted, end_process
from runtime.channel import Outlet
from runtime.clock import SystemClock
from runtime.codec import Codec
from runtime.errors import Conflict, NotFound, Overloaded
from runtime.journal import Journal
from runtime.limits import Limits
from runtime.store.conversations import SendOut, answer_with
from runtime.store.database import prepare

ERRORS = {
    "not found": NotFound("no", do="look"),
    "overloaded": Overloaded("no", retry_after=7),
    "conflict": Conflict("no"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Durable. Shows ``tokens`` tokens, waits until the file ``gate`` exists (if it is named), leaves one row."""

    text: str
    gate: str = ""
    tokens: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """``text`` names an error of ERRORS, or is said back; "bug" crashes the actor. ``gate`` as in Job."""

    text: str
    gate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Durable. Is answered over ``channel``: "tells" or "silent" (see ``build``)."""

    text: str
    channel: str


class Worker(Actor):
    @handles(Job)
    async def job(self, turn: Turn, message: Job) -> None:
        for n in range(message.tokens):
            turn.emit("token", {"text": f"{message.text} {n}"})
        await _open(message.gate)
        answer_with(turn, {"answer": message.text}, conversation_id=self.context.id.key, text=message.text)

    @handles(Letter)
    async def letter(self, turn: Turn, message: Letter) -> None:
        turn.effect(SendOut(conversation_id=self.context.id.key, channel=message.channel, body={"text": message.text}))

    @handles(Question, read_only=True)
    async def question(self, turn: Turn, message: Question) -> str:
        if message.text in ERRORS:
            raise ERRORS[message.text]
        if message.text == "bug":
            raise RuntimeError("bug")
        await _open(message.gate)
        return f"{message.text} {os.getpid()}"


class Services:
    async def echo(self, *arguments: object) -> tuple[object, ...]:
        return arguments

    async def echo_strictly(self, argument: object) -> object:
        return argument

    async def _private(self) -> None:
        return None


# One crash is one too many, at every level.
FRAIL = Limits(tick_s=0.05, actor_restarts=0, tenant_restarts=0, cell_quarantines=0, cell_life_s=0)


async def build(url: str, fuse: str, name: str, *, limits: Limits = Limits(tick_s=0.05), sink: str = "") -> Hosted:
    """``fuse``: a file; while it exists the cell cannot start, and every try leaves a letter in it. ``sink``: where
    letters go (:mod:`sink`); the channel "silent" never tells what became of a call."""
    if fuse:
        _look_at(Path(fuse))
    prepare(url)
    journal = Journal(url)

    cell = Cell(
        name,
        kinds={"worker": Kind(actor=Worker, retry=RetryPolicy(first_s=0.1))},
        journal=journal,
        codec=Codec([Job, Question, Letter]),
        clock=SystemClock(),
        random=random.Random(7),
        limits=limits,
        give_up=end_process,
        outlets=_outlets(sink) if sink else {},
    )

    async def status(arguments: Mapping[str, object]) -> Mapping[str, object]:
        return {**cell.status(), "pid": os.getpid()}

    async def close() -> None:
        await asyncio.to_thread(journal.close)

    return Hosted(cell=cell, services={"services": Services()}, commands={"status": status}, close=(close,))


def _outlets(sink: str) -> Mapping[str, Outlet]:
    terms = {"retry": RetryPolicy(tries=50, first_s=0.1), "call_s": 2.0, "settle_s": 0.5, "concurrency": 4}
    return {
        name: Outlet(channel=SinkChannel(sink, tells=name == "tells"), **terms)  # type: ignore[arg-type]
        for name in ("tells", "silent")
    }


def _look_at(fuse: Path) -> None:
    try:
        letters = os.open(fuse, os.O_WRONLY | os.O_APPEND)  # never made anew: the test may just be taking it away
    except FileNotFoundError:
        return
    os.write(letters, b"x")
    os.close(letters)
    raise OSError("the fuse is in")


async def _open(gate: str) -> None:
    while gate and not Path(gate).exists():  # noqa: ASYNC110, ASYNC240
        await asyncio.sleep(0.01)
