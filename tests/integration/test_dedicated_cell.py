"""A cell of one tenant's own, as a real Ray actor beside a shared one: whom it serves, and the move there and back."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import psutil
import pytest
from sqlalchemy import Connection, insert, select
from toy_cell import Job, Question, build

from runtime.address import ActorId
from runtime.cell_client import RayCells
from runtime.cell_host import start_cell
from runtime.cell_link import CALL_DEADLINE_S, CellLink
from runtime.clock import SystemClock
from runtime.ids import new_id
from runtime.journal import Journal
from runtime.limits import Limits
from runtime.message import Envelope, StreamEvent, Trace
from runtime.principal import Principal, Role
from runtime.routes import Routes
from runtime.store import placements
from runtime.store.tables import dead_letters, history, inbox, tenants
from runtime.store.wall import ACROSS_TENANTS

pytestmark = pytest.mark.timeout(120)

SOON_S = 60.0
ANSWER_S = 10.0  # well above a move; well below the time after which a reader that nobody tells anything asks again
_LIMITS = Limits(tick_s=0.05, lease_ttl_s=5.0)
BIG = "acme"
OTHERS = tuple(f"small_{n}" for n in range(12))


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoCells:
    """``shared`` takes any tenant, ``own`` only those that are placed there."""

    shared: str
    own: str
    cells: RayCells
    journal: Journal
    clock: SystemClock

    def envelope(self, tenant: str, body: object, *, key: str = "main") -> Envelope:
        return Envelope(
            message_id=new_id("msg"),
            to=ActorId(tenant, "worker", key),
            principal=Principal(tenant=tenant, role=Role.OWNER, identity="k", verified_by="api-key"),
            body=body,
            trace=Trace.new(),
            deadline=self.clock.now() + 300,
            sender=key,
        )

    async def write(self, work: Callable[[Connection], Any]) -> None:
        await self.journal.write(work, tenant=ACROSS_TENANTS)

    async def rows(self, statement: Any) -> list[Any]:
        return list(await self.journal.read(lambda c: c.execute(statement).scalars().all(), tenant=ACROSS_TENANTS))

    async def status(self, cell: str) -> dict[str, Any]:
        return dict(await CellLink(cell).once("administer", "status", {}))

    async def served_by(self, tenant: str) -> int:
        """The process that answers a question to ``tenant``."""
        return int(str(await self.cells.ask(self.envelope(tenant, Question(text="who"), key="who"))).split()[1])

    async def place(self, cell: str) -> None:
        """Return once ``cell``, its own or (unpinned) the shared one, serves the big tenant."""
        if cell == self.own:
            await self.write(lambda connection: placements.pin(connection, BIG, cell))
        else:
            await self.write(lambda connection: placements.unpin(connection, BIG))
        pid = (await self.status(cell))["pid"]
        async with asyncio.timeout(SOON_S):
            while await self.served_by(BIG) != pid:  # noqa: ASYNC110 (nobody tells when a move is over)
                await asyncio.sleep(0.02)


@pytest.fixture
async def two(ray_address: str, walled: str) -> AsyncIterator[TwoCells]:
    import ray

    clock, journal = SystemClock(), Journal(walled)
    made = TwoCells(
        shared=new_id("shared"),
        own=new_id("own"),
        cells=RayCells(
            Routes(lambda: journal.read(placements.load, tenant=ACROSS_TENANTS), clock),
            hold_s=SOON_S,
        ),
        journal=journal,
        clock=clock,
    )
    rows = [
        {"tenant_id": name, "name": name, "embed_key": f"e-{name}", "state": "active", "created_at": 0}
        for name in (BIG, *OTHERS)
    ]
    await made.write(lambda connection: connection.execute(insert(tenants), rows))
    await made.write(lambda connection: placements.add(connection, made.own, clock.now(), dedicated=True))
    actors = [
        start_cell(name, functools.partial(build, walled, "", limits=_LIMITS)) for name in (made.shared, made.own)
    ]
    try:
        assert await asyncio.gather(*(actor.ready.remote() for actor in actors)) == [True, True]
        yield made
    finally:
        for actor in actors:
            ray.kill(actor)
        journal.close()


async def test_a_dedicated_cell_serves_the_tenant_placed_there_and_no_other_also_once_it_was_killed(
    two: TwoCells,
) -> None:
    shared, own = [(await two.status(cell))["pid"] for cell in (two.shared, two.own)]
    assert {await two.served_by(tenant) for tenant in (BIG, *OTHERS)} == {shared}

    await two.place(two.own)
    assert await two.served_by(BIG) == own
    assert {await two.served_by(tenant) for tenant in OTHERS} == {shared}

    process = psutil.Process(own)
    process.kill()
    await asyncio.to_thread(process.wait, 10)
    letters = [two.envelope(tenant, Job(text=tenant)) for tenant in (BIG, *OTHERS)]
    await two.cells.accept(letters)
    seen = await asyncio.gather(*(_events(two, letter) for letter in letters))
    assert [events[-1].data["answer"] for events in seen] == [BIG, *OTHERS]
    assert await two.served_by(BIG) not in (shared, own)
    assert {await two.served_by(tenant) for tenant in OTHERS} == {shared}
    assert [each["tenant"] for each in (await two.status(two.own))["tenants"]] == [BIG]
    assert BIG not in [each["tenant"] for each in (await two.status(two.shared))["tenants"]]


async def test_a_tenant_that_moves_to_its_own_cell_and_back_under_load_keeps_all_and_loses_and_doubles_nothing(
    two: TwoCells,
) -> None:
    first = two.envelope(BIG, Job(text="before the move"), key="first")
    await two.cells.accept([first])
    assert (await _events(two, first))[-1].event == "done"
    sent: dict[str, list[Envelope]] = {f"k{n}": [] for n in range(6)}
    over = False

    async def talk(key: str) -> None:
        """One message after the other, each answered."""
        while not over:
            message = two.envelope(BIG, Job(text=f"{key} {len(sent[key])}", tokens=2), key=key)
            sent[key].append(message)
            async with asyncio.timeout(ANSWER_S):
                await two.cells.accept([message])
                told = await _events(two, message)
            assert told[-1].data["answer"] == message.body.text  # type: ignore[attr-defined]

    async with asyncio.TaskGroup() as talking:
        for key in sent:
            talking.create_task(talk(key))
        for cell in (two.own, two.shared, two.own):
            moved_at = {key: len(mine) for key, mine in sent.items()}
            await two.place(cell)
            await _until_each_has(sent, moved_at, more=3)
            told = await _events(two, first)  # what it had before the move is there
            assert told[-1].data["answer"] == "before the move"
        over = True

    expected = [first, *(message for mine in sent.values() for message in mine)]
    done = await two.rows(select(inbox.c.message_id).where(inbox.c.tenant_id == BIG, inbox.c.state == "done"))
    answers = await two.rows(select(history.c.message_id).where(history.c.tenant_id == BIG).order_by(history.c.seq))
    assert sorted(done) == sorted(message.message_id for message in expected)
    assert sorted(answers) == sorted(done)
    for mine in sent.values():
        of_one = [message.message_id for message in mine]
        assert [answer for answer in answers if answer in of_one] == of_one  # in the order of acceptance
    assert await two.rows(select(dead_letters.c.message_id)) == []


async def test_a_call_that_a_frozen_cell_has_is_answered_by_the_cell_that_the_tenant_is_given_to(two: TwoCells) -> None:
    shared, own = [(await two.status(cell))["pid"] for cell in (two.shared, two.own)]
    assert await two.served_by(BIG) == shared
    frozen = psutil.Process(shared)
    frozen.suspend()
    try:
        # Both go to the frozen cell: it is known for the tenant's since just now.
        asking = asyncio.create_task(two.served_by(BIG))
        letter = two.envelope(BIG, Job(text="kept"))
        telling = asyncio.create_task(two.cells.accept([letter]))
        await two.write(lambda connection: placements.pin(connection, BIG, two.own))
        async with asyncio.timeout(CALL_DEADLINE_S / 2):  # the frozen cell's lease must run out
            assert await asking == own
            await telling
    finally:
        frozen.resume()
    assert (await _events(two, letter))[-1].data["answer"] == "kept"
    assert await two.rows(select(history.c.message_id).where(history.c.tenant_id == BIG)) == [letter.message_id]


async def _events(two: TwoCells, message: Envelope) -> list[StreamEvent]:
    async with asyncio.timeout(SOON_S):
        return [event async for event in two.cells.events(message.to.tenant, message.message_id)]


async def _until_each_has(sent: dict[str, list[Envelope]], before: dict[str, int], *, more: int) -> None:
    async with asyncio.timeout(SOON_S):
        while any(len(mine) < before[key] + more for key, mine in sent.items()):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
