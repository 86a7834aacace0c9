"""The outbox's promises: sent by the holder of the lease, in order per conversation, never twice without saying so."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from provider import LOST, UNHEARD, Provider
from sqlalchemy import select
from toys import LIMITS, SOON_S, House, Reply, comes, envelope, until, within

from runtime.actor import RetryPolicy
from runtime.cell import Cell
from runtime.channel import Outlet
from runtime.dead_letters import DeadLetters
from runtime.errors import Overloaded, Retryable, Terminal
from runtime.store import outbox
from runtime.store.tables import outbox as table
from runtime.store.wall import ACROSS_TENANTS

CALL_S, SETTLE_S = 20.0, 10.0
OVER_S = CALL_S + SETTLE_S + 5.0  # after that a call of a former life is over for good


@pytest.fixture
def provider(house: House) -> Provider:
    made = Provider()
    house.outlets["outside"] = Outlet(channel=made, retry=RetryPolicy(first_s=60.0), call_s=CALL_S, settle_s=SETTLE_S)
    return made


async def reply(house: House, cell: Cell, *texts: str, to: str = "main", tenant: str = "acme", **fields: Any) -> None:
    """Queue texts, one turn each, in the conversation ``to`` ("": each in its own)."""
    for text in texts:
        message = envelope(Reply(text=text, **fields), house.clock, key=to or text, tenant=tenant)
        await cell.accept([message])


async def rows(house: House, tenant: str = "acme") -> dict[str, Mapping[str, Any]]:
    """By text, what the store says."""
    journal = house.journal()
    statement = select(table).where(table.c.tenant_id == tenant).order_by(table.c.seq)
    found = await journal.read(lambda connection: connection.execute(statement).mappings().all(), tenant=tenant)
    await asyncio.to_thread(journal.close)
    return {str(row["body"]).split('"')[3]: row for row in found}


async def number_of_rows(house: House) -> int:
    return len(await rows(house))


async def come_to(house: House, text: str, state: str, *, tenant: str = "acme") -> Mapping[str, Any]:
    """The row of ``text`` once it is in ``state``."""
    async with asyncio.timeout(SOON_S):
        while (row := (await rows(house, tenant)).get(text)) is None or row["state"] != state:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    return row


async def test_a_reply_is_sent_once_and_its_row_has_the_providers_id(house: House, provider: Provider) -> None:
    cell = await house.cell()
    await reply(house, cell, "hello")
    row = await come_to(house, "hello", "sent")

    assert provider.texts() == ["hello"]
    assert (row["provider_id"], row["attempts"], row["maybe_duplicate"]) == (f"p-{row['outbox_id']}", 1, 0)
    [outgoing] = provider.calls
    assert (outgoing.tenant, outgoing.conversation_id, outgoing.channel) == ("acme", "main", "outside")
    assert (outgoing.attempt, outgoing.maybe_duplicate, outgoing.trace_id != "") == (1, False, True)


async def test_a_reply_is_sent_without_waiting_for_a_tick(house: House, provider: Provider) -> None:
    house.limits = within(LIMITS, tick_s=3_600)
    cell = await house.cell()
    await reply(house, cell, "one", "two", "three")
    await come_to(house, "three", "sent")

    assert provider.texts() == ["one", "two", "three"]


async def test_the_row_says_sending_while_the_call_runs(house: House, provider: Provider) -> None:
    gate = asyncio.Event()
    provider.meets["hello"] = [gate]
    cell = await house.cell()
    await reply(house, cell, "hello")
    await provider.until_called("hello")
    row = (await rows(house))["hello"]
    [tenant] = cell.status()["tenants"]  # type: ignore[misc]
    gate.set()
    await come_to(house, "hello", "sent")

    assert (row["state"], row["attempts"], tenant["sending"]) == ("sending", 1, 1)


async def test_a_head_that_is_tried_again_holds_back_its_conversation_and_no_other(
    house: House, provider: Provider
) -> None:
    provider.meets["a1"] = [Retryable("down")]
    cell = await house.cell()
    await reply(house, cell, "a1", to="a")
    await provider.until_called("a1")
    await come_to(house, "a1", "queued")
    await reply(house, cell, "a2", "a3", to="a")
    await reply(house, cell, "b1", "b2", to="b")
    await provider.until_arrived("b1", "b2")
    assert provider.texts() == ["b1", "b2"]
    house.clock.advance(73)
    await come_to(house, "a3", "sent")

    assert provider.texts() == ["b1", "b2", "a1", "a2", "a3"]
    assert (await rows(house))["a1"]["attempts"] == 2


async def test_what_is_refused_for_good_is_a_dead_letter_and_the_next_goes_on(house: House, provider: Provider) -> None:
    provider.meets["bad"] = [Terminal("blocked by the user")]
    cell, journal = await house.cell(), house.journal()
    letters = DeadLetters(journal, cell.replay)
    await reply(house, cell, "bad", "good")
    row = await come_to(house, "bad", "failed")
    await come_to(house, "good", "sent")
    [letter] = (await letters.list("acme"))["dead_letters"]  # type: ignore[misc]
    shown = await letters.show("acme", letter["id"])
    assert (letter["kind"], letter["actor"], letter["attempts"]) == ("outbox", "outbox/main", 1)
    assert letter["cause"] == row["error"] == "Terminal: blocked by the user"
    assert letter["trace_id"] == provider.calls[0].trace_id
    assert shown["body"] == {"type": "outside", "fields": {"text": "bad"}}

    replayed = [(await letters.replay("acme", letter["id"]))["replayed"] for _ in range(2)]
    await come_to(house, "bad", "sent")
    assert (await letters.list("acme"))["dead_letters"] == []
    assert (await letters.replay("acme", letter["id"]))["replayed"] is False
    await asyncio.to_thread(journal.close)
    assert replayed == [True, False]
    assert provider.texts() == ["good", "bad"]


async def test_tries_end_in_a_dead_letter(house: House, provider: Provider) -> None:
    provider.meets["hello"] = [Retryable("down") for _ in range(3)]
    cell = await house.cell()
    await reply(house, cell, "hello")
    for attempt in (1, 2):
        await provider.until_called("hello", attempt)
        await come_to(house, "hello", "queued")
        house.clock.advance(150)
    row = await come_to(house, "hello", "failed")

    assert (row["attempts"], row["error"], provider.texts()) == (3, "Retryable: down", [])


async def test_a_reached_rate_is_waited_for_and_takes_no_try(house: House, provider: Provider) -> None:
    provider.meets["hello"] = [Overloaded("80 a second", retry_after=2) for _ in range(5)]
    cell = await house.cell()
    await reply(house, cell, "hello")
    for times in range(1, 6):
        await provider.until_called("hello", times)
        await come_to(house, "hello", "queued")
        house.clock.advance(3)
    row = await come_to(house, "hello", "sent")

    assert (row["attempts"], provider.called()["hello"]) == (1, 6)


async def test_what_is_too_late_or_has_no_channel_is_not_sent_and_a_dead_letter(
    house: House, provider: Provider
) -> None:
    provider.meets["late"] = [Retryable("down")]
    cell = await house.cell()
    await reply(house, cell, "late", ttl_s=100.0)
    await provider.until_called("late")
    await come_to(house, "late", "queued")
    house.clock.advance(200)
    assert "not sent in time" in (await come_to(house, "late", "failed"))["error"]
    await reply(house, cell, "where", channel="carrier pigeon")
    assert "carrier pigeon" in (await come_to(house, "where", "failed"))["error"]

    assert provider.texts() == []


@pytest.mark.parametrize("tells", [True, False])
async def test_a_call_that_was_lost_is_made_again_with_a_flag_only_where_the_channel_cannot_tell(
    house: House, provider: Provider, tells: bool
) -> None:
    provider.tells = tells
    provider.meets["hello"] = [LOST]
    cell = await house.cell()
    await reply(house, cell, "hello", "after")
    await provider.until_asked()
    assert (await rows(house))["hello"]["state"] == "sending"  # it may still arrive
    house.clock.advance(SETTLE_S)
    if tells:
        await come_to(house, "hello", "queued")
        house.clock.advance(80)
    row = await come_to(house, "hello", "sent")
    await come_to(house, "after", "sent")

    assert (row["maybe_duplicate"], row["attempts"]) == (int(not tells), 2)
    assert provider.texts() == ["hello", "after"]
    assert provider.calls[1].maybe_duplicate is (not tells)


async def test_a_call_whose_answer_was_lost_is_not_made_again_where_the_channel_tells(
    house: House, provider: Provider
) -> None:
    provider.meets["hello"] = [UNHEARD]
    cell = await house.cell()
    await reply(house, cell, "hello")
    row = await come_to(house, "hello", "sent")

    assert (row["provider_id"], row["maybe_duplicate"]) == (f"p-{row['outbox_id']}", 0)
    assert provider.called()["hello"] == 1


async def test_a_call_that_is_unknown_twice_is_given_up_for_a_person_to_see(house: House, provider: Provider) -> None:
    provider.tells = False
    provider.meets["hello"] = [UNHEARD, UNHEARD]
    cell = await house.cell()
    await reply(house, cell, "hello")
    for times in (1, 2):
        await provider.until_called("hello", times)
        await provider.until_asked(2 * times - 1)
        house.clock.advance(SETTLE_S)
    row = await come_to(house, "hello", "failed")

    assert row["maybe_duplicate"] == 1
    assert "may have arrived" in row["error"]
    assert provider.texts() == ["hello", "hello"]


async def test_a_call_past_its_time_is_asked_about(house: House, provider: Provider) -> None:
    provider.meets["hello"] = [asyncio.Event()]
    house.outlets["outside"] = Outlet(channel=provider, call_s=0.05, settle_s=SETTLE_S)
    cell = await house.cell()
    await reply(house, cell, "hello")
    await provider.until_asked()
    assert (await rows(house))["hello"]["state"] == "sending"
    house.clock.advance(SETTLE_S)
    await come_to(house, "hello", "queued")
    house.clock.advance(80)

    assert (await come_to(house, "hello", "sent"))["maybe_duplicate"] == 0


async def test_a_channel_that_cannot_be_asked_is_asked_again(house: House, provider: Provider) -> None:
    provider.meets["hello"], provider.deaf = [UNHEARD], [Retryable("down"), ConnectionResetError()]
    cell = await house.cell()
    await reply(house, cell, "hello")
    for times in (1, 2):
        await provider.until_asked(times)
        house.clock.advance(5)
    await come_to(house, "hello", "sent")

    assert provider.called()["hello"] == 1


@pytest.mark.parametrize(("tells", "arrives"), [(True, True), (True, False), (False, True)])
async def test_a_call_of_a_former_cell_that_may_still_run_is_waited_for_before_it_is_made_again(
    house: House, provider: Provider, tells: bool, arrives: bool
) -> None:
    house.limits = within(LIMITS, drain_s=0.01)
    provider.tells = tells
    gate = asyncio.Event()
    provider.meets["hello"] = [gate]
    await reply(house, await house.cell(), "hello", "after")
    await provider.until_called("hello")
    await house.cell()  # its successor, of which it does not know
    await provider.until_asked()
    assert (await rows(house))["hello"]["state"] == "sending"
    if arrives:
        gate.set()
        await provider.until_arrived("hello")
    house.clock.advance(OVER_S)
    if not arrives:
        await come_to(house, "hello", "queued")
        house.clock.advance(80)
    row = await come_to(house, "hello", "sent")
    await come_to(house, "after", "sent")

    assert row["maybe_duplicate"] == int(not tells)
    assert provider.called()["hello"] == (1 if tells and arrives else 2)


async def test_what_has_arrived_before_its_cell_died_is_known_at_once(house: House, provider: Provider) -> None:
    cell = await house.cell()
    await reply(house, cell, "hello")
    await come_to(house, "hello", "sent")
    await cell.drain()
    await house.write(lambda connection: connection.execute(table.update().values(state="sending", provider_id="")))
    await house.cell()
    row = await come_to(house, "hello", "sent")

    assert (row["provider_id"], provider.called()["hello"]) == (f"p-{row['outbox_id']}", 1)


async def test_queued_replies_are_sent_by_a_cell_that_starts_though_nobody_calls(
    house: House, provider: Provider
) -> None:
    provider.meets["hello"] = [Overloaded("wait", retry_after=30)]
    cell = await house.cell()
    await reply(house, cell, "hello", "after")
    await provider.until_called("hello")
    await come_to(house, "hello", "queued")
    await cell.drain()
    await house.cell()
    house.clock.advance(60)
    await come_to(house, "after", "sent")

    assert provider.texts() == ["hello", "after"]


async def test_a_drain_sees_running_calls_to_their_end_and_begins_no_other(house: House, provider: Provider) -> None:
    gate = asyncio.Event()
    provider.meets["hello"] = [gate]
    cell = await house.cell()
    await reply(house, cell, "hello", "after")
    await provider.until_called("hello")
    await come_to(house, "after", "queued")
    sender = (await cell.tenant("acme"))._outbox
    draining = asyncio.create_task(cell.drain())
    await until(lambda: sender._stopping)
    gate.set()
    await draining
    found = await rows(house)

    assert (found["hello"]["state"], found["after"]["state"]) == ("sent", "queued")
    assert provider.texts() == ["hello"]


async def test_a_call_that_does_not_end_in_a_drain_is_left_for_the_next_cell_to_ask_about(
    house: House, provider: Provider
) -> None:
    house.limits = within(LIMITS, drain_s=0.01)
    provider.meets["hello"] = [asyncio.Event()]
    cell = await house.cell()
    await reply(house, cell, "hello")
    await provider.until_called("hello")
    await cell.drain()
    assert (await rows(house))["hello"]["state"] == "sending"
    await house.cell()
    await provider.until_asked()
    house.clock.advance(OVER_S)
    await come_to(house, "hello", "queued")
    house.clock.advance(80)

    assert (await come_to(house, "hello", "sent"))["maybe_duplicate"] == 0


async def test_calls_at_once_are_bounded_by_tenant_and_by_channel(house: House, provider: Provider) -> None:
    house.limits = within(LIMITS, sends=4)
    other, gate = Provider(), asyncio.Event()
    house.outlets["outside"] = Outlet(channel=provider, concurrency=3)
    house.outlets["other"] = Outlet(channel=other)
    for n in range(10):
        provider.meets[f"t{n}"], other.meets[f"o{n}"] = [gate], [gate]
    cell = await house.cell()
    await reply(house, cell, *(f"t{n}" for n in range(10)), to="")
    await until(lambda: provider.most_at_once == 3)
    await reply(house, cell, *(f"o{n}" for n in range(10)), to="", channel="other")
    await until(lambda: other.most_at_once == 1)
    await comes(20, lambda: number_of_rows(house))
    assert (provider.most_at_once, other.most_at_once) == (3, 1)
    gate.set()
    for n in range(10):
        await come_to(house, f"t{n}", "sent")
        await come_to(house, f"o{n}", "sent")

    assert (provider.most_at_once, len(provider.arrived), len(other.arrived)) == (3, 10, 10)
    assert other.most_at_once <= 4


async def test_a_tenant_whose_channel_hangs_holds_up_no_other(house: House, provider: Provider) -> None:
    await house.add_tenant("other")
    house.limits = within(LIMITS, sends=2)
    gate = asyncio.Event()
    cell = await house.cell()
    for n in range(5):
        provider.meets[f"t{n}"] = [gate]
        await reply(house, cell, f"t{n}", to=f"t{n}")
    await until(lambda: provider.most_at_once == 2)
    await reply(house, cell, "mine", tenant="other")
    await come_to(house, "mine", "sent", tenant="other")
    assert provider.texts() == ["mine"]
    gate.set()

    await come_to(house, "t4", "sent")


async def test_the_operator_sees_how_many_are_in_which_state(house: House, provider: Provider) -> None:
    await house.add_tenant("other")
    provider.meets = {"bad": [Terminal("no")], "later": [Retryable("down")]}
    cell, journal = await house.cell(), house.journal()
    await reply(house, cell, "bad", "good", "fine")
    await reply(house, cell, "later", tenant="other")
    await come_to(house, "fine", "sent")
    await provider.until_called("later")
    await come_to(house, "later", "queued", tenant="other")
    counts = await journal.read(lambda c: outbox.counts(c, lambda tenant: True), tenant=ACROSS_TENANTS)
    mine = await journal.read(lambda c: outbox.counts(c, lambda tenant: tenant == "other"), tenant=ACROSS_TENANTS)
    await asyncio.to_thread(journal.close)

    assert counts == {"failed": 1, "sent": 2, "queued": 1}
    assert mine == {"queued": 1}
