"""Cells as processes: started, killed between any two awaits, paused, drained, and started again.

An ``Incarnation`` is one life of a cell, with the real ``Cell`` in it and a journal of its own on the shared store. It
answers calls as ``cell_host`` does: errors go back as values, and a call waits while the cell is starting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

from simulation.outside import Outside
from simulation.players import Peek, Play, Player
from simulation.referee import Bench
from simulation.script import Script
from simulation.store import Database, SimulatedJournal
from simulation.virtual_loop import Process, VirtualLoop

from runtime.actor import ActorContext, Kind
from runtime.cell import Cell
from runtime.codec import Codec
from runtime.errors import RagleapError, Unavailable
from runtime.tenant import TenantSupervisor

WALL = 1_800_000_000.0


class SkewedClock:
    """A cell's clocks: its wall clock goes wrong by a constant."""

    def __init__(self, loop: VirtualLoop, skew: float) -> None:
        self._loop = loop
        self.skew = skew

    def now(self) -> float:
        return WALL + self._loop.time() + self.skew

    def monotonic(self) -> float:
        return self._loop.time()


class Incarnation:
    """One life of a cell."""

    def __init__(
        self,
        name: str,
        number: int,
        *,
        script: Script,
        loop: VirtualLoop,
        database: Database,
        bench: Bench,
        outside: Outside,
        seed: int,
        gave_up: Callable[[Incarnation, str], None],
    ) -> None:
        """``gave_up`` is told when the cell ends its process by itself, and why."""
        self.name = name
        self.process = Process(f"{name}#{number}")
        self.ended = False  # drained or dead
        self.supervisors: list[TenantSupervisor] = []  # that the cell has had, as far as they were seen
        self.serves: asyncio.Future[None] = loop.create_future()
        self._loop = loop
        self._bench = bench
        self.journal = SimulatedJournal(database, loop, self.process, bench.watch)
        self.clock = SkewedClock(loop, script.skews[name])

        def make(context: ActorContext) -> Player:
            return Player(context, bench.referee(self.process))

        kind = Kind(actor=Player, make=make, retry=script.retry, turn_limit_s=script.turn_limit_s, idle_s=script.idle_s)
        self.cell = Cell(
            name,
            kinds={"player": kind},
            journal=self.journal,
            codec=CODEC,
            clock=self.clock,
            random=Random(seed),
            limits=script.limits,
            outlets=outside.outlets(self.process),
            give_up=lambda reason: gave_up(self, reason),
        )

    def start(self) -> None:
        self._loop.spawn(self.process, self._start())

    def look(self) -> None:
        """Remember the supervisors that there are now."""
        self.supervisors += (each for each in self.cell._tenancies.held.values() if each not in self.supervisors)

    def answer(self, call: Callable[[Cell], Awaitable[Any]], reply: Callable[[Any], None]) -> None:
        """Handle a call that has come in over the network."""
        if not self.process.dead:
            self._loop.spawn(self.process, self._answer(call, reply))

    def kill(self) -> None:
        self.ended = True
        self._loop.kill(self.process)

    async def drain(self) -> None:
        """As ``ragleap down`` does."""
        await self.serves
        self.ended = True
        await self.cell.drain()

    async def _start(self) -> None:
        while True:
            try:
                await self.cell.start()
            except RagleapError:
                await asyncio.sleep(1.0)
            else:
                self.serves.set_result(None)
                return

    async def _answer(self, call: Callable[[Cell], Awaitable[Any]], reply: Callable[[Any], None]) -> None:
        try:
            await self.serves
            reply(await call(self.cell))
        except RagleapError as error:
            reply(error)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            self._bench.breach(f"a call to {self.process.name} failed with {error!r}")
            reply(Unavailable("The cell failed."))


CODEC = Codec([Play, Peek])
