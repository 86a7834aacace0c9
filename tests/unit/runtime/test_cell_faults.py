"""Whatever fails, and whenever: an accepted message has one answer or one dead letter, and its reader gets done."""

from __future__ import annotations

import asyncio
import random

import pytest
from sqlalchemy import select
from toys import House, Write, envelope, told, until

from runtime.cell import Cell
from runtime.errors import RagleapError, Retryable, Terminal, Unavailable
from runtime.message import Envelope
from runtime.store.inbox import close
from runtime.store.tables import dead_letters, history, inbox
from runtime.store.wall import ACROSS_TENANTS

FAULTS = (Retryable("later"), RuntimeError("bug"), Terminal("never"), Unavailable("away"))


@pytest.mark.parametrize("seed", range(8))
async def test_accepted_messages_survive_crashes_restarts_and_failing_turns(house: House, seed: int) -> None:
    dice = random.Random(seed)
    cell = await house.cell()
    accepted: list[Envelope] = []
    for step in range(25):
        match dice.choice(["accept", "accept", "repeat", "restart", "advance", "gate"]):
            case "accept":
                batch = [_message(house, dice, f"s{step}m{n}") for n in range(dice.randint(1, 5))]
                accepted += await _accept(cell, batch)
            case "repeat":
                accepted += await _accept(cell, dice.sample(accepted, k=min(3, len(accepted))))
            case "restart":
                cell = await house.cell()
            case "advance":
                house.clock.advance(dice.choice([0.5, 30, 70]))
            case "gate":
                house.stage.open_all()
        for _ in range(dice.randint(0, 30)):
            await asyncio.sleep(0)
    house.stage.open_all()
    for message in {message.message_id: message for message in accepted}.values():
        await _answered(house, cell, message)

    await _check(house, {message.message_id for message in accepted})


def _message(house: House, dice: random.Random, text: str) -> Envelope:
    if dice.random() < 0.3:
        house.stage.hold(text)
    if dice.random() < 0.4:
        house.stage.failures[text] = [dice.choice(FAULTS) for _ in range(dice.randint(1, 3))]
    return envelope(Write(text=text), house.clock, key=f"k{dice.randint(0, 3)}", deadline_s=100_000)


async def _accept(cell: Cell, messages: list[Envelope]) -> list[Envelope]:
    try:
        await cell.accept(messages)
    except RagleapError:
        return []  # refused: a sender would try again, this one does not
    return messages


async def _answered(house: House, cell: Cell, message: Envelope) -> None:
    reading = asyncio.create_task(told(cell, message.message_id))

    def done() -> bool:
        house.clock.advance(1)  # retries become due while the reader waits
        return reading.done()

    await until(done)
    assert (await reading)[-1].event == "done"


async def _check(house: House, accepted: set[str]) -> None:
    journal = house.journal()
    answers = await journal.read(
        lambda c: list(c.execute(select(history.c.message_id)).scalars()), tenant=ACROSS_TENANTS
    )
    dead = await journal.read(
        lambda c: list(c.execute(select(dead_letters.c.message_id)).scalars()), tenant=ACROSS_TENANTS
    )
    lines = await journal.read(
        lambda c: c.execute(
            select(inbox.c.actor_key, history.c.seq)
            .join(history, history.c.message_id == inbox.c.message_id)
            .order_by(inbox.c.seq)
        ).all(),
        tenant=ACROSS_TENANTS,
    )
    journal.close()
    states = await house.states()

    for key in {line.actor_key for line in lines}:
        taken = [line.seq for line in lines if line.actor_key == key]
        assert taken == sorted(taken)  # one sender: in the order of acceptance, whatever failed and was tried again
    assert len(answers) == len(set(answers))
    assert not set(answers) & set(dead)
    assert accepted <= set(answers) | set(dead)
    assert set(states.values()) <= {"done", "dead"}


async def test_a_message_that_another_turn_has_closed_has_no_second_effect(house: House) -> None:
    cell = await house.cell()
    gate = house.stage.hold("hello")
    message = envelope(Write(text="hello"), house.clock)
    await cell.accept([message])
    await house.stage.saw("started", "hello")
    journal = house.journal()
    await journal.write(lambda c: close(c, "acme", message.message_id, "turn_of_another"), tenant="acme")

    gate.set()
    events = await told(cell, message.message_id)

    assert [event.event for event in events] == ["token", "done"]
    assert events[-1].data == {}, "what the journal says of it counts, and not what this turn would have announced"
    assert await house.answers() == []
    assert await house.states() == {message.message_id: "done"}
    await asyncio.to_thread(journal.close)
