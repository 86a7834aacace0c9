"""One seed, from the first message to the verdict.

A time of trouble (``script.active_s``), then everything is mended and the system is given time to settle; what is not
done or dead by then never will be. At the end the cells are drained, and nothing may be left of them.
"""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from random import Random
from typing import Any

import structlog
from simulation import judge, outside
from simulation.cells import WALL, Incarnation
from simulation.network import Wire
from simulation.referee import Bench
from simulation.script import Incident, Network, draw
from simulation.senders import Correspondent, Post
from simulation.store import Database, Faults
from simulation.virtual_loop import Deadlock, VirtualLoop

from runtime import streams, telemetry
from runtime.errors import RagleapError

SETTLE_S = 240.0
DRAIN_S = 120.0
FORGET_S = 45.0  # after the last message; the slowest are the questions about calls
DAMPED = {"Incarnation._answer", "Incarnation._start", "Incarnation.drain"}  # the simulation's own tasks in a process

# Why a cell may end its process, by a word of its reason; whatever else it says is a mistake in the runtime.
GIVEN_UP = {"quarantined": "quarantined", "journal": "silent journal", "under its name": "superseded"}


@dataclass
class Outcome:
    """What one seed came to."""

    seed: int
    breaches: list[str] = field(default_factory=list)
    tally: Counter[str] = field(default_factory=Counter)
    trace: list[tuple[float, str]] = field(default_factory=list)
    steps: int = 0


def run(seed: int, *, logs: bool = False) -> Outcome:
    """Play the seed. ``logs``: the runtime's own log events are part of the trace."""
    collecting = gc.isenabled()
    gc.disable()  # a collection at another moment would be another run
    world = World(seed)
    kept, whole = streams.KEPT, streams.WHOLE
    try:
        streams.KEPT, streams.WHOLE = 12, 4  # so that so few messages reach the bounds
        with _logging(world.bench if logs else None):
            return world.play()
    finally:
        streams.KEPT, streams.WHOLE = kept, whole
        gc.collect(0)  # everything that the run has made, and nothing else, is young
        if collecting:
            gc.enable()


@cache
def database() -> Database:
    """One per process: its statements are compiled once."""
    return Database()


