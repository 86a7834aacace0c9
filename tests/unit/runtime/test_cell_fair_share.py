"""A tenant that floods its cell: its neighbours' turns go on, nothing of it is lost, and it waits within its bounds."""

from __future__ import annotations

import asyncio

import pytest
from toys import LIMITS, Forward, House, Look, Write, envelope, told, until, within

from runtime.cell import Cell
from runtime.errors import Overloaded
from runtime.message import Envelope, Tier


async def flood(house: House, cell: Cell, number: int, text: str = "flood") -> list[Envelope]:
    """So many messages of ``acme`` to as many actors, accepted."""
    sent = [envelope(Write(text=text), house.clock, key=f"k{n}") for n in range(number)]
    await cell.accept(sent)
    return sent


async def test_a_neighbours_turn_does_not_wait_for_a_flood_that_hangs(house: House) -> None:
    house.limits = within(LIMITS, own_turns=1, shared_turns=4)
    await house.add_tenant("other")
    cell = await house.cell()
    house.stage.hold("flood")
    sent = await flood(house, cell, 50)
    await house.stage.saw("started", "flood", times=5)

    assert await cell.ask(envelope(Write(text="mine"), house.clock, tenant="other")) == "wrote mine"
    message = envelope(Write(text="durable"), house.clock, tenant="other")
    await cell.accept([message])
    assert (await told(cell, message.message_id, tenant="other"))[-1].event == "done"

    assert house.stage.count("started", "flood") == 5  # no more of it runs than may
    house.stage.open_all()
    for one in sent:
        assert (await told(cell, one.message_id))[-1].event == "done"
    assert house.stage.count("ended", "flood") == 50


async def test_while_a_tenant_floods_its_neighbour_has_every_second_place(house: House) -> None:
    house.limits = within(LIMITS, own_turns=0, shared_turns=2)
    await house.add_tenant("other")
    cell = await house.cell()
    gate = house.stage.hold("first")
    await flood(house, cell, 2, text="first")
    await house.stage.saw("started", "first", times=2)
    sent = await flood(house, cell, 300)
    few = [envelope(Write(text="mine"), house.clock, tenant="other", key=f"k{n}") for n in range(20)]
    await cell.accept(few)
    gate.set()
    for one in few:
        await told(cell, one.message_id, tenant="other")

    # The flood came first and is fifteen times as long. While the others wait it runs in one of the two places only.
    *_, last, _ = (n for n, step in enumerate(house.stage.log) if step == ("started", "mine"))  # one waits until then
    running = 0
    for event, text in house.stage.log[:last]:
        running += (text == "flood") * {"started": 1, "ended": -1}.get(event, 0)
        assert running <= 1
    for one in sent:
        await told(cell, one.message_id)


async def test_a_question_of_a_running_turn_needs_no_place_so_that_a_full_cell_does_not_wait_for_itself(
    house: House,
) -> None:
    house.limits = within(LIMITS, own_turns=1, shared_turns=1)
    cell = await house.cell()
    asked = [
        asyncio.create_task(cell.ask(envelope(Forward(text="x", key="asked"), house.clock, key=f"k{n}")))
        for n in range(10)
    ]
    asked.append(asyncio.create_task(cell.ask(envelope(Write(text="y"), house.clock, key="asked"))))

    async with asyncio.timeout(10):
        assert await asyncio.gather(*asked) == ["saw x"] * 10 + ["wrote y"]


async def test_what_stands_before_a_running_turns_question_is_let_through(house: House) -> None:
    house.limits = within(LIMITS, own_turns=1, shared_turns=0)
    cell = await house.cell()
    gate = house.stage.hold("held")
    waiting = asyncio.create_task(cell.ask(envelope(Write(text="held"), house.clock, key="front")))
    await house.stage.saw("started", "held")
    before = asyncio.create_task(cell.ask(envelope(Write(text="before"), house.clock, key="asked")))
    forward = asyncio.create_task(cell.ask(envelope(Forward(text="x", key="asked"), house.clock, key="front")))
    gate.set()  # the only place goes on to one of the two, and the other must not be in its way

    async with asyncio.timeout(10):
        assert await asyncio.gather(waiting, before, forward) == ["wrote held", "wrote before", "saw x"]


async def test_turns_that_were_cancelled_before_they_began_give_their_places_back(house: House) -> None:
    house.limits = within(LIMITS, own_turns=0, shared_turns=2, drain_s=0.01)
    await house.add_tenant("other")
    cell = await house.cell()
    house.stage.hold("held")
    asked = [asyncio.create_task(cell.ask(envelope(Write(text="held"), house.clock, key=f"k{n}"))) for n in range(8)]
    await house.stage.saw("started", "held", times=2)

    await cell.drop("acme")
    await asyncio.gather(*asked, return_exceptions=True)

    assert cell.status()["turns_waiting"] == 0
    quick = [cell.ask(envelope(Write(text="mine"), house.clock, tenant="other", key=f"k{n}")) for n in range(8)]
    assert await asyncio.gather(*quick) == ["wrote mine"] * 8


async def test_what_may_wait_for_a_tenant_is_bounded_over_all_of_its_actors(house: House) -> None:
    house.limits = within(LIMITS, tenant_capacity=10, own_turns=1, shared_turns=0)
    await house.add_tenant("other")
    cell = await house.cell()
    house.stage.hold("flood")
    sent = await flood(house, cell, 1)
    await house.stage.saw("started", "flood")

    for tier, room in ((Tier.BATCH, 5), (Tier.EMAIL, 2), (Tier.INTERACTIVE, 2), (Tier.VOICE, 1)):
        for n in range(room):
            sent.append(envelope(Write(text="flood"), house.clock, key=f"{tier}{n}", tier=tier))
            await cell.accept([sent[-1]])
        with pytest.raises(Overloaded) as refused:
            await cell.accept([envelope(Write(text="flood"), house.clock, key=f"{tier}x", tier=tier)])
        assert refused.value.retry_after > 0
        with pytest.raises(Overloaded):
            await cell.ask(envelope(Look(text="flood"), house.clock, key=f"{tier}x", tier=tier))
    assert await cell.ask(envelope(Look(text="mine"), house.clock, tenant="other")) == "saw mine"

    house.stage.open_all()
    for one in sent:
        await told(cell, one.message_id)
    await cell.accept([envelope(Write(text="flood"), house.clock, tier=Tier.BATCH)])


async def test_a_tenants_bound_holds_what_a_restart_finds_in_the_inbox_and_all_of_it_is_done(house: House) -> None:
    cell = await house.cell()
    house.stage.hold("flood")
    sent = await flood(house, cell, 60)
    await house.stage.saw("started", "flood", times=60)
    house.limits = within(LIMITS, tenant_capacity=10, own_turns=2, shared_turns=0)
    successor = await house.cell()
    await until(lambda: successor.status()["tenants"] != [])
    [tenant] = successor.status()["tenants"]  # type: ignore[misc]
    assert tenant["waiting"] <= 10

    house.stage.open_all()
    for one in sent:
        house.clock.advance(2)  # the inbox is read again
        await told(successor, one.message_id)
    assert len(await house.answers()) == 60
