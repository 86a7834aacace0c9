"""What is measured over Ray itself, within the light stack's own program: raw actors, and how a killed process comes
back."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from typing import Any

import ray
from ray.exceptions import RayActorError

from actors.messages import Say
from runtime.address import ActorId
from runtime.ids import new_id
from runtime.message import Envelope, Trace
from runtime.principal import Principal, Role

ASKERS, ASKS, ONE, KILLS = 64, 100, 1_000, 5


class RawActor:
    """An asynchronous Ray actor with what a cell's process imports."""

    def __init__(self) -> None:
        import cluster.cell_root  # noqa: F401

    async def ping(self, number: int) -> int:
        return number

    async def pid(self) -> int:
        return os.getpid()


def raw_actor() -> Any:
    made = ray.remote(RawActor).options(num_cpus=0, max_restarts=-1, max_concurrency=1_000)
    return made.remote()


async def raw_asks(actor: Any) -> dict[str, float]:
    """64 askers of one actor, and one by itself."""

    async def ask(times: int) -> list[float]:
        took = []
        for number in range(times):
            began = time.perf_counter()
            assert await actor.ping.remote(number) == number
            took.append(time.perf_counter() - began)
        return took

    await ask(50)
    began = time.perf_counter()
    await asyncio.gather(*(ask(ASKS) for _ in range(ASKERS)))
    rate = ASKERS * ASKS / (time.perf_counter() - began)
    trips = sorted(await ask(ONE))
    return {"per_second": rate, "p50_us": 1e6 * trips[ONE // 2], "p99_us": 1e6 * trips[int(ONE * 0.99)]}


async def comes_back(pid: Callable[[], Awaitable[int]], ask: Callable[[], Awaitable[object]]) -> float:
    """Seconds from kill -9 to the next reply."""
    victim = await pid()
    os.kill(victim, signal.SIGKILL)
    began = time.perf_counter()
    while True:
        try:
            await ask()
            return time.perf_counter() - began
        except RayActorError:
            await asyncio.sleep(0.01)


async def kills(cell: Any, raw: Any, tenant: str) -> dict[str, list[float]]:
    """In turn, so that both see the same machine. The cell's reply is a session's, its turn committed."""
    principal = Principal(tenant=tenant, role=Role.OWNER, identity="bench", verified_by="api-key")

    async def cell_pid() -> int:
        return int((await cell.administer.remote("status", {}))["pid"])

    async def say() -> None:
        reply = await cell.ask.remote(
            Envelope(
                message_id=new_id("msg"),
                to=ActorId(tenant, "session", "kills"),
                principal=principal,
                body=Say(text=new_id("kill"), conversation_id="kills", channel="sink"),
                trace=Trace.new(),
                deadline=time.time() + 60,
            )
        )
        assert reply is None, reply

    async def raw_pid() -> int:
        return int(await raw.pid.remote())

    found: dict[str, list[float]] = {"cell": [], "raw": []}
    await say()
    for _ in range(KILLS):
        found["cell"].append(await comes_back(cell_pid, say))
        found["raw"].append(await comes_back(raw_pid, lambda: raw.ping.remote(1)))
    return found
