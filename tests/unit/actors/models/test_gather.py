"""Calls that arrive together share a run."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from actors.models.gather import Gather
from runtime.errors import Overloaded


class Machine:
    """Doubles numbers, one batch at a time, when it is let."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go = asyncio.Event()
        self.busy = asyncio.Event()

    async def work(self, items: Sequence[int]) -> Sequence[int]:
        self.batches.append(list(items))
        self.busy.set()
        await self.go.wait()
        if 13 in items:
            raise ValueError("13")
        return [item * 2 for item in items]


async def test_what_arrives_during_a_run_shares_the_next_one() -> None:
    machine = Machine()
    gather: Gather[int, int] = Gather(machine.work)
    async with asyncio.TaskGroup() as group:
        calls = [group.create_task(gather.each([n])) for n in range(5)]
        await machine.busy.wait()
        late = [group.create_task(gather.each([n, n])) for n in (7, 8)]
        await asyncio.sleep(0)
        machine.go.set()
    assert [task.result() for task in calls] == [[n * 2] for n in range(5)]
    assert [task.result() for task in late] == [[14, 14], [16, 16]]
    assert len(machine.batches) == 2


async def test_a_failed_run_fails_those_in_it_and_no_others() -> None:
    machine = Machine()
    machine.go.set()
    gather: Gather[int, int] = Gather(machine.work, most=1)
    results = await asyncio.gather(gather.each([13]), gather.each([1]), return_exceptions=True)
    assert isinstance(results[0], ValueError)
    assert results[1] == [2]
    assert await gather.each([2]) == [4]


async def test_a_caller_that_left_is_not_computed_for() -> None:
    machine = Machine()
    gather: Gather[int, int] = Gather(machine.work, most=1)
    first = asyncio.create_task(gather.each([1]))
    second = asyncio.create_task(gather.each([2]))
    await machine.busy.wait()
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    machine.go.set()
    assert await first == [2]
    assert await gather.each([3]) == [6]
    assert machine.batches == [[1], [3]]


async def test_too_many_waiting_are_refused() -> None:
    gather: Gather[int, int] = Gather(Machine().work)
    with pytest.raises(Overloaded):
        await gather.each(list(range(600)))
