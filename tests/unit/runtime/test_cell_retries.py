"""Retries as promised: spaced as the kind says, never after the deadline, never out of order, blocking nobody else."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from toys import LIMITS, House, Write, envelope, rest, told, within

from runtime.actor import RetryPolicy
from runtime.backlog import AGAIN_S
from runtime.errors import Overloaded, Retryable, Terminal, Unavailable
from runtime.message import Tier
from runtime.store.tables import dead_letters, inbox
from runtime.store.wall import ACROSS_TENANTS


async def due_in(house: House, message_id: str) -> float:
    journal = house.journal()
    statement = select(inbox.c.due_at).where(inbox.c.message_id == message_id)
    due = await journal.read(lambda connection: connection.execute(statement).scalar_one(), tenant=ACROSS_TENANTS)
    journal.close()
    return float(due) - house.clock.now()


def test_by_default_there_are_three_tries_after_one_and_then_two_minutes() -> None:
    policy = RetryPolicy()

    assert [policy.delay(attempts, 0.5) for attempts in (1, 2, 3)] == [60.0, 120.0, None]
    assert [policy.delay(1, dice) for dice in (0.0, 0.75)] == [48.0, 66.0]


async def test_the_first_retry_comes_after_a_minute_and_the_second_after_two(house: House) -> None:
    cell = await house.cell()
    house.stage.failures["hello"] = [Retryable("not now"), Retryable("not yet")]
    message = envelope(Write(text="hello"), house.clock)
    await cell.accept([message])
    for attempt, seconds in enumerate((60, 120), start=1):
        await house.stage.saw("started", "hello", times=attempt)
        await rest(cell)
        assert await due_in(house, message.message_id) == pytest.approx(seconds, rel=0.2)
        house.clock.advance(seconds * 0.79)
        for _ in range(3):
            await cell.accept([envelope(Write(text=f"other {attempt}"), house.clock, sender="other")])
        assert house.stage.count("started", "hello") == attempt  # not a moment earlier
        house.clock.advance(seconds * 0.42)
    await told(cell, message.message_id)

    assert "hello" in await house.answers()


async def test_a_kind_may_say_how_often_and_how_soon(house: House) -> None:
    house.retry = RetryPolicy(tries=2, first_s=5, jitter=0)
    cell = await house.cell()
    house.stage.always["hello"] = lambda: Retryable("not now")
    message = envelope(Write(text="hello"), house.clock)
    await cell.accept([message])
    await house.stage.saw("started", "hello")
    await rest(cell)
    assert await due_in(house, message.message_id) == pytest.approx(5)
    house.clock.advance(5)
    await told(cell, message.message_id)

    assert house.stage.count("started", "hello") == 2


@pytest.mark.parametrize("error", [Retryable, Unavailable, Overloaded])
async def test_what_the_outside_asks_to_wait_is_waited_at_least(
    house: House, error: type[Retryable] | type[Overloaded]
) -> None:
    cell = await house.cell()
    house.stage.failures["hello"] = [error("not before", retry_after=300)]
    message = envelope(Write(text="hello"), house.clock)
    await cell.accept([message])
    await house.stage.saw("started", "hello")
    await rest(cell)

    assert await due_in(house, message.message_id) == pytest.approx(300)


async def test_a_message_that_waits_for_a_retry_always_has_time_for_it(house: House) -> None:
    cell = await house.cell()
    house.stage.always["hello"] = lambda: Retryable("not now", retry_after=50)
    patient = envelope(Write(text="hello"), house.clock, deadline_s=100, key="a")
    hurried = envelope(Write(text="hello"), house.clock, deadline_s=40, key="b")
    await cell.accept([patient, hurried])
    events = await told(cell, hurried.message_id)

    assert "no time for another try" in str(events[-1].data["error"])
    await rest(cell)
    assert (await house.states())[patient.message_id] == "pending"
    assert 50 <= await due_in(house, patient.message_id) < 100


async def test_no_later_message_of_the_sender_overtakes_one_that_is_tried_again(house: House) -> None:
    cell = await house.cell()
    gate = house.stage.hold("t0")
    house.stage.failures["t0"] = [Retryable("not now")]
    messages = [envelope(Write(text=f"t{n}"), house.clock) for n in range(4)]
    await cell.accept(messages[:2])
    await house.stage.saw("started", "t0")
    await cell.accept([messages[2]])  # in the mailbox while the first one's turn runs
    gate.set()
    await rest(cell)
    await cell.accept([messages[3]])  # while the first one waits
    house.clock.advance(100)
    await told(cell, messages[-1].message_id)

    assert await house.answers() == ["t0", "t1", "t2", "t3"]
    assert house.stage.texts("started") == ["t0", "t0", "t1", "t2", "t3"]


async def test_a_retry_blocks_neither_other_senders_nor_other_tiers_nor_those_without_a_sender(house: House) -> None:
    cell = await house.cell()
    house.stage.always["poison"] = lambda: Retryable("never works")
    await cell.accept([envelope(Write(text="poison"), house.clock)])
    await house.stage.saw("started", "poison")
    await rest(cell)
    free = [
        envelope(Write(text="another"), house.clock, sender="another"),
        envelope(Write(text="urgent"), house.clock, tier=Tier.VOICE),
        envelope(Write(text="nobody"), house.clock, sender=""),
        envelope(Write(text="elsewhere"), house.clock, key="elsewhere"),
    ]
    await cell.accept(free)
    for message in free:
        await told(cell, message.message_id)

    assert sorted(await house.answers()) == ["another", "elsewhere", "nobody", "urgent"]


async def test_what_waits_behind_a_poisoned_message_goes_on_once_that_is_a_dead_letter(house: House) -> None:
    cell = await house.cell()
    house.stage.failures["poison"] = [Retryable("once"), Terminal("never")]
    after = envelope(Write(text="after"), house.clock)
    await cell.accept([envelope(Write(text="poison"), house.clock), after])
    await house.stage.saw("started", "poison")
    await rest(cell)
    assert house.stage.count("started", "after") == 0
    house.clock.advance(100)
    await told(cell, after.message_id)

    assert await house.answers() == ["after"]
    assert sorted((await house.states()).values()) == ["dead", "done"]


async def test_the_order_holds_also_when_the_cell_restarts_between_the_tries(house: House) -> None:
    former = await house.cell()
    house.stage.failures["t0"] = [Retryable("not now")]
    messages = [envelope(Write(text=f"t{n}"), house.clock) for n in range(3)]
    await former.accept(messages[:2])
    await house.stage.saw("started", "t0")
    await rest(former)

    successor = await house.cell()
    await successor.accept([messages[2]])  # the new incarnation has seen neither of the others
    assert house.stage.texts("started") == ["t0"]
    house.clock.advance(100)
    await told(successor, messages[2].message_id)

    assert await house.answers() == ["t0", "t1", "t2"]


async def test_nothing_new_overtakes_a_backlog_that_one_reading_could_not_hold(house: House) -> None:
    former = await house.cell()
    house.stage.hold("a")
    many = [envelope(Write(text="a"), house.clock) for _ in range(30)]
    old = envelope(Write(text="old"), house.clock, key="b")
    await former.accept(many)
    house.stage.hold("old")
    await former.accept([old])

    house.limits = within(LIMITS, mailbox_capacity=10)
    successor = await house.cell()  # reads ten rows of the first actor, and none of the second
    new = envelope(Write(text="new"), house.clock, key="b")
    await successor.accept([new])
    house.stage.open_all()
    for message in (*many, old, new):
        await told(successor, message.message_id)
        house.clock.advance(AGAIN_S)  # what there was no room for is read next

    assert [text for text in await house.answers() if text != "a"] == ["old", "new"]


async def test_what_may_wait_behind_a_retry_is_bounded(house: House) -> None:
    house.limits = within(LIMITS, mailbox_capacity=10)
    cell = await house.cell()
    house.stage.failures["t"] = [Retryable("not now")]
    messages = [envelope(Write(text="t"), house.clock) for _ in range(10)]
    await cell.accept(messages[:1])
    await house.stage.saw("started", "t")
    await rest(cell)
    for message in messages[1:]:
        await cell.accept([message])

    with pytest.raises(Overloaded):
        await cell.accept([envelope(Write(text="t"), house.clock)])
    house.clock.advance(100)
    for message in messages:
        await told(cell, message.message_id)
        house.clock.advance(AGAIN_S)  # what there was no room for is read next
    await cell.accept([envelope(Write(text="again"), house.clock)])
    await house.stage.saw("ended", "again")


async def test_what_expired_while_it_waited_behind_a_retry_is_a_dead_letter_and_not_done(house: House) -> None:
    cell = await house.cell()
    house.stage.failures["first"] = [Retryable("not now")]
    late = envelope(Write(text="late"), house.clock, deadline_s=30)
    await cell.accept([envelope(Write(text="first"), house.clock), late])
    await house.stage.saw("started", "first")
    await rest(cell)
    house.clock.advance(100)
    events = await told(cell, late.message_id)

    assert events[-1].data["status"] == "failed"
    assert house.stage.count("started", "late") == 0
    assert await house.answers() == ["first"]
    journal = house.journal()
    cause = await journal.read(lambda c: c.execute(select(dead_letters.c.cause)).scalar_one(), tenant=ACROSS_TENANTS)
    journal.close()
    assert "deadline" in cause
