"""A cell in this process alone, for an actor's author: it needs no more than a database's address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from runtime import (
    Actor,
    ActorId,
    Cell,
    Envelope,
    Kind,
    Principal,
    Role,
    Terminal,
    Turn,
    Verdict,
    answer_with,
    handles,
    open_cell,
)
from runtime.journal import Journal
from runtime.store import tenants
from runtime.store.tables import leases
from runtime.store.wall import ACROSS_TENANTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A question: how many signed since this actor woke."""


class GuestBook(Actor):
    signed = 0

    @handles(Sign)
    async def sign(self, turn: Turn, message: Sign) -> None:
        self.signed += 1
        answer_with(turn, {"answer": f"Welcome, {message.name}."}, conversation_id="book", text=message.name)

    @handles(Count, read_only=True)
    async def count(self, turn: Turn, message: Count) -> int:
        return self.signed


BOOKS = {"book": Kind(actor=GuestBook)}


def _from_ada(body: object, message_id: str = "") -> Envelope:
    ada = Principal(tenant="inn", role=Role.ANONYMOUS, identity="ada", verified_by="test")
    return Envelope.first(ActorId("inn", "book"), body, ada, message_id=message_id)


async def _done(cell: Cell, message_id: str) -> Mapping[str, object]:
    [done] = [event.data async for event in cell.events("inn", message_id) if event.event == "done"]
    return done


async def test_it_is_made_with_its_tenants_and_goes_on_where_it_was(empty_database: str) -> None:
    async with open_cell(empty_database, BOOKS, tenants=["inn"]) as cell:
        [first] = await cell.accept([_from_ada(Sign(name="Ada"), "msg_1")])
        told = await _done(cell, "msg_1")
        assert await cell.ask(_from_ada(Count())) == 1
    async with open_cell(empty_database, BOOKS, tenants=["inn"]) as cell:
        [again] = await cell.accept([_from_ada(Sign(name="Ada"), "msg_1")])
        told_later = await _done(cell, "msg_1")
        assert await cell.ask(_from_ada(Count())) == 0

    assert (first.verdict, again.verdict) == (Verdict.ACCEPTED, Verdict.DUPLICATE)
    assert told == told_later == {"answer": "Welcome, Ada."}


async def test_tenants_that_are_there_stay_as_they_are(database: str, journal: Journal) -> None:
    await journal.write(lambda c: tenants.create(c, "inn", "The Inn", "emb_inn", 5.0), tenant="inn")

    async with open_cell(database, BOOKS, tenants=["inn", "other"]):
        pass
    found = await journal.read(tenants.every, tenant=ACROSS_TENANTS)

    assert [(row.tenant, row.name, row.embed_key) for row in found if row.tenant == "inn"] == [
        ("inn", "The Inn", "emb_inn")
    ]
    assert {row.tenant for row in found} >= {"inn", "other"}


async def test_only_what_is_named_as_durable_is_accepted(database: str) -> None:
    async with open_cell(database, BOOKS, tenants=["inn"], durable=[Count]) as cell:
        with pytest.raises(Terminal, match="Sign is not a durable message"):
            await cell.accept([_from_ada(Sign(name="Ada"))])


async def test_a_block_that_fails_drains_the_cell_so_that_another_may_serve_at_once(
    database: str, journal: Journal
) -> None:
    async def fail_inside() -> None:
        async with open_cell(database, BOOKS, tenants=["inn"]) as cell:
            await cell.ask(_from_ada(Count()))
            raise RuntimeError("the block")

    with pytest.raises(RuntimeError, match="the block"):
        await fail_inside()

    expiry = await journal.read(lambda c: c.execute(select(leases.c.expires_at)).scalars().all(), tenant=ACROSS_TENANTS)
    assert expiry == [0.0]
