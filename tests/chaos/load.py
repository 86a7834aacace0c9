"""The load of a long run: questions and documents without a pause until told to stop; what was accepted is kept."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping

from chaos.shop import QUESTIONS, Shop, rules
from running_stack import RunningStack, TenantAccess
from tenant_client import TenantClient

CROWD = "crowd"  # the session in which several ask at once
_CROWD, _TALKS = 2, 2
_LONGEST_THOUGHT_S = 0.6
_REVISED = "rules.md"
_PLANNED = "Which customers complained about delivery last month and what products did they order?"


class Load:
    """What the customers and the owner of one shop do. Call ``stop``, then await ``run``'s end."""

    def __init__(self, shop: Shop, files: Mapping[str, bytes], seed: int) -> None:
        self.shop = shop
        self.files = dict(files)  # as they are now: one of them is revised again and again
        self.answered: dict[float, float] = {}  # when a question was asked → when it was answered
        self._random = random.Random(f"load {seed} {shop.tenant}")
        self._stopping = False

    def stop(self) -> None:
        self._stopping = True

    async def run(self) -> None:
        async with asyncio.TaskGroup() as together:
            together.create_task(self._deliver())
            for number in range(_TALKS):
                together.create_task(self._talk(f"talk-{number}", 1))
            together.create_task(self._talk(CROWD, _CROWD))

    async def _talk(self, session_id: str, at_once: int) -> None:
        number = 0
        while not self._stopping:
            asking = []
            for _ in range(at_once):
                asking.append(self._ask(session_id, number))
                number += 1
            await asyncio.gather(*asking)
            await asyncio.sleep(self._random.uniform(0, _LONGEST_THOUGHT_S))

    async def _ask(self, session_id: str, number: int) -> None:
        """One question, some as a stream, some told twice at once under one key, some planned over all documents."""
        ask = self.shop.client.ask_streaming if number % 3 == 2 else self.shop.client.ask
        question = _PLANNED if number % 11 == 10 else QUESTIONS[number % len(QUESTIONS)]
        text, key = f"{question} (Question {number} of {session_id})", f"{session_id} {number}"
        began = time.monotonic()
        told = [ask(text, session_id=session_id, key=key) for _ in range(2 if number % 7 == 6 else 1)]
        first, *again = await asyncio.gather(*told)
        assert all(other == first for other in again), (first, again)
        self.answered[began] = time.monotonic()
        self.shop.asked.append(first)

    async def _deliver(self) -> None:
        """Every file once, then again in any order; the revised one is another text each time."""
        revision, names = 0, list(self.files)
        while not self._stopping:
            name = names.pop(0) if names else self._random.choice(list(self.files))
            revision += 1
            if name == _REVISED:
                self.files[name] = rules(20 + revision % 40)
            key = f"{self.shop.tenant} {revision} {name}"
            self.shop.jobs[key] = await self.shop.client.ingest(name, name, self.files[name], key)
        for name in names:  # what had no time yet
            self.shop.jobs[name] = await self.shop.client.ingest(name, name, self.files[name], name)


async def take_in_quietly(stack: RunningStack, quiet: TenantAccess, files: Mapping[str, bytes]) -> None:
    """The same files in peace."""
    client = TenantClient(stack.url, quiet.key)
    accepted = [await client.upload(name, data, name) for name, data in files.items()]
    for one in accepted:
        assert (await client.ended(one["job_id"]))["state"] == "done"
    await client.close()
