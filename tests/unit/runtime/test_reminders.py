"""Reminders are durable: each firing is one message, over restarts and outages, set and cancelled with the turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import select, update
from toys import House, Write, comes, envelope, rest, ticks, told

from runtime.actor import Turn
from runtime.cell import Cell
from runtime.errors import Conflict, Invalid, Retryable, Terminal
from runtime.message import Envelope
from runtime.reminders import CancelReminder, SetReminder, fire
from runtime.schedule import Schedule
from runtime.store import reminders
from runtime.store.reminders import ReminderRow
from runtime.store.tables import inbox
from runtime.store.tables import reminders as table

HOURLY = "0 * * * *"


def setting(name: str, text: str, *, id: str = "", **schedule: object) -> Callable[[Turn], None]:
    """A turn that sets a reminder to write ``text``."""
    when = Schedule(**schedule)  # type: ignore[arg-type]
    return lambda turn: turn.effect(SetReminder(name=name, schedule=when, body=Write(text=text), reminder_id=id))


async def take(house: House, cell: Cell, text: str, **about: str) -> Envelope:
    """A turn about ``text``, to its end."""
    message = envelope(Write(text=text), house.clock, **about)  # type: ignore[arg-type]
    await cell.accept([message])
    await told(cell, message.message_id)
    return message


async def set_reminder(
    house: House, cell: Cell, name: str, text: str, *, id: str = "", key: str = "main", **when: object
) -> None:
    house.stage.before["set"] = setting(name, text, id=id, **when)
    await take(house, cell, "set", key=key)


async def listed(house: House, tenant: str = "acme") -> list[ReminderRow]:
    journal = house.journal()
    rows = await journal.read(lambda connection: reminders.every(connection, tenant), tenant=tenant)
    await asyncio.to_thread(journal.close)
    return rows


async def fired(house: House) -> list[str]:
    """Ids of the messages that reminders have sent, in the order of acceptance."""
    journal = house.journal()
    statement = select(inbox.c.message_id).where(inbox.c.sender.startswith("reminder/")).order_by(inbox.c.seq)
    ids = await journal.read(lambda connection: list(connection.execute(statement).scalars()), tenant="acme")
    await asyncio.to_thread(journal.close)
    return ids


async def test_a_reminder_wakes_its_actor_at_its_time_and_then_is_over(house: House) -> None:
    cell = await house.cell()
    await set_reminder(house, cell, "once", "ring", at=house.clock.now() + 60)
    house.clock.advance(59)
    await ticks(house)
    assert house.stage.count("started", "ring") == 0

    house.clock.advance(2)
    await house.stage.saw("ended", "ring")
    house.clock.advance(100_000)
    await ticks(house)

    assert await listed(house) == []
    assert len(await fired(house)) == 1


async def test_a_cron_reminder_comes_again_and_again_as_whoever_set_it(house: House) -> None:
    cell = await house.cell()
    await set_reminder(house, cell, "hourly", "ring", cron=HOURLY)
    seen: list[Turn] = []
    house.stage.before["ring"] = seen.append
    for times in (1, 2, 3):
        house.clock.advance(3_600)
        await house.stage.saw("ended", "ring", times=times)

    [row] = await listed(house)
    assert house.clock.now() < row.due_at <= house.clock.now() + 3_600
    assert {turn.principal.identity for turn in seen} == {"key_1"}
    assert {turn.envelope.sender for turn in seen} == {"reminder/hourly"}
    assert len(set(await fired(house))) == 3


async def test_what_an_outage_missed_fires_once_in_the_next_incarnation(house: House) -> None:
    former = await house.cell()
    await set_reminder(house, former, "hourly", "ring", cron=HOURLY)
    await set_reminder(house, former, "once", "bell", at=house.clock.now() + 60)
    await former.drain()

    house.clock.advance(10 * 3_600)
    await house.cell()  # nobody sends anything: the reminders alone wake the tenant
    await house.stage.saw("ended", "ring")
    await house.stage.saw("ended", "bell")
    await ticks(house)

    assert (house.stage.count("started", "ring"), house.stage.count("started", "bell")) == (1, 1)
    assert [row.name for row in await listed(house)] == ["hourly"]


async def test_a_sleeping_tenant_is_woken_when_its_reminder_comes_also_on_a_machine_that_was_suspended(
    house: House,
) -> None:
    former = await house.cell()
    await set_reminder(house, former, "once", "ring", at=house.clock.now() + 600)
    await former.drain()

    cell = await house.cell()
    await ticks(house)
    assert cell.status()["tenants"] == []
    house.clock.sleep_through(601)
    await house.stage.saw("ended", "ring")


async def test_a_reminder_is_set_with_its_turn_or_not_at_all(house: House) -> None:
    cell = await house.cell()
    house.stage.before["set"] = setting("once", "ring", at=house.clock.now() + 60)
    house.stage.failures["set"] = [Terminal("no")]
    await take(house, cell, "set")

    assert await listed(house) == []


async def test_cancelling_and_setting_again_go_by_the_name_at_the_actor(house: House) -> None:
    cell = await house.cell()
    soon = house.clock.now() + 60
    for name, key in (("a", "main"), ("b", "main"), ("a", "other")):
        await set_reminder(house, cell, name, f"{name} {key}", key=key, at=soon)
    await set_reminder(house, cell, "a", "a anew", at=soon + 60)
    house.stage.before["cancel"] = lambda turn: turn.effect(CancelReminder(name="b"))
    await take(house, cell, "cancel")
    await take(house, cell, "cancel")  # there is none any more: no failure

    house.clock.advance(61)
    await house.stage.saw("ended", "a other")
    house.clock.advance(60)
    await house.stage.saw("ended", "a anew")
    assert set(house.stage.texts("started")) & {"a main", "b main"} == set()


async def test_setting_the_same_reminder_twice_is_once_also_after_it_has_fired(house: House) -> None:
    cell = await house.cell()
    when = house.clock.now() + 60
    await set_reminder(house, cell, "once", "ring", id="rem_1", at=when)
    await set_reminder(house, cell, "once", "ring", id="rem_1", at=when)
    house.clock.advance(61)
    await house.stage.saw("ended", "ring")
    await set_reminder(house, cell, "once", "ring", id="rem_1", at=when)  # overdue: it fires at once, in vain
    await comes([], lambda: listed(house))
    await ticks(house)

    assert await fired(house) == [f"rem_1.{when:.0f}"]
    assert house.stage.count("started", "ring") == 1


async def test_two_that_race_fire_once(house: House) -> None:
    cell = await house.cell()
    await set_reminder(house, cell, "hourly", "ring", cron=HOURLY)
    [row] = await listed(house)
    firing = fire(row, row.due_at)
    assert firing.next_due_at is not None
    journal = house.journal()

    def move(connection: object) -> bool:
        return reminders.move_on(connection, row, next_due_at=firing.next_due_at, now=row.due_at)  # type: ignore[arg-type]

    assert [await journal.write(move, tenant="acme"), await journal.write(move, tenant="acme")] == [True, False]
    await asyncio.to_thread(journal.close)


async def test_a_stale_cell_sends_no_reminder(house: House) -> None:
    stale = await house.cell()
    await set_reminder(house, stale, "once", "ring", at=house.clock.now() + 60)
    current = await house.cell()
    await take(house, current, "hello")
    house.clock.advance(61)
    await house.stage.saw("ended", "ring")
    await ticks(house)

    assert len(await fired(house)) == 1
    assert house.stage.count("started", "ring") == 1


async def test_one_firing_that_is_tried_again_holds_back_the_next(house: House) -> None:
    cell = await house.cell()
    await set_reminder(house, cell, "often", "ring", cron="*/1 * * * *")
    house.stage.failures["ring"] = [Retryable("later", retry_after=200)]
    house.clock.advance(60)
    await house.stage.saw("started", "ring")
    await rest(cell)  # the next try is after 200 s
    house.clock.advance(60)
    await ticks(house)
    assert house.stage.count("started", "ring") == 1
    house.clock.advance(200)
    await house.stage.saw("ended", "ring", times=2)


async def test_an_actor_and_a_tenant_have_a_bounded_number(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reminders, "PER_ACTOR", 2)
    monkeypatch.setattr(reminders, "PER_TENANT", 3)
    cell = await house.cell()
    for name, key in (("a", "main"), ("b", "main"), ("a", "main"), ("c", "other")):
        await set_reminder(house, cell, name, "ring", key=key, cron=HOURLY)
    assert len(await listed(house)) == 3

    for name, key, what in (("c", "main", "This toy has 2"), ("d", "third", "This tenant has 3")):
        house.stage.before["set"] = setting(name, "ring", cron=HOURLY)
        with pytest.raises(Conflict, match=what):
            await cell.ask(envelope(Write(text="set"), house.clock, key=key))


async def test_tenants_have_their_own(house: House) -> None:
    await house.add_tenant("other")
    cell = await house.cell()
    await set_reminder(house, cell, "once", "ring", id="rem_1", at=house.clock.now() + 60)
    house.stage.before["set"] = setting("once", "bell", id="rem_1", at=house.clock.now() + 60)
    message = envelope(Write(text="set"), house.clock, tenant="other")
    await cell.accept([message])
    await told(cell, message.message_id, tenant="other")
    house.clock.advance(61)
    await house.stage.saw("ended", "ring")
    await house.stage.saw("ended", "bell")
    await told(cell, f"rem_1.{house.clock.now() - 1:.0f}", tenant="other")

    assert await house.answers("other") == ["set", "bell"]


async def test_a_reminder_that_this_machine_does_not_understand_stops_no_other(house: House) -> None:
    cell = await house.cell()
    await set_reminder(house, cell, "strange", "strange", cron=HOURLY)
    await set_reminder(house, cell, "good", "good", cron=HOURLY)
    journal = house.journal()
    spoil = update(table).where(table.c.name == "strange").values(timezone="Mars/Olympus")
    await journal.write(lambda connection: connection.execute(spoil), tenant="acme")
    await asyncio.to_thread(journal.close)
    house.clock.advance(3_600)
    await house.stage.saw("ended", "good")

    strange = next(row for row in await listed(house) if row.name == "strange")
    assert strange.due_at > house.clock.now()
    assert house.stage.count("started", "strange") == 0


async def test_more_than_one_batch_fires_in_the_order_of_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.reminders.BATCH", 2)
    cell = await house.cell()
    for n in range(5):
        await set_reminder(house, cell, f"r{n}", f"ring {n}", at=house.clock.now() + 60 - n)
    house.clock.advance(61)
    for n in range(5):
        await house.stage.saw("ended", f"ring {n}")

    assert [text for text in house.stage.texts("started") if text != "set"] == [f"ring {n}" for n in (4, 3, 2, 1, 0)]


def test_a_name_is_something_that_can_be_read() -> None:
    for name in ("", "x" * 200, "a\nb"):
        with pytest.raises(Invalid):
            SetReminder(name=name, schedule=Schedule(at=1.0), body=Write(text="x"))


async def test_a_reminder_whose_message_cannot_be_read_is_a_dead_letter_and_holds_nothing_else_up(house: House) -> None:
    cell = await house.cell()
    for name in ("bad", "good"):
        await set_reminder(house, cell, name, name, id=name, at=house.clock.now() + 60)
    [due_at] = {row.due_at for row in await listed(house)}
    journal = house.journal()
    spoil = table.update().where(table.c.name == "bad").values(principal="no json", body="no json")
    await journal.write(lambda connection: connection.execute(spoil), tenant="acme")
    await asyncio.to_thread(journal.close)
    house.stage.failures["hello"] = [Retryable("later")]
    message = envelope(Write(text="hello"), house.clock)
    await cell.accept([message])
    await house.stage.saw("started", "hello")
    await rest(cell)  # its next try is due with the reminders
    house.clock.advance(100)
    await told(cell, message.message_id)
    await house.stage.saw("ended", "good")

    async def outcome() -> list[str]:
        states = await house.states()
        return [states.get(f"{name}.{due_at:.0f}", "") for name in ("bad", "good")]

    await comes(["dead", "done"], outcome)
    assert (await house.states())[message.message_id] == "done"
    assert house.stage.count("started", "bad") == 0
