"""Questions within a cell, in this process alone: asks a second, round trips, activation, memory of an idle session.

``python -m bench.rig.asks FOLDER`` prints JSON. The loop is uvloop, as in a cell's process; every question has a
deadline and is asked by an actor within its turn, as retrieval is by a session.
"""

from __future__ import annotations

import asyncio
import gc
import json
import random
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import uvloop

from actors.records import JournalRecords
from bench.rig.trips import figures
from runtime import telemetry
from runtime.actor import Actor, ActorContext, Kind, Turn, handles
from runtime.address import ActorId
from runtime.cell import Cell
from runtime.clock import SystemClock
from runtime.codec import Codec
from runtime.journal import Journal
from runtime.limits import Limits
from runtime.message import Envelope
from runtime.principal import Principal, Role
from runtime.store.database import open_engine, prepare
from runtime.store.tables import history, tenants

ASKERS, ASKS, ROUNDS = 64, 500, 5
SESSIONS, LOADED = 20_000, 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """Ask ``key`` so many times and answer with the round trips in seconds."""

    times: int
    key: str


class Echo(Actor):
    @handles(Ping)
    async def ping(self, turn: Turn, message: Ping) -> int:
        return message.number


class Asker(Actor):
    @handles(Go)
    async def go(self, turn: Turn, message: Go) -> list[float]:
        took = []
        for number in range(message.times):
            began = time.perf_counter()
            assert await turn.ask("echo", Ping(number=number), key=message.key) == number
            took.append(time.perf_counter() - began)
        return took


class Loading(Echo):
    """Wakes by reading the last lines of its conversation."""

    def __init__(self, context: ActorContext, *, journal: Journal) -> None:
        super().__init__(context)
        self._records = JournalRecords(context.tenant, journal)

    async def activate(self) -> None:
        self.lines = await self._records.history(self.context.id.key, limit=10)
        assert len(self.lines) == 10


class Bench:
    """One cell and its asker from outside."""

    def __init__(self, url: str) -> None:
        self.clock = SystemClock()
        self.journal = Journal(url)
        kinds = {
            "echo": Kind(actor=Echo),
            "asker": Kind(actor=Asker),
            "loading": Kind(actor=Loading, make=partial(Loading, journal=self.journal)),
        }
        self.cell = Cell(
            "cell-0", kinds=kinds, journal=self.journal, codec=Codec([Ping, Go]), clock=self.clock,
            random=random.SystemRandom(), limits=Limits(),
        )  # fmt: skip
        self._principal = Principal(tenant="acme", role=Role.OWNER, identity="k", verified_by="api-key")

    async def ask(self, kind: str, key: str, body: object) -> Any:
        return await self.cell.ask(Envelope.first(ActorId("acme", kind, key), body, self._principal))

    async def asks(self, askers: int, times: int) -> dict[str, float]:
        """``askers`` actors ask one other each, all at once."""
        cpu, began = time.process_time(), time.perf_counter()
        took = await asyncio.gather(*(self.ask("asker", f"a{n}", Go(times=times, key=f"e{n}")) for n in range(askers)))
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
        return figures(took, cpu_s=cpu, wall_s=wall)

    async def activations(self) -> list[float]:
        """Milliseconds from the first question to a sleeping actor until its reply; its state is read on the way."""
        took = []
        for number in range(LOADED):
            began = time.perf_counter()
            await self.ask("loading", f"c{number}", Ping(number=number))
            took.append(1000 * (time.perf_counter() - began))
        return sorted(took)

    async def idle_kb(self) -> float:
        """What an actor that has answered once and sleeps nowhere keeps in memory."""
        process = psutil.Process()
        gc.collect()
        before = process.memory_full_info().uss
        for number in range(SESSIONS):
            await self.ask("echo", f"s{number}", Ping(number=number))
        gc.collect()
        return (process.memory_full_info().uss - before) / SESSIONS / 1024


async def main(folder: Path) -> None:
    telemetry.configure("ERROR")
    url = f"sqlite:///{folder / 'asks.db'}"
    prepare(url)
    engine = open_engine(url, pool_size=1)
    with engine.begin() as connection:
        values = {"tenant_id": "acme", "name": "a", "embed_key": "e", "state": "active", "created_at": 0}
        connection.execute(tenants.insert(), values)
        line = {"tenant_id": "acme", "author": "customer", "text": "a line of talk", "turn_id": "t"}
        lines = [
            {**line, "message_id": f"m{n}", "conversation_id": f"c{n % LOADED}", "created_at": n}
            for n in range(10 * LOADED)
        ]
        connection.execute(history.insert(), lines)
    engine.dispose()
    bench = Bench(url)
    await bench.cell.start()
    await bench.asks(ASKERS, 50)
    many = [await bench.asks(ASKERS, ASKS) for _ in range(ROUNDS)]
    many.sort(key=lambda each: each["per_core"])
    one = await bench.asks(1, 20_000)
    found = {
        "many": many[ROUNDS // 2],
        "one": one,
        "activations_ms": await bench.activations(),
        "idle_kb": await bench.idle_kb(),
    }
    await bench.cell.drain()
    await asyncio.to_thread(bench.journal.close)
    print(json.dumps(found), flush=True)


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(main(Path(sys.argv[1])))
