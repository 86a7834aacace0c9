"""Shared reads: fewer of them, and never one that is older than the question."""

from __future__ import annotations

import asyncio

import pytest

from runtime.joined import Joined


class Store:
    """Reads take until they are let; each tells the value of the moment it began."""

    def __init__(self) -> None:
        self.value = 0
        self.reads = 0
        self.open = asyncio.Event()
        self.fails = False

    async def read(self, key: str) -> int:
        self.reads += 1
        value = self.value
        await self.open.wait()
        if self.fails:
            raise ValueError(key)
        return value


async def _asked(joined: Joined[int], times: int) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(joined.get("k")) for _ in range(times)]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_nobody_is_answered_by_a_read_that_began_before_it_asked() -> None:
    store = Store()
    joined = Joined(store.read)
    (before,) = await _asked(joined, 1)
    store.value = 1
    after = await _asked(joined, 3)
    store.open.set()

    assert await before == 0
    assert await asyncio.gather(*after) == [1, 1, 1]


async def test_those_who_wait_share_one_read() -> None:
    store = Store()
    joined = Joined(store.read)
    tasks = await _asked(joined, 20)
    store.open.set()

    await asyncio.gather(*tasks)

    assert store.reads == 2


async def test_a_failure_is_told_to_all_and_not_kept() -> None:
    store = Store()
    store.fails = True
    store.open.set()
    joined = Joined(store.read)

    outcomes = await asyncio.gather(*await _asked(joined, 3), return_exceptions=True)
    assert all(isinstance(outcome, ValueError) for outcome in outcomes)

    store.fails = False
    assert await joined.get("k") == 0


async def test_one_that_leaves_takes_nobody_along() -> None:
    store = Store()
    joined = Joined(store.read)
    first, second, third = await _asked(joined, 3)
    first.cancel()
    second.cancel()
    store.open.set()

    assert await third == 0
    with pytest.raises(asyncio.CancelledError):
        await second
