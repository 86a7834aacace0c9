"""Deadlines are kept: never early, hardly late, and without disturbing what ends in time."""

from __future__ import annotations

import asyncio

import pytest

from runtime.deadlines import GRAIN_S, Deadlines

SOON_S = 10.0


class Watch:
    """Remembers when it was told."""

    def __init__(self) -> None:
        self.told: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    def expire(self) -> None:
        self.told.set_result(asyncio.get_running_loop().time())


@pytest.mark.parametrize("seconds", [0.0, GRAIN_S / 3, GRAIN_S, 2.5 * GRAIN_S])
async def test_a_deadline_is_told_and_never_early(seconds: float) -> None:
    deadlines, watch = Deadlines(), Watch()
    due = asyncio.get_running_loop().time() + seconds

    deadlines.add(watch, seconds)

    async with asyncio.timeout(SOON_S):
        assert await watch.told >= due


async def test_an_earlier_deadline_that_is_set_later_comes_first() -> None:
    deadlines, late, early = Deadlines(), Watch(), Watch()
    deadlines.add(late, 10 * GRAIN_S)
    deadlines.add(early, GRAIN_S)

    async with asyncio.timeout(SOON_S):
        assert await early.told < await late.told


async def test_a_deadline_that_is_taken_back_is_not_told() -> None:
    deadlines, gone, beside, after = Deadlines(), Watch(), Watch(), Watch()
    slot = deadlines.add(gone, GRAIN_S)
    deadlines.add(beside, GRAIN_S)
    deadlines.remove(gone, slot)
    deadlines.add(after, 3 * GRAIN_S)

    async with asyncio.timeout(SOON_S):
        await beside.told
        await after.told
    assert not gone.told.done()


async def test_taking_a_deadline_back_twice_is_harmless() -> None:
    deadlines, watch = Deadlines(), Watch()
    slot = deadlines.add(watch, GRAIN_S)
    deadlines.remove(watch, slot)
    deadlines.remove(watch, slot)


async def test_a_block_past_its_limit_ends_in_a_timeout() -> None:
    deadlines = Deadlines()

    with pytest.raises(TimeoutError), deadlines.limit(GRAIN_S):
        await asyncio.Event().wait()

    assert asyncio.current_task().cancelling() == 0  # type: ignore[union-attr]


async def test_a_block_that_ends_in_time_is_not_disturbed_afterwards() -> None:
    deadlines, later = Deadlines(), Watch()
    with deadlines.limit(GRAIN_S):
        pass
    deadlines.add(later, 3 * GRAIN_S)

    async with asyncio.timeout(SOON_S):
        await later.told  # by then the limit would have struck


async def test_an_error_inside_a_block_goes_on_as_it_is() -> None:
    deadlines = Deadlines()

    with pytest.raises(KeyError), deadlines.limit(SOON_S):
        raise KeyError("x")


async def test_a_task_that_somebody_cancels_as_well_stays_cancelled() -> None:
    deadlines, struck = Deadlines(), asyncio.Event()

    async def work() -> None:
        with deadlines.limit(GRAIN_S):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                struck.set()
                asyncio.current_task().cancel()  # type: ignore[union-attr]  # as a stopping owner does
                raise

    task = asyncio.create_task(work())
    async with asyncio.timeout(SOON_S):
        await struck.wait()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert task.cancelled()


async def test_a_limit_within_a_limit_is_told_apart() -> None:
    deadlines = Deadlines()

    with deadlines.limit(SOON_S), pytest.raises(TimeoutError), deadlines.limit(GRAIN_S):
        await asyncio.Event().wait()
