"""Dead letters are visible, told without secrets, and replayed with one effect at most."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from sqlalchemy import delete
from toys import House, Look, Write, envelope, rest, told

from runtime.cell import Cell
from runtime.dead_letters import HIDDEN, DeadLetters, redacted
from runtime.errors import Conflict, Invalid, NotFound, Retryable, Terminal
from runtime.journal import Journal
from runtime.message import Envelope
from runtime.store import dead_letters
from runtime.store.tables import inbox
from runtime.store.wall import ACROSS_TENANTS


@dataclass
class Office:
    house: House
    cell: Cell
    journal: Journal
    letters: DeadLetters

    async def bury(self, text: str, *, tenant: str = "acme", message_id: str = "") -> Envelope:
        """A message that cannot be handled, given up."""
        self.house.stage.failures[text] = [Terminal("cannot be")]
        message = envelope(Write(text=text), self.house.clock, tenant=tenant, message_id=message_id)
        await self.cell.accept([message])
        await told(self.cell, message.message_id, tenant=tenant)
        return message

    async def listed(self, tenant: str = "") -> list[str]:
        found = (await self.letters.list(tenant))["dead_letters"]
        assert isinstance(found, list)
        return [letter["id"] for letter in found]


@pytest.fixture
async def office(house: House) -> AsyncIterator[Office]:
    await house.add_tenant("other")
    cell, journal = await house.cell(), house.journal()
    yield Office(house, cell, journal, DeadLetters(journal, cell.replay))
    await asyncio.to_thread(journal.close)


async def test_a_letter_tells_who_why_when_and_its_trace(office: Office) -> None:
    message = await office.bury("hello")

    [letter] = (await office.letters.list("acme"))["dead_letters"]  # type: ignore[misc]
    assert letter["id"] == message.message_id
    assert (letter["tenant"], letter["actor"], letter["kind"], letter["attempts"]) == ("acme", "toy/main", "toy", 1)
    assert letter["cause"] == "Terminal: cannot be"
    assert letter["trace_id"] == message.trace.trace_id
    shown = await office.letters.show("acme", message.message_id)
    assert shown["body"] == {"type": "Write", "fields": {"text": "hello"}}
    assert (shown["sender"], shown["role"], shown["verified_by"]) == ("someone", "owner", "api-key")


def test_nothing_that_is_named_like_a_secret_is_shown() -> None:
    body = {"text": "x", "api_key": "k", "nested": [{"Password": "p", "access_token": {"value": "t"}, "n": 1}]}

    assert redacted(body) == {
        "text": "x",
        "api_key": HIDDEN,
        "nested": [{"Password": HIDDEN, "access_token": HIDDEN, "n": 1}],
    }


async def test_a_replayed_message_is_handled_and_its_reader_gets_the_answer(office: Office) -> None:
    message = await office.bury("hello")
    office.house.clock.advance(10_000)  # its deadline has long passed
    assert (await office.letters.replay("acme", message.message_id))["replayed"] is True
    await office.house.stage.saw("ended", "hello")
    events = await told(office.cell, message.message_id)

    assert events[-1].data == {"status": "answered", "answer": "hello"}
    assert await office.house.answers() == ["hello"]
    assert await office.listed() == []
    assert await office.journal.read(dead_letters.count, tenant=ACROSS_TENANTS) == 0


async def test_replaying_twice_or_what_is_done_changes_nothing(office: Office) -> None:
    message = await office.bury("hello")
    replayed = [(await office.letters.replay("acme", message.message_id))["replayed"] for _ in range(3)]
    await office.house.stage.saw("ended", "hello")
    await told(office.cell, message.message_id)
    replayed.append((await office.letters.replay("acme", message.message_id))["replayed"])
    again = await office.cell.accept([message])

    assert replayed == [True, False, False, False]
    assert [str(receipt.verdict) for receipt in again] == ["duplicate"]
    assert await office.house.answers() == ["hello"]


async def test_a_replayed_message_starts_from_its_first_try_and_may_die_again(office: Office) -> None:
    message = await office.bury("hello")
    office.house.stage.failures["hello"] = [Retryable("later"), Terminal("never")]
    await office.letters.replay("acme", message.message_id)
    await office.house.stage.saw("started", "hello", times=2)
    await rest(office.cell)
    office.house.clock.advance(100)
    await office.house.stage.saw("started", "hello", times=3)

    async with asyncio.timeout(10):
        while await office.listed() != [message.message_id]:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    shown = await office.letters.show("acme", message.message_id)
    assert (shown["cause"], shown["attempts"], shown["replayed_at"]) == ("Terminal: never", 2, None)


async def test_a_replay_outlives_the_cell(office: Office) -> None:
    message = await office.bury("hello")
    gate = office.house.stage.hold("hello")
    await office.letters.replay("acme", message.message_id)
    successor = await office.house.cell()
    gate.set()
    await told(successor, message.message_id)

    assert await office.house.answers() == ["hello"]


async def test_a_tenant_sees_and_replays_its_own_letters_only_and_the_operator_all(office: Office) -> None:
    mine = await office.bury("mine", message_id="m1")
    theirs = await office.bury("theirs", tenant="other")
    both = await office.bury("both", tenant="other", message_id="m1")

    assert await office.listed("acme") == [mine.message_id]
    assert await office.listed("") == [both.message_id, theirs.message_id, mine.message_id]
    for look in (office.letters.show, office.letters.replay):
        with pytest.raises(NotFound):
            await look("acme", theirs.message_id)
        with pytest.raises(Invalid, match="acme, other"):
            await look("", "m1")
    assert (await office.letters.show("", theirs.message_id))["tenant"] == "other"
    with pytest.raises(NotFound):
        await office.letters.list("nobody")


async def test_a_list_is_paged_newest_first(office: Office) -> None:
    buried = [(await office.bury(f"t{n}")).message_id for n in range(3)]
    first = await office.letters.list("acme", limit=2)
    following = first["next"]
    assert isinstance(following, int)
    rest = await office.letters.list("acme", limit=2, before=following)

    found = [letter["id"] for page in (first, rest) for letter in page["dead_letters"]]  # type: ignore[attr-defined]
    assert found == buried[::-1]
    assert rest["next"] is None
    with pytest.raises(Invalid):
        await office.letters.list("acme", limit=1_000)


async def test_a_letter_whose_message_is_not_kept_any_more_is_shown_and_not_replayed(office: Office) -> None:
    message = await office.bury("hello")
    gone = delete(inbox).where(inbox.c.message_id == message.message_id)
    await office.journal.write(lambda connection: connection.execute(gone), tenant="acme")

    assert (await office.letters.show("acme", message.message_id))["body"] is None
    with pytest.raises(Conflict):
        await office.letters.replay("acme", message.message_id)
    with pytest.raises(NotFound):
        await office.cell.replay("acme", "msg_nobody_knows")


async def test_what_this_version_cannot_read_is_shown_without_its_body(office: Office) -> None:
    message = envelope(Look(text="x"), office.house.clock)
    office.house.stage.failures["x"] = [Terminal("no")]
    await office.cell.accept([message])
    await told(office.cell, message.message_id)
    spoil = inbox.update().where(inbox.c.message_id == message.message_id).values(body="no json")
    await office.journal.write(lambda connection: connection.execute(spoil), tenant="acme")

    assert (await office.letters.show("acme", message.message_id))["body"] is None
