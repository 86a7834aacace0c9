"""Callers share calls: none hears of another's trouble, none is forgotten, and a lone one does not wait."""

from __future__ import annotations

import asyncio

import pytest
from toys import Write, envelope

from runtime.clock import SystemClock
from runtime.errors import Overloaded, RagleapError, Unavailable
from runtime.gathering import AT_ONCE, WAITING, Gathering, Gatherings, Reply
from runtime.message import Envelope, Receipt, Verdict

SOON_S = 10.0


class Cell:
    """The other end of the call: answers when it is let."""

    def __init__(self) -> None:
        self.calls: list[list[list[Envelope]]] = []
        self.open = asyncio.Event()
        self.refuses: dict[str, RagleapError] = {}
        self.trouble: Exception | None = None
        self.over = 0

    async def take(self, batches: list[list[Envelope]]) -> list[Reply]:
        self.calls.append(batches)
        await self.open.wait()
        if self.trouble is not None:
            raise self.trouble
        return [self.refuses.get(batch[0].message_id) or [_receipt(batch[0].message_id)] for batch in batches]

    def ended(self) -> None:
        self.over += 1


def _receipt(message_id: str) -> Receipt:
    return Receipt(verdict=Verdict.ACCEPTED, message_id=message_id)


def _one(name: str) -> list[Envelope]:
    return [envelope(Write(text=name), SystemClock(), message_id=name)]


async def _sent(gathering: Gathering, *names: str) -> list[asyncio.Task[list[Receipt]]]:
    tasks = [asyncio.create_task(gathering.accept(_one(name))) for name in names]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_a_lone_message_goes_at_once() -> None:
    cell = Cell()
    cell.open.set()

    assert await Gathering(cell.take, cell.ended).accept(_one("a")) == [_receipt("a")]


async def test_what_comes_while_calls_are_under_way_goes_together_in_order_of_arrival() -> None:
    cell = Cell()
    gathering = Gathering(cell.take, cell.ended)
    first = [f"f{n}" for n in range(AT_ONCE)]
    tasks = await _sent(gathering, *first, "a", "b", "c")
    assert len(cell.calls) == AT_ONCE

    cell.open.set()
    async with asyncio.timeout(SOON_S):
        receipts = await asyncio.gather(*tasks)

    assert receipts == [[_receipt(name)] for name in (*first, "a", "b", "c")]
    assert [[batch[0].message_id for batch in call] for call in cell.calls[AT_ONCE:]] == [["a", "b", "c"]]


async def test_a_refusal_of_one_is_not_the_others() -> None:
    cell = Cell()
    cell.refuses["b"] = Overloaded("full", retry_after=2)
    gathering = Gathering(cell.take, cell.ended)
    tasks = await _sent(gathering, *(f"f{n}" for n in range(AT_ONCE)), "a", "b", "c")
    cell.open.set()

    async with asyncio.timeout(SOON_S):
        outcomes = await asyncio.gather(*tasks[AT_ONCE:], return_exceptions=True)

    assert outcomes[0] == [_receipt("a")]
    assert isinstance(outcomes[1], Overloaded)
    assert outcomes[2] == [_receipt("c")]


@pytest.mark.parametrize("trouble", [Unavailable("away"), ZeroDivisionError()])
async def test_a_call_that_fails_is_told_to_all_of_it(trouble: Exception) -> None:
    cell = Cell()
    cell.trouble = trouble
    cell.open.set()
    tasks = await _sent(Gathering(cell.take, cell.ended), "a", "b")

    async with asyncio.timeout(SOON_S):
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)

    assert all(isinstance(outcome, RagleapError) for outcome in outcomes)


async def test_a_caller_that_leaves_before_its_call_sends_nothing() -> None:
    cell = Cell()
    gathering = Gathering(cell.take, cell.ended)
    tasks = await _sent(gathering, *(f"f{n}" for n in range(AT_ONCE)), "gone", "stays")
    tasks[AT_ONCE].cancel()
    cell.open.set()

    async with asyncio.timeout(SOON_S):
        await tasks[AT_ONCE + 1]
    assert [batch[0].message_id for batch in cell.calls[-1]] == ["stays"]


async def test_the_callers_that_wait_are_bounded() -> None:
    cell = Cell()
    gathering = Gathering(cell.take, cell.ended)
    tasks = await _sent(gathering, *(f"m{n}" for n in range(AT_ONCE + WAITING)))

    with pytest.raises(Overloaded):
        await gathering.accept(_one("one too many"))

    cell.open.set()
    async with asyncio.timeout(SOON_S):
        await asyncio.gather(*tasks)


async def test_it_is_over_when_nobody_waits_any_more() -> None:
    cell = Cell()
    cell.open.set()
    gathering = Gathering(cell.take, cell.ended)

    await gathering.accept(_one("a"))
    async with asyncio.timeout(SOON_S):
        while not cell.over:  # noqa: ASYNC110 (it is told after its callers)
            await asyncio.sleep(0)

    assert cell.over == 1


async def test_a_tenant_whose_calls_hang_holds_nobody_else_up_and_each_call_is_one_tenants() -> None:
    hanging, quick = Cell(), Cell()
    quick.open.set()
    gatherings = Gatherings(lambda tenant, batches: (hanging if tenant == "slow" else quick).take(batches))
    stuck = [asyncio.create_task(gatherings.accept("slow", _one(f"s{n}"))) for n in range(AT_ONCE + 3)]
    async with asyncio.timeout(SOON_S):
        while len(hanging.calls) < AT_ONCE:  # noqa: ASYNC110
            await asyncio.sleep(0)

        assert await gatherings.accept("acme", _one("a")) == [_receipt("a")]

        assert not any(task.done() for task in stuck)
        assert [batch[0].message_id for call in quick.calls for batch in call] == ["a"]
        hanging.open.set()
        await asyncio.gather(*stuck)
