"""Whose question it is decides what is searched: the principal that the message carries, nothing in the message."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from toys import LIMITS, FakeClock, House, envelope

from actors.audience import Audience
from actors.messages import AskSet, Found, Search, SetAnswer
from actors.retrieval.actor import RetrievalActor
from runtime.actor import ActorContext, Kind
from runtime.cell import Cell
from runtime.codec import Codec
from runtime.journal import Journal
from runtime.principal import Role

INSIDE = (Role.OWNER, Role.STAFF)


@pytest.mark.parametrize("role", Role)
async def test_only_owners_and_staff_search_all_documents_and_get_set_answers(
    role: Role, house: House, journal: Journal, clock: FakeClock
) -> None:
    searched: list[Audience] = []

    async def search(request: Search, reader: Audience) -> Found:
        searched.append(reader)
        return Found(results=())

    async def ask_set(request: AskSet) -> SetAnswer:
        return SetAnswer(planned=True)

    def make(context: ActorContext) -> RetrievalActor:
        return RetrievalActor(context, search=search, ask_set=ask_set)

    cell = Cell(
        "cell-0",
        kinds={"retrieval": Kind(actor=RetrievalActor, make=make)},
        journal=journal,
        codec=Codec([]),
        clock=clock,
        random=random.Random(7),
        limits=LIMITS,
    )
    await cell.start()
    for body in (Search(query="x"), AskSet(question="x")):
        message = envelope(body, clock, kind="retrieval")
        reply = await cell.ask(replace(message, principal=replace(message.principal, role=role)))
    await cell.drain()

    assert searched == [Audience.STAFF if role in INSIDE else Audience.PUBLIC]
    assert reply == SetAnswer(planned=role in INSIDE)
