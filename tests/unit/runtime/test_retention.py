"""What has done its work is let go after its time, a few rows at once; what counts is kept for good."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from provider import Provider
from sqlalchemy import Connection, Table, func, insert, select
from toys import LIMITS, House, Reply, Write, envelope, rest, told, within

from runtime.cell import Cell
from runtime.channel import Outlet
from runtime.dead_letters import DeadLetters
from runtime.errors import Overloaded, Retryable, Terminal
from runtime.journal import Journal
from runtime.message import Envelope, Verdict
from runtime.store import retention
from runtime.store.dead_letters import replay
from runtime.store.retention import Cuts
from runtime.store.tables import dead_letters, history, inbox, jobs, outbox

DAY = 86_400.0


async def rows(house: House, table: Table) -> int:
    journal = house.journal()
    statement = select(func.count()).select_from(table).where(table.c.tenant_id == "acme")
    found = await journal.read(lambda connection: connection.execute(statement).scalar_one(), tenant="acme")
    await asyncio.to_thread(journal.close)
    return int(found)


async def come_to(house: House, table: Table, number: int) -> None:
    """Return once the table has so many rows of the tenant."""
    async with asyncio.timeout(10):
        while await rows(house, table) != number:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def write(house: House, work: Callable[[Connection], object]) -> None:
    journal = house.journal()
    await journal.write(work, tenant="acme")
    await asyncio.to_thread(journal.close)


async def done(house: House, cell: Cell, text: str) -> Envelope:
    message = envelope(Write(text=text), house.clock, dedupe_key=f"key of {text}", deadline_s=100 * DAY)
    await cell.accept([message])
    await told(cell, message.message_id)
    return message


async def test_a_message_told_again_is_a_duplicate_for_a_week_and_then_forgotten(house: House) -> None:
    cell = await house.cell()
    message = await done(house, cell, "hello")
    house.clock.advance(6.9 * DAY)
    await done(house, cell, "later")
    again = envelope(Write(text="hello"), house.clock, dedupe_key="key of hello")
    [receipt] = await cell.accept([again])
    assert (receipt.verdict, receipt.message_id) == (Verdict.DUPLICATE, message.message_id)

    house.clock.advance(0.2 * DAY)
    await come_to(house, inbox, 1)
    assert list(await house.states()) != [message.message_id]
    assert await house.answers() == ["hello", "later"]  # what was said stays


async def test_what_is_pending_stays_however_old_it_is(house: House) -> None:
    cell = await house.cell()
    house.stage.failures["waits"] = [Retryable("not before", retry_after=20 * DAY)]
    waits = envelope(Write(text="waits"), house.clock, deadline_s=100 * DAY)
    await cell.accept([waits])
    await house.stage.saw("started", "waits")
    await rest(cell)
    house.clock.advance(19 * DAY)
    free = envelope(Write(text="free"), house.clock, sender="another", deadline_s=100 * DAY)
    await cell.accept([free])
    await told(cell, free.message_id)
    house.clock.advance(2 * DAY)
    await told(cell, waits.message_id)

    assert await house.answers() == ["free", "waits"]


async def test_a_dead_letter_goes_with_its_message_after_a_month_and_can_be_replayed_until_then(house: House) -> None:
    cell = await house.cell()
    for text in ("first", "second"):
        house.stage.failures[text] = [Terminal("no")]
        await done(house, cell, text)
    journal = house.journal()
    letters = DeadLetters(journal, cell.replay)
    house.clock.advance(29 * DAY)
    [second, _] = (await letters.list("acme"))["dead_letters"]  # type: ignore[misc]
    assert (await letters.replay("acme", second["id"]))["replayed"] is True
    await told(cell, second["id"])

    house.clock.advance(2 * DAY)
    await come_to(house, dead_letters, 0)
    await come_to(house, inbox, 1)  # the replayed one, done two days ago
    assert await house.answers() == ["second"]
    await asyncio.to_thread(journal.close)


async def test_finished_jobs_and_sent_rows_go_and_unfinished_and_unsent_ones_stay(house: House) -> None:
    provider = Provider(deaf=[Retryable("it cannot be asked")] * 1_000)
    provider.meets["queued"] = [Overloaded("not for long", retry_after=50 * DAY)]
    house.outlets["outside"] = Outlet(channel=provider)
    cell = await house.cell()
    now = house.clock.now()
    common = {"tenant_id": "acme", "attempts": 0, "due_at": now, "created_at": now, "updated_at": now, "error": ""}
    job: dict[str, Any] = {**common, "kind": "ingest", "document_id": "d", "version": 1, "stage": "", "done": 0}
    job |= {"total": 0, "worker": "", "trace_id": ""}
    out: dict[str, Any] = {**common, "channel": "outside", "maybe_duplicate": 0}
    out |= {"provider_id": "", "deadline": now + 100 * DAY}

    def fill(connection: Connection) -> None:
        for state in ("queued", "running", "done", "failed"):
            connection.execute(insert(jobs).values(**job, job_id=f"job {state}", state=state))
        for state in ("queued", "sending", "sent", "failed"):
            ids = {"outbox_id": f"out {state}", "turn_id": f"turn {state}", "conversation_id": state}
            body = json.dumps({"text": state})
            connection.execute(insert(outbox).values(**out, **ids, body=body, state=state))

    await write(house, fill)
    await done(house, cell, "wakes the tenant")
    house.clock.advance(8 * DAY)
    await come_to(house, outbox, 3)
    assert await rows(house, jobs) == 4
    house.clock.advance(23 * DAY)
    await come_to(house, jobs, 2)
    assert await rows(house, outbox) == 3


async def test_a_reply_that_could_not_be_sent_goes_with_its_dead_letter_after_a_month(house: House) -> None:
    provider = Provider(meets={"hello": [Terminal("no")]})
    house.outlets["outside"] = Outlet(channel=provider)
    cell = await house.cell()
    await cell.accept([envelope(Reply(text="hello"), house.clock)])
    await come_to(house, dead_letters, 1)
    house.clock.advance(29 * DAY)
    await come_to(house, inbox, 0)
    assert (await rows(house, outbox), await rows(house, dead_letters)) == (1, 1)
    house.clock.advance(2 * DAY)
    await come_to(house, dead_letters, 0)

    assert await rows(house, outbox) == 0


async def test_one_pass_removes_a_few_rows_and_the_next_follows_until_all_are_gone(house: House) -> None:
    house.limits = within(LIMITS, prune_rows=3)
    cell = await house.cell()
    for n in range(8):
        await done(house, cell, f"t{n}")
    house.clock.advance(8 * DAY)
    await come_to(house, inbox, 0)

    assert await rows(house, history) == 8


async def test_a_pass_is_bounded_and_keeps_to_its_tenant(house: House, journal: Journal) -> None:
    await house.add_tenant("other")
    cell = await house.cell()
    for n in range(5):
        await done(house, cell, f"t{n}")
    cuts = Cuts(messages=house.clock.now() + 1, letters=0.0)

    assert not await journal.read(lambda c: retention.find(c, "other", cuts, 3), tenant="other")
    old = await journal.read(lambda c: retention.find(c, "acme", cuts, 3), tenant="acme")
    assert (len(old), old.full(3), old.full(4)) == (3, True, False)
    assert await journal.write(lambda c: retention.remove(c, "other", old, cuts), tenant="other") == 0
    assert await journal.write(lambda c: retention.remove(c, "acme", old, cuts), tenant="acme") == 3
    assert await journal.write(lambda c: retention.remove(c, "acme", old, cuts), tenant="acme") == 0


async def test_what_is_replayed_while_it_is_being_pruned_stays(house: House, journal: Journal) -> None:
    house.outlets["outside"] = Outlet(channel=Provider(meets={"reply": [Terminal("no")]}))
    house.stage.failures["hello"] = [Terminal("no")]
    cell = await house.cell()
    await cell.accept(
        [envelope(Write(text="hello"), house.clock), envelope(Reply(text="reply"), house.clock, key="other")]
    )
    await come_to(house, dead_letters, 2)
    await cell.drain()
    now = house.clock.now()
    cuts = Cuts(messages=0.0, letters=now + 1)
    old = await journal.read(lambda c: retention.find(c, "acme", cuts, 9), tenant="acme")
    assert (len(old.dead), len(old.failed)) == (1, 1)

    def replay_and_then_remove(connection: Connection) -> None:
        for message_id in connection.execute(select(dead_letters.c.message_id)).scalars().all():
            replay(connection, "acme", message_id, now=now, deadline=now + 9)
        retention.remove(connection, "acme", old, cuts)

    await journal.write(replay_and_then_remove, tenant="acme")

    assert (await rows(house, inbox), await rows(house, outbox)) == (2, 1)
