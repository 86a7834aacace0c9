"""What a cell promises to those who watch an answer being made."""

from __future__ import annotations

import asyncio
import threading

import pytest
from toys import LIMITS, House, Write, envelope, told, within

from runtime.errors import NotFound


async def test_a_late_reader_and_one_that_comes_back_both_get_done(house: House) -> None:
    cell = await house.cell()
    message = envelope(Write(text="hello"), house.clock)
    await cell.accept([message])
    first = await told(cell, message.message_id)

    assert await told(cell, message.message_id) == first
    assert await told(cell, message.message_id, after_seq=first[-1].seq) == first[-1:]


async def test_a_reader_of_a_former_incarnation_is_told_to_reset_and_gets_the_answer(house: House) -> None:
    former = await house.cell()
    house.stage.hold("hello")
    message = envelope(Write(text="hello"), house.clock)
    await former.accept([message])
    await house.stage.saw("started", "hello")
    reader = former.events("acme", message.message_id)
    shown = await anext(reader)
    await reader.aclose()

    successor = await house.cell()
    house.stage.hold("hello").set()
    events = await told(successor, message.message_id, after_seq=shown.seq)

    assert [event.event for event in events] == ["reset", "token", "done"]
    assert [event.seq for event in events] == sorted({event.seq for event in events})
    assert events[0].seq > shown.seq


async def test_a_message_answered_long_ago_is_told_from_the_journal(house: House) -> None:
    former = await house.cell()
    message = envelope(Write(text="hello"), house.clock)
    await former.accept([message])
    await told(former, message.message_id)

    [done] = await told(await house.cell(), message.message_id)

    assert (done.event, done.data["answer"]) == ("done", "hello")


async def test_the_events_of_an_unknown_message_are_not_found(house: House) -> None:
    cell = await house.cell()
    with pytest.raises(NotFound):
        await anext(cell.events("acme", "msg_nowhere"))


async def test_a_subscription_ends_by_itself_and_never_strikes_its_readers_own_code(house: House) -> None:
    house.limits = within(LIMITS, subscription_s=0.02)
    cell = await house.cell()
    gate = house.stage.hold("hello")
    message = envelope(Write(text="hello"), house.clock)
    await cell.accept([message])
    await house.stage.saw("started", "hello")

    reader = cell.events("acme", message.message_id)
    assert (await anext(reader)).event == "token"
    async with asyncio.timeout(10):
        await asyncio.get_running_loop().run_in_executor(None, _work_for, 0.05)  # longer than the subscription
        assert [event async for event in reader] == []
    gate.set()


def _work_for(seconds: float) -> None:
    threading.Event().wait(seconds)