class World:
    """Everything of one run."""

    def __init__(self, seed: int) -> None:
        root = Random(seed)
        self.seed = seed
        self.script = draw(Random(root.getrandbits(64)))
        self.database = database()
        self.database.reset(Random(root.getrandbits(64)), self.script.disk)
        self.loop = VirtualLoop(Random(root.getrandbits(64)), self.database.step_s)
        self.loop.set_exception_handler(self._unhandled)
        self.bench = Bench(
            self.loop,
            Random(root.getrandbits(64)),
            waking_fails=self.script.waking_fails,
            waking_slow=self.script.waking_slow,
        )
        self.wire = Wire(self.loop, Random(root.getrandbits(64)), self.bench, self.script.network)
        self.outside = outside.Outside(
            self.script, self.loop, Random(root.getrandbits(64)), lambda: self.wire.network, self.bench, self.database
        )
        self.post = Post(self.script, self.wire, self.bench, self.database, Random(root.getrandbits(64)))
        self.random = Random(root.getrandbits(64))
        self.lives: list[Incarnation] = []

    def play(self) -> Outcome:
        try:
            self.loop.run_until_complete(self._story())
            self.bench.breaches += judge.verdict(self.post) + outside.verdict(self.outside)
        except Deadlock:
            self.bench.breach("nothing would ever happen again")
        finally:
            for life in self.lives:
                life.journal.refuse()
            self.loop.set_exception_handler(lambda loop, context: None)
            self.loop.bury([self.loop.world, *(life.process for life in self.lives)])
            self.loop.close()
        tally = self.bench.tally + Counter({f"disk: {name}": n for name, n in self.database.tally.items()})
        tally["fenced writes"] += self.bench.watch.fenced
        return Outcome(self.seed, self.bench.breaches, tally, self.bench.trace, self.loop.steps)

    async def _story(self) -> None:
        for tenant in self.script.tenants:
            self.database.connection.execute(
                "INSERT INTO tenants (tenant_id, name, embed_key, state, created_at) VALUES (?, ?, ?, 'active', ?)",
                (tenant, tenant, tenant, WALL),
            )
        for cell in self.script.cells:
            self._start(cell)
        senders = [self._task(Correspondent(sender, self.post).run()) for sender in self.script.senders]
        incidents = [self._task(self._incident(incident)) for incident in self.script.incidents]
        others = [self._task(self._disk()), self._task(self._guard_bounds())]
        await asyncio.sleep(self.script.active_s)
        await self._mend(incidents)
        await self._settle(senders)
        await self._forget()
        others[1].cancel()
        await asyncio.gather(*(self._drain(life) for life in list(self.wire.newest.values())))
        for task in (*senders, *incidents, *others):
            if not task.done():
                task.cancel()
            elif not task.cancelled() and task.exception() is not None:
                raise task.exception()  # type: ignore[misc]  # a fault of the simulation itself

    # --------------------------------------------------------------------- trouble

    async def _disk(self) -> None:
        for start, end, faults in self.script.bad_disk:
            await asyncio.sleep(max(0.0, start - self.loop.time()))
            self.bench.note(f"the disk goes bad: {faults}")
            self.database.faults = faults
            await asyncio.sleep(max(0.0, min(end, self.script.active_s) - self.loop.time()))
            self.database.faults = self.script.disk
            self.bench.note("the disk is good again")

    async def _incident(self, incident: Incident) -> None:
        await asyncio.sleep(incident.at)
        life = self.wire.newest.get(incident.cell)
        if life is None or life.ended or life.process.paused:
            return
        if incident.steps:
            reached = self.loop.create_future()
            life.process.fuse = incident.steps
            # Struck at once, between two callbacks; what follows is told here.
            life.process.on_fuse = lambda: (self._strike(life, incident), reached.set_result(None))
            await reached
        else:
            self._strike(life, incident)
        await self._after(life, incident)

    def _strike(self, life: Incarnation, incident: Incident) -> None:
        if life.ended:
            return
        self.bench.count(incident.what, life.process.name)
        if incident.what == "kill":
            life.kill()
        elif incident.what in ("pause", "usurp"):
            life.process.paused = True

    async def _after(self, life: Incarnation, incident: Incident) -> None:
        match incident.what:
            case "kill":
                await asyncio.sleep(min(incident.for_s, 5.0))
                self._start(life.name)
            case "pause":
                await asyncio.sleep(incident.for_s)
                self._resume(life)
            case "usurp":
                await asyncio.sleep(min(incident.for_s, 0.5))
                self._start(life.name)
                await asyncio.sleep(incident.for_s)
                self._resume(life)
                await asyncio.sleep(5.0)
                life.kill()
            case "drain":
                await self._drain(life)
                self._start(life.name)
            case "move":
                self.database.connection.execute(
                    "INSERT OR REPLACE INTO placements (tenant_id, cell) VALUES (?, ?)",
                    (self.random.choice(self.script.tenants), life.name),
                )
            case "clock":
                life.clock.skew += self.random.uniform(-5.0, 5.0)

    def _gave_up(self, life: Incarnation, reason: str) -> None:
        """The process ends by itself, at once; Ray makes another."""
        why = next((why for word, why in GIVEN_UP.items() if word in reason), "")
        if not why:
            self.bench.breach(f"{life.process.name} gave up: {reason}")
        self.bench.count(f"gave up: {why}", life.process.name)
        life.kill()
        self.loop.spawn(self.loop.world, self._replace(life))

    async def _replace(self, life: Incarnation) -> None:
        await asyncio.sleep(1.0)
        if self.wire.newest[life.name] is life:
            self._start(life.name)

    def _resume(self, life: Incarnation) -> None:
        if life.process.paused:
            self.bench.note(f"{life.process.name} goes on")
            self.loop.resume(life.process)

    async def _mend(self, incidents: list[asyncio.Task[None]]) -> None:
        """The trouble is over: everything works, every cell runs once."""
        self.bench.note("everything is mended")
        self.post.troubled = self.outside.troubled = False
        self.wire.network = Network(delay_s=0.001)
        self.database.faults = Faults()
        for task in incidents:
            task.cancel()
        await asyncio.wait(incidents) if incidents else None
        for life in self.lives:
            life.process.fuse = None
            if self.wire.newest.get(life.name) is not life:
                life.kill()
            self._resume(life)
        for cell in self.script.cells:
            if self.wire.newest[cell].ended:
                self.wire.newest[cell].kill()
                self._start(cell)

    # --------------------------------------------------------------------- rest

    async def _settle(self, senders: list[asyncio.Task[None]]) -> None:
        until = self.loop.time() + SETTLE_S
        while self.loop.time() < until:
            if all(task.done() for task in senders) and not judge.unfinished(self.database):
                return
            await asyncio.sleep(1.0)
            for life in list(self.wire.newest.values()):
                # One quarantine is too many for a cell without room for any: that one ends its process by itself.
                if self.script.limits.cell_quarantines and life.cell.status()["quarantined"]:
                    self.bench.count("quarantined", life.name)
                    await self._drain(life)  # what the error tells the operator to do
                    self._start(life.name)
        waiting = [sender.name for sender, task in zip(self.script.senders, senders, strict=True) if not task.done()]
        self.bench.breach(
            f"it does not come to rest: {judge.unfinished(self.database)} unfinished, senders {waiting} wait"
        )

    async def _forget(self) -> None:
        """Nothing is left to do, so nothing is kept of it, as soon as everything has had its time."""
        if self.bench.breaches:
            return
        found: list[str] = []
        for _ in range(int(FORGET_S)):
            lives = list(self.wire.newest.values())
            found = [
                f"{life.process.name}: {what}"
                for life in lives
                for what in judge.left_over(life.cell, life.supervisors, self.script)
            ]
            if not found:
                return
            await asyncio.sleep(1.0)
        for what in found:
            self.bench.breach(what)

    async def _drain(self, life: Incarnation) -> None:
        if life.ended:
            return
        life.ended = True
        if crashes := life.cell.status()["upkeep_crashes"]:
            self.bench.breach(f"the upkeep of {life.process.name} crashed {crashes} times")
        draining = self.loop.spawn(life.process, life.drain())
        _, waiting = await asyncio.wait([draining], timeout=DRAIN_S)
        if waiting:
            if not life.process.dead and not life.process.paused:
                self.bench.breach(f"{life.process.name} does not end when drained")
        elif not draining.cancelled() and isinstance(draining.exception(), RagleapError):
            self.bench.count("drain failed", str(draining.exception()))
        elif not draining.cancelled() and draining.exception() is not None:
            self.bench.breach(f"{life.process.name} fails to drain: {draining.exception()!r}")
        else:
            left = [name for task in life.process.tasks if (name := task.get_coro().__qualname__) not in DAMPED]
            if left and not life.process.dead:
                self.bench.breach(f"{life.process.name} leaves {sorted(left)} behind when drained")
        life.kill()

    async def _guard_bounds(self) -> None:
        while True:
            await asyncio.sleep(0.25)
            for life in self.wire.newest.values():
                life.look()
                if not life.ended and (found := judge.bounds(life.cell, self.script)):
                    for breach in found:
                        self.bench.breach(breach)
                    return

    def _start(self, cell: str) -> None:
        life = Incarnation(
            cell,
            len(self.lives),
            script=self.script,
            loop=self.loop,
            database=self.database,
            bench=self.bench,
            outside=self.outside,
            seed=self.random.getrandbits(64),
            gave_up=self._gave_up,
        )
        self.lives.append(life)
        self.wire.newest[cell] = life
        self.bench.count("started", life.process.name)
        life.start()

    def _task(self, coroutine: Any) -> asyncio.Task[Any]:
        return self.loop.create_task(coroutine)

    def _unhandled(self, loop: object, context: dict[str, Any]) -> None:
        if "exception" in context:
            self.bench.breach(f"nobody caught {context['exception']!r} ({context['message']})")


@contextmanager
def _logging(bench: Bench | None) -> Iterator[None]:
    """The runtime's log goes into the trace, or nowhere."""
    before = structlog.get_config()

    def capture(logger: object, method: str, event: dict[str, Any]) -> dict[str, Any]:
        if bench is not None:
            fields = " ".join(
                f"{key}={value}" for key, value in sorted(event.items()) if key not in ("event", "exc_info")
            )
            bench.note(f"log {event['event']} {fields}")
        raise structlog.DropEvent

    level = structlog.make_filtering_bound_logger(0 if bench is not None else 50)
    structlog.configure(
        processors=[telemetry.add_subject, capture],
        wrapper_class=level,
        cache_logger_on_first_use=False,
    )
    try:
        yield
    finally:
        structlog.configure(**before)
