"""What a cell promises about accepted messages: durable first, one turn each, none lost, in order."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select, update
from toys import LIMITS, House, Look, Write, envelope, rest, told, within

from runtime.actor import RetryPolicy
from runtime.backlog import AGAIN_S
from runtime.errors import Conflict, Fenced, Overloaded, Retryable, Terminal, Unavailable
from runtime.message import Tier, Verdict
from runtime.store.tables import dead_letters, inbox
from runtime.store.wall import ACROSS_TENANTS


async def test_an_accepted_message_is_on_disk_before_accept_returns(house: House) -> None:
    cell, other = await house.cell(), house.journal()
    house.stage.hold("hello")
    message = envelope(Write(text="hello"), house.clock)

    [receipt] = await cell.accept([message])

    assert receipt.verdict is Verdict.ACCEPTED
    stored = await other.read(
        lambda connection: connection.execute(select(inbox.c.message_id)).scalars().all(), tenant=ACROSS_TENANTS
    )
    other.close()
    assert stored == [message.message_id]
    house.stage.hold("hello").set()


async def test_a_message_is_answered_and_its_events_end_with_done(house: House) -> None:
    cell = await house.cell()
    message = envelope(Write(text="hello"), house.clock)

    await cell.accept([message])
    events = await told(cell, message.message_id)

    assert [event.event for event in events] == ["token", "done"]
    assert events[-1].data == {"status": "answered", "answer": "hello"}
    assert await house.answers() == ["hello"]
    assert await house.states() == {message.message_id: "done"}


async def test_the_same_message_id_again_is_a_duplicate_and_one_turn(house: House) -> None:
    cell = await house.cell()
    first, other = envelope(Write(text="a"), house.clock), envelope(Write(text="b"), house.clock)

    receipts = await cell.accept([other, first, first])
    again = await cell.accept([first])
    await told(cell, first.message_id)

    assert [receipt.verdict for receipt in receipts] == [Verdict.ACCEPTED, Verdict.ACCEPTED, Verdict.DUPLICATE]
    assert [(receipt.verdict, receipt.message_id) for receipt in again] == [(Verdict.DUPLICATE, first.message_id)]
    assert house.stage.count("started", "a") == 1


async def test_the_same_dedupe_key_under_another_id_names_the_first_message(house: House) -> None:
    cell = await house.cell()
    first = envelope(Write(text="a"), house.clock, dedupe_key="wamid.1")
    second = envelope(Write(text="a"), house.clock, dedupe_key="wamid.1")
    [_, receipt] = await cell.accept([first, second])
    await told(cell, first.message_id)

    assert (receipt.verdict, receipt.message_id) == (Verdict.DUPLICATE, first.message_id)
    assert await house.answers() == ["a"]


async def test_messages_told_twice_at_the_same_time_have_one_turn_each(house: House) -> None:
    cell = await house.cell()
    messages = [envelope(Write(text=f"t{n}"), house.clock) for n in range(20)]

    verdicts = await asyncio.gather(*(cell.accept([message]) for message in [*messages, *messages]))
    for message in messages:
        await told(cell, message.message_id)

    assert [receipts[0].verdict for receipts in verdicts].count(Verdict.ACCEPTED) == 20
    assert sorted(house.stage.texts("started")) == sorted(f"t{n}" for n in range(20))


async def test_messages_of_one_sender_are_taken_in_the_order_of_acceptance(house: House) -> None:
    cell = await house.cell()
    gate = house.stage.hold("t0")
    for n in range(30):
        await cell.accept([envelope(Write(text=f"t{n}"), house.clock)])
    gate.set()
    await house.stage.saw("ended", "t29")

    assert house.stage.texts("started") == [f"t{n}" for n in range(30)]


async def test_a_restarted_cell_answers_what_its_former_self_accepted_exactly_once(house: House) -> None:
    former = await house.cell()
    gate = house.stage.hold("t0")
    messages = [envelope(Write(text=f"t{n}"), house.clock) for n in range(5)]
    await former.accept(messages)
    await house.stage.saw("started", "t0")  # its turn runs, and is still running when the next incarnation comes

    successor = await house.cell()
    gate.set()
    for message in messages:
        await told(successor, message.message_id)

    assert await house.answers() == [f"t{n}" for n in range(5)]
    assert set((await house.states()).values()) == {"done"}


async def test_what_waits_for_a_retry_is_tried_by_the_next_incarnation_too(house: House) -> None:
    former = await house.cell()
    house.stage.failures["hello"] = [Retryable("not now")]
    message = envelope(Write(text="hello"), house.clock)
    await former.accept([message])
    await house.stage.saw("started", "hello")
    await rest(former)

    successor = await house.cell()  # the retry is not due yet
    assert house.stage.count("started", "hello") == 1
    house.clock.advance(100)
    await told(successor, message.message_id)

    assert await house.answers() == ["hello"]


async def test_a_stale_cell_is_fenced_and_does_not_take_the_tenant_back(house: House) -> None:
    stale = await house.cell()
    await stale.accept([envelope(Write(text="first"), house.clock)])
    await house.stage.saw("ended", "first")
    await house.cell()
    current = await house.cell()
    await current.accept([envelope(Write(text="second"), house.clock)])
    await house.stage.saw("ended", "second")

    for _ in range(3):
        with pytest.raises((Unavailable, Fenced)):
            await stale.accept([envelope(Write(text="third"), house.clock)])
    message = envelope(Write(text="fourth"), house.clock)
    await current.accept([message])
    await told(current, message.message_id)

    assert await house.answers() == ["first", "second", "fourth"]


async def test_a_turn_of_a_stale_cell_leaves_no_trace_when_it_ends_late(house: House) -> None:
    stale = await house.cell()
    gate = house.stage.hold("hello")
    message = envelope(Write(text="hello"), house.clock)
    await stale.accept([message])
    await house.stage.saw("started", "hello")
    current = await house.cell()
    await house.stage.saw("started", "hello", times=2)

    gate.set()
    await told(current, message.message_id)
    await house.stage.saw("ended", "hello", times=2)

    assert await house.answers() == ["hello"]


async def test_a_crash_is_tried_again_and_the_answer_made_anew(house: House) -> None:
    cell = await house.cell()
    house.stage.failures["hello"] = [RuntimeError("bug")]
    message = envelope(Write(text="hello"), house.clock)
    await cell.accept([message])
    await house.stage.saw("started", "hello")
    await rest(cell)
    house.clock.advance(100)
    events = await told(cell, message.message_id)

    assert events[-1].data["answer"] == "hello"
    assert "reset" in [event.event for event in events]
    assert house.stage.count("activated", "main") == 2  # a fresh instance


async def test_what_keeps_failing_becomes_a_dead_letter_with_its_cause(house: House) -> None:
    house.retry = RetryPolicy(tries=3, first_s=10)
    cell = await house.cell()
    house.stage.always["hello"] = lambda: Retryable("the model is down")
    message = envelope(Write(text="hello"), house.clock)
    await cell.accept([message])
    for attempt in range(1, 4):
        await house.stage.saw("started", "hello", times=attempt)
        await rest(cell)
        house.clock.advance(100)
    events = await told(cell, message.message_id)

    assert events[-1].data["status"] == "failed"
    assert await house.states() == {message.message_id: "dead"}
    assert "the model is down" in (await _dead_letters(house))[message.message_id]
    assert house.stage.count("started", "hello") == 3


async def test_a_terminal_error_is_a_dead_letter_at_once(house: House) -> None:
    cell = await house.cell()
    house.stage.failures["hello"] = [Terminal("cannot be")]
    message = envelope(Write(text="hello"), house.clock)
    await cell.accept([message])
    events = await told(cell, message.message_id)

    assert events[-1].data["status"] == "failed"
    assert house.stage.count("started", "hello") == 1
    assert message.message_id in await _dead_letters(house)


async def test_a_message_whose_deadline_passed_is_a_dead_letter_without_a_turn(house: House) -> None:
    former = await house.cell()
    gate = house.stage.hold("slow")
    late = envelope(Write(text="late"), house.clock, deadline_s=60)
    await former.accept([envelope(Write(text="slow"), house.clock), late])
    await house.stage.saw("started", "slow")

    house.clock.advance(61)
    gate.set()
    events = await told(former, late.message_id)

    assert events[-1].data["status"] == "failed"
    assert house.stage.count("started", "late") == 0
    assert list(await _dead_letters(house)) == [late.message_id]


async def test_a_turn_that_ends_after_its_deadline_because_the_process_stood_still_has_no_effect(house: House) -> None:
    cell = await house.cell()
    house.stage.before["stopped"] = lambda turn: house.clock.advance(61)
    message = envelope(Write(text="stopped"), house.clock, deadline_s=60)
    await cell.accept([message])
    events = await told(cell, message.message_id)

    assert events[-1].data["status"] == "failed"
    assert house.stage.count("ended", "stopped") == 1
    assert await house.answers() == []
    assert list(await _dead_letters(house)) == [message.message_id]


async def test_what_expired_while_its_cell_was_down_is_a_dead_letter_and_not_done(house: House) -> None:
    former = await house.cell()
    house.stage.hold("slow")
    slow = envelope(Write(text="slow"), house.clock, deadline_s=60)
    late = envelope(Write(text="late"), house.clock, deadline_s=60)
    await former.accept([slow, late])
    await house.stage.saw("started", "slow")

    house.clock.advance(61)
    successor = await house.cell()
    events = await told(successor, late.message_id)

    assert events[-1].data["status"] == "failed"
    assert house.stage.count("started", "late") == 0
    assert set((await house.states()).values()) == {"dead"}
    letters = await _dead_letters(house)
    assert letters.keys() == {slow.message_id, late.message_id}
    assert all("deadline" in cause for cause in letters.values())


async def test_a_retry_that_would_come_after_the_deadline_is_not_waited_for(house: House) -> None:
    cell = await house.cell()
    house.stage.failures["hello"] = [Retryable("not now")]
    message = envelope(Write(text="hello"), house.clock, deadline_s=20)  # the first retry would come after 60 s
    await cell.accept([message])

    assert (await told(cell, message.message_id))[-1].data["status"] == "failed"


async def test_a_message_that_this_version_cannot_read_is_buried_and_blocks_nobody(house: House) -> None:
    former = await house.cell()
    house.stage.hold("poison")
    poisons = [envelope(Write(text="poison"), house.clock, key=f"k{n}") for n in range(4)]
    good = envelope(Write(text="good"), house.clock)
    house.stage.hold("good")
    await former.accept([*poisons, good])
    spoil = [{"kind": "gone"}, {"body": "no json"}, {"body": '["Gone",{}]'}, {"principal": '{"role":"king"}'}]
    journal = house.journal()
    for poison, change in zip(poisons, spoil, strict=True):
        statement = update(inbox).where(inbox.c.message_id == poison.message_id).values(**change)
        await journal.write(
            lambda connection, statement=statement: connection.execute(statement), tenant=ACROSS_TENANTS
        )  # type: ignore[misc]
    journal.close()

    house.stage.hold("good").set()
    successor = await house.cell()
    await told(successor, good.message_id)

    states = await house.states()
    assert [states[poison.message_id] for poison in poisons] == ["dead"] * 4
    assert states[good.message_id] == "done"


async def test_an_overload_is_refused_before_anything_is_committed(house: House) -> None:
    house.limits = within(LIMITS, mailbox_capacity=10)
    cell = await house.cell()
    gate = house.stage.hold("t0")
    await cell.accept([envelope(Write(text="t0"), house.clock)])
    await house.stage.saw("started", "t0")
    for n in range(1, 10):
        await cell.accept([envelope(Write(text=f"t{n}"), house.clock)])

    with pytest.raises(Overloaded):
        await cell.accept([envelope(Write(text="too many"), house.clock)])
    urgent = envelope(Write(text="urgent"), house.clock, tier=Tier.VOICE)
    await cell.accept([urgent])  # the urgent still find room
    assert len(await house.states()) == 11
    gate.set()
    await house.stage.saw("ended", "t9")

    assert house.stage.texts("started")[:2] == ["t0", "urgent"]


async def test_a_batch_or_many_callers_at_once_cannot_overfill_a_mailbox(house: House) -> None:
    house.limits = within(LIMITS, mailbox_capacity=10)
    cell = await house.cell()
    gate = house.stage.hold("t")
    await cell.accept([envelope(Write(text="t"), house.clock)])
    await house.stage.saw("started", "t")

    with pytest.raises(Overloaded):
        await cell.accept([envelope(Write(text="t"), house.clock) for _ in range(20)])
    outcomes = await asyncio.gather(
        *(cell.accept([envelope(Write(text="t"), house.clock)]) for _ in range(40)), return_exceptions=True
    )

    assert sum(isinstance(outcome, Overloaded) for outcome in outcomes) == 31
    assert len(await house.states()) == 10
    gate.set()
    await house.stage.saw("ended", "t", times=10)


async def test_a_backlog_larger_than_the_mailbox_is_worked_off_in_order_before_anything_new(house: House) -> None:
    former = await house.cell()
    gate = house.stage.hold("t0")
    messages = [envelope(Write(text=f"t{n}"), house.clock) for n in range(30)]
    await former.accept(messages)
    await house.stage.saw("started", "t0")

    house.limits = within(LIMITS, mailbox_capacity=10)
    successor = await house.cell()
    await house.stage.saw("started", "t0", times=2)
    with pytest.raises(Overloaded):
        await successor.accept([envelope(Write(text="new"), house.clock)])
    gate.set()
    for message in messages:
        await told(successor, message.message_id)
        house.clock.advance(AGAIN_S)  # what there was no room for is read next

    assert await house.answers() == [f"t{n}" for n in range(30)]


async def test_the_effects_of_a_failed_turn_leave_no_trace(house: House) -> None:
    cell = await house.cell()
    house.stage.failures["hello"] = [Conflict("no")]
    message = envelope(Write(text="hello"), house.clock)
    await cell.accept([message])
    await told(cell, message.message_id)

    assert await house.answers() == []


async def test_nothing_is_announced_before_the_commit_or_for_a_turn_that_did_not_commit(house: House) -> None:
    cell = await house.cell()
    seen: list[list[str]] = []
    house.stage.before["good"] = lambda turn: turn.then(lambda: seen.append(["then"]))
    house.stage.before["bad"] = lambda turn: (turn.announce("token", {}), turn.then(lambda: seen.append(["never"])))[0]
    house.stage.failures["bad"] = [Terminal("no")]
    good, bad = envelope(Write(text="good"), house.clock), envelope(Write(text="bad"), house.clock)
    await cell.accept([bad, good])
    await told(cell, good.message_id)
    events = await told(cell, bad.message_id)

    assert seen == [["then"]]
    assert [event.event for event in events] == ["token", "done"]  # the emitted one, not the announced one


async def test_what_fails_after_the_commit_takes_nothing_back(house: House) -> None:
    cell = await house.cell()

    def boom() -> None:
        raise RuntimeError("after the commit")

    house.stage.before["hello"] = lambda turn: (turn.then(boom), turn.notify("no_such_kind", Look(text="x")))[0]
    message = envelope(Write(text="hello"), house.clock)
    await cell.accept([message])
    events = await told(cell, message.message_id)

    assert events[-1].data["status"] == "answered"
    assert await house.states() == {message.message_id: "done"}
    assert await _dead_letters(house) == {}


async def _dead_letters(house: House) -> dict[str, str]:
    journal = house.journal()
    statement = select(dead_letters.c.message_id, dead_letters.c.cause)
    found = await journal.read(
        lambda connection: {row[0]: row[1] for row in connection.execute(statement)}, tenant=ACROSS_TENANTS
    )
    journal.close()
    return found
