"""Where a call's outcome can't be found out, or its cell was frozen: nothing is sent behind another's back."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable

import pytest
from provider import LOST, Provider
from sqlalchemy import Connection, select
from toys import LIMITS, SOON_S, House, Reply, envelope, until, within

from runtime.cell import Cell
from runtime.channel import Outlet
from runtime.dead_letters import DeadLetters
from runtime.errors import Unavailable
from runtime.journal import Journal
from runtime.outbox import START_S
from runtime.store import leases
from runtime.store.database import open_engine
from runtime.store.tables import outbox
from runtime.store.wall import ACROSS_TENANTS, enter

TTL_S = 200.0


@pytest.fixture
def provider(house: House) -> Provider:
    made = Provider()
    house.outlets["outside"] = Outlet(channel=made)
    return made


async def _states(journal: Journal) -> list[str]:
    statement = select(outbox.c.state).order_by(outbox.c.seq)
    return await journal.read(lambda c: list(c.execute(statement).scalars()), tenant="acme")


async def _come_to(journal: Journal, states: list[str], meanwhile: Callable[[], None] = lambda: None) -> None:
    async with asyncio.timeout(SOON_S):
        while await _states(journal) != states:
            meanwhile()
            await asyncio.sleep(0.005)


async def test_a_channel_that_can_never_be_asked_is_asked_until_the_deadline_and_then_a_person_is(
    house: House, journal: Journal, provider: Provider
) -> None:
    provider.meets["hello"], provider.deaf = [LOST], [ConnectionError("away") for _ in range(10_000)]
    cell = await house.cell()
    await cell.accept([envelope(Reply(text="hello", ttl_s=TTL_S), house.clock)])
    for _ in range(3):
        await provider.until_asked(len(provider.asked) + 1)
        house.clock.advance(TTL_S / 4)
    assert await _states(journal) == ["sending"]

    async with asyncio.timeout(SOON_S):
        while await _states(journal) != ["failed"]:
            house.clock.advance(TTL_S / 4)
            await asyncio.sleep(0.005)
    told = await DeadLetters(journal, cell.replay).list("acme")

    [letter] = told["dead_letters"]  # type: ignore[misc]
    assert letter["maybe_duplicate"] is True
    assert "could not be asked" in letter["cause"]
    assert "may have arrived" in letter["cause"]
    assert provider.called() == {"hello": 1}


async def test_a_call_is_not_begun_by_a_cell_that_was_frozen_after_its_mark_while_another_took_over(
    house: House, journal: Journal, provider: Provider
) -> None:
    house.limits = within(LIMITS, tick_s=3_600)
    gate, begun, go_on = asyncio.Event(), threading.Event(), threading.Event()
    provider.meets["first"] = [gate]
    cell = await house.cell()
    for text in ("first", "second"):
        await cell.accept([envelope(Reply(text=text), house.clock)])
    await provider.until_called("first")
    await _come_to(journal, ["sending", "queued"])
    for _ in range(3):
        await house.write(lambda connection: None)  # whatever the outbox had to write for that is written by then

    def hold_the_writer(connection: Connection) -> None:
        begun.set()
        go_on.wait(SOON_S)

    held = asyncio.create_task(house.write(hold_the_writer))
    await until(begun.is_set)
    gate.set()
    await until(lambda: _writes_waiting(cell) > 0)  # the mark of the second is on its way
    go_on.set()
    _freeze_until_another_has_taken_over(house)
    await until(lambda: _fenced(cell))
    await held

    assert provider.called() == {"first": 1}


def _writes_waiting(cell: Cell) -> int:
    return int(cell.status()["journal"]["waiting"])  # type: ignore[index]


def _fenced(cell: Cell) -> bool:
    try:
        cell.lease("acme")
    except Unavailable:
        return True
    return False


def _freeze_until_another_has_taken_over(house: House) -> None:
    """Without letting the loop go on, as in a process that is stopped."""
    reader, until = open_engine(house.url, read_only=True, pool_size=1), time.monotonic() + SOON_S
    states: list[str] = []
    while states != ["sent", "sending"] and time.monotonic() < until:
        with reader.begin() as connection:
            enter(connection, ACROSS_TENANTS)
            states = list(connection.execute(select(outbox.c.state).order_by(outbox.c.seq)).scalars())
    reader.dispose()
    assert states == ["sent", "sending"]
    writer = open_engine(house.url, pool_size=1)
    with writer.begin() as connection:
        enter(connection, ACROSS_TENANTS)
        leases.acquire(connection, "acme", "cell-1", house.clock.now() + 1_000, 15.0)
    writer.dispose()
    house.clock.advance(START_S + 1)
