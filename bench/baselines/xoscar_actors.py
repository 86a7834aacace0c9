"""The same questions with xoscar: 64 askers and one actor each, in one process, and one asker across processes.

``python -m bench.baselines.xoscar_actors`` prints JSON.
"""

from __future__ import annotations

import asyncio
import json
import time

import uvloop
import xoscar

from bench.rig.trips import figures

ASKERS, ASKS = 64, 300


class Echo(xoscar.Actor):
    async def ping(self, number: int) -> int:
        return number


async def main() -> None:
    pool = await xoscar.create_actor_pool("127.0.0.1:0", n_process=1)
    main_address, sub_address = pool.external_address, pool.sub_processes and next(iter(pool.sub_processes))
    near = [await xoscar.create_actor(Echo, address=main_address, uid=f"e{n}") for n in range(ASKERS)]
    far = [await xoscar.create_actor(Echo, address=sub_address, uid=f"f{n}") for n in range(ASKERS)]

    async def ask(actor, times: int) -> list[float]:  # type: ignore[no-untyped-def]
        took = []
        for number in range(times):
            began = time.perf_counter()
            assert await actor.ping(number) == number
            took.append(time.perf_counter() - began)
        return took

    async def many(actors, times: int) -> dict[str, float]:  # type: ignore[no-untyped-def]
        cpu, began = time.process_time(), time.perf_counter()
        took = await asyncio.gather(*(ask(actor, times) for actor in actors))
        wall, cpu = time.perf_counter() - began, time.process_time() - cpu
        return figures(took, cpu_s=cpu, wall_s=wall)

    await many(near, 20)
    await many(far, 20)
    found = {"near": await many(near, ASKS), "far": await many(far, ASKS), "one_far": await many(far[:1], 2_000)}
    print(json.dumps(found), flush=True)
    await pool.stop()


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(main())
