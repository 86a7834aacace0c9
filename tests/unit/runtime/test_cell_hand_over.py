"""What happens to a tenant when the directory gives it to another cell: nothing is lost, nothing is done twice."""

from __future__ import annotations

import asyncio

import pytest
from toys import House, Look, Write, envelope, told, until

from runtime.cell import Cell
from runtime.directory import rendezvous
from runtime.errors import Moved, RagleapError
from runtime.message import Envelope
from runtime.store import placements


@pytest.fixture
async def cells(house: House) -> tuple[Cell, Cell]:
    """Two cells; ``acme`` is pinned to the first."""
    first, second = await house.cell("cell-0"), await house.cell("cell-1")
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
    await until(lambda: not first.status()["tenants"])
    with pytest.raises(Moved):
        await first.accept(messages[3:])
    await second.accept(messages[3:])

    for message in messages:
        assert (await told(second, message.message_id))[-1].data["status"] == "answered"
    assert await house.answers() == ["m0", "m1", "m2", "m3"]
    assert [house.stage.count("started", f"m{n}") for n in range(4)] == [1, 1, 1, 1]


async def test_the_next_cell_finds_the_work_without_a_caller(house: House, cells: tuple[Cell, Cell]) -> None:
    first, _ = cells
    gate = house.stage.hold("m0")
    await first.accept([envelope(Write(text="m0"), house.clock), envelope(Write(text="m1"), house.clock)])
    await house.stage.saw("started", "m0")
    await house.place("acme", "cell-1")
    await until(lambda: leaving(first))
    gate.set()
    await until(lambda: not first.status()["tenants"])

    house.clock.advance(6)
    await house.stage.saw("ended", "m1")
    await _all_done(house, 2)
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
    await house.place("acme", "cell-1")
    await until(lambda: leaving(first))
    gate.set()

    async with asyncio.timeout(10):
        assert await watching == []
    assert (await told(second, waiting.message_id))[-1].data["answer"] == "m1"


async def test_who_begins_to_watch_in_the_moment_of_the_move_is_let_go_too(
    house: House, cells: tuple[Cell, Cell]
) -> None:
    first, second = cells
    gate = house.stage.hold("m0")
    running, waiting = envelope(Write(text="m0"), house.clock), envelope(Write(text="m1"), house.clock)
    await first.accept([running, waiting])
    await house.stage.saw("started", "m0")
    await house.place("acme", "cell-1")
    await until(lambda: leaving(first))
    gate.set()
    watching = []
    while first.status()["tenants"]:
        watching.append(asyncio.create_task(_events(first, waiting)))
        await asyncio.sleep(0)  # one begins at each step of the move

    async with asyncio.timeout(10):
        outcomes = await asyncio.gather(*watching, return_exceptions=True)
    assert all(outcome == [] or isinstance(outcome, Moved) for outcome in outcomes)
    assert (await told(second, waiting.message_id))[-1].data["answer"] == "m1"


async def test_messages_sent_by_senders_that_follow_moved_are_each_done_once_while_a_tenant_moves_to_and_fro(
    house: House, cells: tuple[Cell, Cell]
) -> None:
    by_name = {"cell-0": cells[0], "cell-1": cells[1]}
    sent = [envelope(Write(text=f"m{n}"), house.clock, sender=f"s{n % 3}", key=f"k{n % 5}") for n in range(60)]

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
                    except RagleapError:
                        await asyncio.sleep(0.002)

    async with asyncio.TaskGroup() as senders:
        for n in range(3):
            senders.create_task(send(sent[n::3]))
        for move in range(6):
            await house.stage.saw("ended", f"m{move * 5}")
            await house.place("acme", ("cell-1", "cell-0")[move % 2])
    await _all_done(house, len(sent))

    answers = await house.answers()
    assert sorted(answers) == sorted(f"m{n}" for n in range(60))
    for n in range(15):  # one sender, one actor: in the order of acceptance
        mine = [f"m{k}" for k in range(60) if k % 15 == n]
        assert [answer for answer in answers if answer in mine] == mine


async def test_a_cell_that_leaves_hands_over_all_it_has(house: House) -> None:
    first, second = await house.cell("cell-0"), await house.cell("cell-1")
    tenants = [f"t{n}" for n in range(8)]
    for tenant in tenants:
        await house.add_tenant(tenant)
        at = first if rendezvous(tenant, ("cell-0", "cell-1")) == "cell-0" else second
        await at.ask(envelope(Look(text="x"), house.clock, tenant=tenant))
    assert first.status()["tenants"]
    await house.write(lambda connection: placements.leave(connection, "cell-0"))
    await until(lambda: not first.status()["tenants"])
    await house.write(lambda connection: placements.forget(connection, "cell-0"))

    for tenant in tenants:
        assert await second.ask(envelope(Look(text="x"), house.clock, tenant=tenant)) == "saw x"


def leaving(cell: Cell) -> bool:
    return all(tenant["leaving"] for tenant in cell.status()["tenants"])  # type: ignore[attr-defined]


async def _events(cell: Cell, message: Envelope) -> list[str]:
    return [event.event async for event in cell.events("acme", message.message_id)]


async def _all_done(house: House, number: int) -> None:
    async with asyncio.timeout(20):
        while list((await house.states()).values()).count("done") < number:
            house.clock.advance(1)
            await asyncio.sleep(0.01)
