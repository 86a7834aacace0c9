"""A draft is decided on once, and the history says what was really said."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

import pytest
from sqlalchemy import select

from runtime.actor import Effect, TurnFacts
from runtime.address import ActorId
from runtime.journal import Journal
from runtime.principal import Principal, Role
from runtime.store import drafts, outbox
from runtime.store.conversations import AppendHistory, SendOut
from runtime.store.drafts import NOT_SENT, DiscardDraft, ReleaseDraft, ReviseDraft
from runtime.store.tables import history

DRAFT = "out_t1"


class Desk:
    def __init__(self, journal: Journal) -> None:
        self.journal = journal

    async def does(self, *effects: Effect, turn: str = "t2", tenant: str = "acme") -> None:
        facts = TurnFacts(
            actor=ActorId(tenant, "session", "c"),
            principal=Principal(tenant=tenant, role=Role.OWNER, identity="k", verified_by="api-key"),
            turn_id=turn,
            message_id=f"m-{turn}",
            trace_id="",
            now=5.0,
            encode=str,
        )
        for effect in effects:
            await self.journal.write(partial(effect.apply, facts=facts), tenant=tenant)

    async def state(self) -> str:
        found = await self.journal.read(partial(drafts.find, tenant="acme", outbox_id=DRAFT), tenant="acme")
        assert found is not None
        return found.state

    async def said(self) -> str:
        return str(await self.journal.read(lambda c: c.execute(select(history.c.text)).scalar_one(), tenant="acme"))

    async def claimed(self) -> int:
        claim = partial(outbox.claim, tenant="acme", now=9.0, limit=5, busy=(), room={})
        return len((await self.journal.write(claim, tenant="acme"))[0])


@pytest.fixture
async def desk(database: str) -> AsyncIterator[Desk]:
    made = Desk(Journal(database))
    line = AppendHistory(conversation_id="c", author="assistant", text="Yes.")
    await made.does(line, SendOut(conversation_id="c", channel="email", body={"text": "Yes."}, draft=True), turn="t1")
    yield made
    made.journal.close()


async def test_a_draft_is_not_sent_before_it_is_released_and_then_once(desk: Desk) -> None:
    assert await desk.claimed() == 0
    await desk.does(ReleaseDraft(outbox_id=DRAFT))
    assert [await desk.claimed(), await desk.claimed()] == [1, 0]
    await desk.does(ReleaseDraft(outbox_id=DRAFT), DiscardDraft(outbox_id=DRAFT))

    assert await desk.state() == "sending"
    assert await desk.claimed() == 0
    assert await desk.said() == "Yes."


async def test_changed_words_are_what_the_history_says(desk: Desk) -> None:
    await desk.does(ReviseDraft(outbox_id=DRAFT, body={"text": "No."}))

    assert await desk.said() == "No."
    assert await desk.state() == "draft"


async def test_what_was_discarded_stays_unsent(desk: Desk) -> None:
    await desk.does(DiscardDraft(outbox_id=DRAFT), ReleaseDraft(outbox_id=DRAFT))

    assert await desk.state() == "discarded"
    assert await desk.said() == NOT_SENT
    assert await desk.claimed() == 0


async def test_nobody_decides_on_anothers_draft(desk: Desk) -> None:
    await desk.does(ReleaseDraft(outbox_id=DRAFT), tenant="rival")

    assert await desk.state() == "draft"
    found = await desk.journal.read(partial(drafts.waiting, tenant="rival", limit=5), tenant="rival")
    assert found == []
