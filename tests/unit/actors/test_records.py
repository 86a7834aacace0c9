"""One tenant's journal as its readers see it."""

from __future__ import annotations

import pytest
from shop import Shop
from sqlalchemy import Connection
from toys import House, Write, envelope, told

from actors.messages import Say
from actors.records import JournalRecords
from runtime.actor import TurnFacts
from runtime.address import ActorId
from runtime.codec import Codec
from runtime.errors import NotFound
from runtime.journal import Journal
from runtime.principal import Principal, Role
from runtime.store import inbox
from runtime.store.conversations import AppendHistory, TouchConversation
from runtime.store.wall import ACROSS_TENANTS
from runtime.stored import to_row


async def say(journal: Journal, n: int, conversation: str, *, now: float | None = None) -> None:
    """A message and its answer, as a session leaves them."""
    facts = TurnFacts(
        actor=ActorId("acme", "session", conversation),
        principal=Principal(tenant="acme", role=Role.OWNER, identity="key_1", verified_by="api-key"),
        turn_id=f"turn{n}",
        message_id=f"m{n}",
        trace_id="",
        now=float(n) if now is None else now,
        encode=str,
    )

    def apply(connection: Connection) -> None:
        TouchConversation(conversation_id=conversation, channel="web").apply(connection, facts)
        for author, text in (("customer", f"q{n}"), ("assistant", f"a{n}")):
            answer = {"n": n} if author == "assistant" else None
            line = AppendHistory(conversation_id=conversation, author=author, text=text, answer=answer)
            line.apply(connection, facts)

    await journal.write(apply, tenant=ACROSS_TENANTS)


async def test_a_history_is_paged_backwards_and_read_forwards(journal: Journal) -> None:
    for n in range(1, 4):
        await say(journal, n, "c1")
    records = JournalRecords("acme", journal)

    page = await records.history("c1", limit=4)
    assert [line.text for line in page] == ["q2", "a2", "q3", "a3"]
    assert [line.text for line in await records.history("c1", before_seq=page[0].seq)] == ["q1", "a1"]
    assert page[-1].answer == {"n": 3}
    assert await JournalRecords("other", journal).history("c1") == []


async def test_conversations_come_newest_first_in_pages_that_leave_none_out(journal: Journal) -> None:
    for n, conversation in enumerate(["c1", "c2", "c3", "c1"], start=1):
        await say(journal, n, conversation)
    await say(journal, 5, "c4", now=3.0)  # at the same moment as c3
    records = JournalRecords("acme", journal)

    everything = await records.conversations()
    assert everything[0].conversation_id == "c1"
    assert everything[0].last_text == "a4"
    paged = []
    before = ""
    while page := await records.conversations(limit=1, before=before):
        before = page[-1].conversation_id
        paged += page
    assert paged == everything
    with pytest.raises(NotFound):
        await JournalRecords("other", journal).conversation("c1")


async def test_a_message_is_pending_then_done_with_its_answer(house: House) -> None:
    journal = house.journal()
    cell = await house.cell()
    gate = house.stage.hold("hello")
    message = envelope(Write(text="hello"), house.clock, key="c1")
    await cell.accept([message])
    records = JournalRecords("acme", journal)
    pending = await records.message(message.message_id)
    gate.set()
    await told(cell, message.message_id)
    done = await records.message(message.message_id)

    assert (pending.state, pending.text, pending.answer, pending.conversation_id) == ("pending", "hello", None, "c1")
    assert (done.state, done.answer) == ("done", {"status": "answered", "answer": "hello"})
    with pytest.raises(NotFound):
        await JournalRecords("other", journal).message(message.message_id)
    journal.close()


async def test_a_dead_message_tells_why(house: House, journal: Journal) -> None:
    message = envelope(Say(text="hi", conversation_id="c1", channel="web"), house.clock, kind="session", key="c1")
    row = to_row(message, Codec([Say]), 0.0)
    await journal.write(lambda c: inbox.accept(c, row), tenant=ACROSS_TENANTS)
    await journal.write(lambda c: inbox.bury(c, row, cause="Terminal: no", now=1.0), tenant=ACROSS_TENANTS)

    record = await JournalRecords("acme", journal).message(message.message_id)
    assert (record.state, record.error) == ("dead", "Terminal: no")


async def test_a_citation_leads_to_its_chunk_and_the_text_that_it_stands_in(shop: Shop) -> None:
    await shop.ingest("d1")
    chunk = await shop.records().chunk("d1", "d1:1:1")

    assert (chunk.start, chunk.end, chunk.parsed_key, chunk.title) == (1, 2, "parsed/d1/1", "d1 v1")
    with pytest.raises(NotFound):
        await shop.records("other").chunk("d1", "d1:1:1")


async def test_documents_are_listed_in_pages(shop: Shop) -> None:
    for name in ("a", "b", "c"):
        await shop.submit(name)
    first = await shop.records().documents(limit=2)

    assert [document.document_id for document in first] == ["a", "b"]
    assert [document.document_id for document in await shop.records().documents(after="b")] == ["c"]
