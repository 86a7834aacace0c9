"""An actor that wakes slowly is there once."""

from __future__ import annotations

import asyncio

import pytest
from toys import LIMITS, House, WakingStage, Write, envelope, told, within

from runtime.errors import DeadlineExceeded


async def test_an_actor_that_still_wakes_for_a_turn_that_did_not_wait_is_not_made_twice(house: House) -> None:
    assert isinstance(house.stage, WakingStage)
    house.limits, house.idle_s = within(LIMITS, tick_s=3_600), 0.0
    cell, slow = await house.cell(), asyncio.Event()
    house.stage.wakings = [slow]
    with pytest.raises(DeadlineExceeded):
        await cell.ask(envelope(Write(text="impatient"), house.clock, deadline_s=0.05))
    await (await cell.tenant("acme")).passivate_idle(house.clock.monotonic() + 1)
    message = envelope(Write(text="patient"), house.clock)
    await cell.accept([message])
    slow.set()
    await told(cell, message.message_id)

    assert house.stage.texts("waking") == ["main"]
    assert house.stage.texts("activated") == ["main"]


async def test_no_turn_begins_after_its_messages_deadline_also_where_the_actor_woke_slowly(house: House) -> None:
    assert isinstance(house.stage, WakingStage)
    cell, slow = await house.cell(), asyncio.Event()
    house.stage.wakings = [slow]
    question = asyncio.create_task(cell.ask(envelope(Write(text="late"), house.clock, deadline_s=5)))
    await house.stage.saw("waking", "main")
    house.clock.sleep_through(6)
    slow.set()
    with pytest.raises(DeadlineExceeded):
        await question

    assert house.stage.texts("started") == []
