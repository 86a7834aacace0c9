"""A round of blows: two new tenants under load, so many blows, peace, and the judgement of all that was accepted."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping

from chaos import judge
from chaos.assault import Assault, Eyes, Struck
from chaos.installation import Installation
from chaos.load import CROWD, Load, take_in_quietly
from chaos.plan import Plan
from chaos.shop import Shop
from sqlalchemy.exc import OperationalError
from stack_stores import JournalLook
from tenant_client import TenantClient

from cluster.embedded.policy import RestartPolicy

_IN_FLIGHT = (
    "SELECT count(*) AS n FROM inbox WHERE state = 'pending' AND kind = 'session'"
    " AND accepted_at <= :before AND due_at <= :now"  # not one that waits to be tried again
)


class Round:
    """One round; ``told`` says what went through it."""

    def __init__(
        self, made: Installation, seed: int, files: Mapping[str, bytes], tell: Callable[[Struck], None]
    ) -> None:
        self._made = made
        self._seed = seed
        self._files = files
        self._tell = tell
        self._loads: list[Load] = []

    async def run(self, number: int) -> list[Struck]:
        """The blows; raises AssertionError with what was lost, doubled or left."""
        names = [f"{which} of {self._seed}" for which in ("first", "second")]
        shops = [await asyncio.to_thread(Shop.opened, self._made.stack, name) for name in names]
        self._loads = [Load(shop, self._files, self._seed) for shop in shops]
        try:
            struck = await self._under_fire(number)
            await self._judge()
        finally:
            for shop in shops:
                await shop.client.close()
        return struck

    def told(self) -> str:
        asked = sum(len(load.shop.asked) for load in self._loads)
        jobs = sum(len(load.shop.jobs) for load in self._loads)
        return f"{asked} questions and {jobs} documents accepted, each handled once"

    async def _under_fire(self, number: int) -> list[Struck]:
        looking = self._made.stores()
        eyes = Eyes(
            in_flight=lambda before: _in_flight(looking, before),
            troubles=lambda: sum((load.shop.client.troubles for load in self._loads), Counter[str]()),
            answers=self._answers,
        )
        plan = Plan(self._seed, self._made.victims, RestartPolicy(), several_cells=self._made.several_cells)
        assault = Assault(
            self._made.stack, plan, eyes, shift=self._made.shift, outside=self._made.outside, tell=self._tell
        )
        async with asyncio.TaskGroup() as together:
            for load in self._loads:
                together.create_task(load.run())
            struck = await assault.strike(number)
            for load in self._loads:
                load.stop()
        await looking.close()
        return struck

    def _answers(self, after: float) -> float | None:
        ends = [end for load in self._loads for began, end in load.answered.items() if began >= after]
        return min(ends) - after if ends else None

    async def _judge(self) -> None:
        stack = self._made.stack
        stores = self._made.stores()
        try:
            await judge.settled(stores)
            for load in self._loads:
                shop = load.shop
                wrong = {key: job["error"] for key, job in shop.jobs.items() if job["state"] != "done"}
                assert not wrong, wrong
                judge.questions_are_answered_once(stores, shop.tenant, shop.asked)
                client = TenantClient(stack.url, shop.access.key)
                await judge.conversations_are_in_order(client, shop.asked, crowds=(CROWD,))
                await client.close()
                await self._compare(load)
            await judge.settled(stores)
            judge.nothing_is_left(stores)
        finally:
            await stores.close()

    async def _compare(self, load: Load) -> None:
        """What the shop holds is what another one holds that took in the same files in peace."""
        stores = self._made.stores()
        quiet = await asyncio.to_thread(self._made.stack.create_tenant, f"{load.shop.tenant} in peace")
        await take_in_quietly(self._made.stack, quiet, load.files)
        await judge.settled(stores)
        expected = judge.documents(stores, quiet.tenant)
        assert expected.keys() == load.files.keys()
        await judge.documents_are_as(stores, load.shop.tenant, expected)
        await judge.graph_is_as(stores, load.shop.tenant, await judge.graph(stores, quiet.tenant))
        await stores.close()


def _in_flight(looking: JournalLook, before: float) -> int:
    try:
        [row] = looking.rows(_IN_FLIGHT, before=before, now=time.time())
    except OperationalError:  # the database restarts: no turn ends now
        return 0
    return int(row["n"])
