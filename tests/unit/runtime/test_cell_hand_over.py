"""What happens to a tenant when the directory gives it to another cell: nothing is lost, nothing is done twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from toys import LIMITS, House, Look, Write, comes, envelope, held, told, until, within

from runtime.cell import Cell
from runtime.directory import rendezvous
from runtime.errors import Moved, RagleapError
from runtime.message import Envelope
from runtime.store import placements


@pytest.fixture
async def cells(house: House) -> tuple[Cell, Cell]:
    """Two cells; ``acme`` is pinned to the first."""
    house.limits = within(LIMITS, lease_ttl_s=1e6)  # time goes on fast here, and no lease ends by that
    first, second = await house.cell("cell-0"), await house.cell("cell-1")
    await until(lambda: _both_are_known_to(first))
    await house.place("acme", "cell-0")
    await until(lambda: first.serves("acme") and not second.serves("acme"))
    return first, second


async def test_a_call_to_the_wrong_cell_names_the_right_one(house: House, cells: tuple[Cell, Cell]) -> None:
    with pytest.raises(Moved) as moved:
        await cells[1].ask(envelope(Look(text="x"), house.clock))
    assert moved.value.cell == "cell-0"
    assert await cells[0].ask(envelope(Look(text="x"), house.clock)) == "saw x"


async def test_a_moved_tenant_ends_its_turn_and_its_buffered_messages_follow(
    house: House, cells: tuple[Cell, Cell]
) -> None:
    first, second = cells
    gate = house.stage.hold("m0")
    messages = [envelope(Write(text=f"m{n}"), house.clock) for n in range(4)]
    await first.accept(messages[:2])
    await house.stage.saw("started", "m0")

    await house.place("acme", "cell-1")
    await until(lambda: leaving(first))
    await house.stage.saw("started", "m0")
    await first.accept(messages[2:3])  # taken in while the running turn ends
    gate.set()
    await until(lambda: not first.status()["tenants"] and second.serves("acme"))
    with pytest.raises(Moved):
        await first.accept(messages[3:])
    await second.accept(messages[3:])

    for message in messages:
        assert (await told(second, message.message_id))[-1].data["status"] == "answered"
    assert await house.answers() == ["m0", "m1", "m2", "m3"]
    assert [house.stage.count("started", f"m{n}") for n in range(4)] == [1, 1, 1, 1]


async def test_the_next_cell_finds_the_work_without_a_caller(house: House, cells: tuple[Cell, Cell]) -> None:
    first, second = cells
    gate = house.stage.hold("m0")
    await first.accept([envelope(Write(text="m0"), house.clock), envelope(Write(text="m1"), house.clock)])
    await house.stage.saw("started", "m0")
    await house.place("acme", "cell-1")
    await until(lambda: leaving(first))
    gate.set()
    await until(lambda: not first.status()["tenants"] and second.serves("acme"))

    house.clock.advance(6)
    await comes(["done", "done"], lambda: _states(house))
    assert await house.answers() == ["m0", "m1"]


async def test_who_watches_an_answer_is_let_go_and_finds_it_at_the_next_cell(
    house: House, cells: tuple[Cell, Cell]
) -> None:
    first, second = cells
    gate = house.stage.hold("m0")
    running, waiting = envelope(Write(text="m0"), house.clock), envelope(Write(text="m1"), house.clock)
    await first.accept([running, waiting])
    watching = asyncio.create_task(_events(first, waiting))
    await house.stage.saw("started", "m0")
    await until(lambda: first.status()["watching"] == 1)
    await house.place("acme", "cell-1")
    await until(lambda: leaving(first))
    gate.set()

    async with asyncio.timeout(10):
        assert await watching == []
    await until(lambda: second.serves("acme"))
    assert (await told(second, waiting.message_id))[-1].data["answer"] == "m1"


async def test_who_asks_while_the_tenant_leaves_is_told_where_it_went_and_waits_for_nothing(
    house: House, cells: tuple[Cell, Cell]
) -> None:
    first, second = cells
    message = envelope(Write(text="m0"), house.clock)
    gate = house.stage.hold("m0")
    await first.accept([message])
    await house.stage.saw("started", "m0")
    async with held_look(first) as reached:
        watching = asyncio.create_task(_events(first, message))
        await reached.wait()
        await house.place("acme", "cell-1")
        await until(lambda: leaving(first))
        gate.set()
        await until(lambda: not first.status()["tenants"])

    with pytest.raises(Moved) as moved:
        async with asyncio.timeout(10):
            await watching
    assert moved.value.cell == "cell-1"
    await until(lambda: second.serves("acme"))
    assert (await told(second, message.message_id))[-1].data["answer"] == "m0"


async def test_messages_sent_by_senders_that_follow_moved_are_each_done_once_while_a_tenant_moves_to_and_fro(
    house: House, cells: tuple[Cell, Cell]
) -> None:
    by_name = {"cell-0": cells[0], "cell-1": cells[1]}
    sent = [
        envelope(Write(text=f"m{n}"), house.clock, sender=f"s{n % 3}", key=f"k{n % 5}", deadline_s=1e6)
        for n in range(60)
    ]

    async def send(messages: list[Envelope]) -> None:
        at = "cell-0"
        for message in messages:
            async with asyncio.timeout(20):
                while True:
                    try:
                        await by_name[at].accept([message])
                        break
                    except Moved as moved:
                        at = moved.cell
                        await asyncio.sleep(0)  # the two may name each other until they have looked
                    except RagleapError:
                        await asyncio.sleep(0.002)

    async with time_goes_on(house):  # a cell looks from time to time whether there is work of its tenants
        async with asyncio.TaskGroup() as senders:
            for n in range(3):
                senders.create_task(send(sent[n::3]))
            for move in range(6):
                await house.stage.saw("ended", f"m{move * 5}")
                await house.place("acme", ("cell-1", "cell-0")[move % 2])
        await comes(["done"] * len(sent), lambda: _states(house))

    answers = await house.answers()
    assert sorted(answers) == sorted(f"m{n}" for n in range(60))
    for n in range(15):  # one sender, one actor: in the order of acceptance
        mine = [f"m{k}" for k in range(60) if k % 15 == n]
        assert [answer for answer in answers if answer in mine] == mine


async def test_a_cell_that_leaves_hands_over_all_it_has(house: House) -> None:
    first, second = await house.cell("cell-0"), await house.cell("cell-1")
    await until(lambda: _both_are_known_to(first))
    tenants = [f"t{n}" for n in range(8)]
    for tenant in tenants:
        await house.add_tenant(tenant)
        at = first if rendezvous(tenant, ("cell-0", "cell-1")) == "cell-0" else second
        await at.ask(envelope(Look(text="x"), house.clock, tenant=tenant))
    assert first.status()["tenants"]
    await house.write(lambda connection: placements.leave(connection, "cell-0"))
    await until(lambda: not first.status()["tenants"] and all(second.serves(tenant) for tenant in tenants))
    await house.write(lambda connection: placements.forget(connection, "cell-0"))

    for tenant in tenants:
        assert await second.ask(envelope(Look(text="x"), house.clock, tenant=tenant)) == "saw x"


@asynccontextmanager
async def time_goes_on(house: House) -> AsyncIterator[None]:
    """A second in each hundredth of one, until the block ends."""

    async def go_on() -> None:
        while True:
            await asyncio.sleep(0.01)
            house.clock.advance(1)

    going = asyncio.create_task(go_on())
    try:
        yield
    finally:
        going.cancel()


def held_look(cell: Cell) -> AbstractAsyncContextManager[asyncio.Event]:
    """A look at what became of a message stands still until the block ends; the event says that one has begun."""
    return held(cell._journal._reader, "before_cursor_execute", lambda *about: "JOIN history" in about[2])


def _both_are_known_to(cell: Cell) -> bool:
    return cell.status()["cells"] == ["cell-0", "cell-1"]


def leaving(cell: Cell) -> bool:
    return all(tenant["leaving"] for tenant in cell.status()["tenants"])  # type: ignore[attr-defined]


async def _events(cell: Cell, message: Envelope) -> list[str]:
    return [each.event async for each in cell.events("acme", message.message_id)]


async def _states(house: House) -> list[str]:
    return list((await house.states()).values())
