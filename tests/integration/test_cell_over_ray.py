"""A cell in a real Ray actor: what was accepted is answered once, whatever happens to the process."""

from __future__ import annotations

import asyncio
import functools
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import insert, select
from stores import STORES
from toy_cell import FRAIL, Job, Question, build

from runtime.address import ActorId
from runtime.cell_client import RayCells
from runtime.cell_host import NAMESPACE, start_cell
from runtime.cell_link import CellLink
from runtime.clock import SystemClock
from runtime.errors import Conflict, Invalid, NotFound, Overloaded, RagleapError, Terminal, Unavailable
from runtime.ids import new_id
from runtime.journal import Journal
from runtime.message import Envelope, StreamEvent, Trace, Verdict
from runtime.principal import Principal, Role
from runtime.routes import Routes
from runtime.store import placements
from runtime.store.tables import dead_letters, history, inbox, tenants
from runtime.store.wall import ACROSS_TENANTS

pytestmark = pytest.mark.timeout(300)  # several times SOON_S, and the head that starts with the first test

SOON_S = 60.0


@dataclass
class Toy:
    """One cell actor with a database of its own."""

    name: str
    folder: Path
    url: str
    cells: RayCells
    actor: Any
    journal: Journal
    clock: SystemClock = field(default_factory=SystemClock)

    @property
    def link(self) -> CellLink:
        return CellLink(self.name)

    @property
    def fuse(self) -> Path:
        return self.folder / "fuse"

    def gate(self, name: str = "gate") -> Path:
        return self.folder / name

    def envelope(self, body: object, *, key: str = "main") -> Envelope:
        return Envelope(
            message_id=new_id("msg"),
            to=ActorId("acme", "worker", key),
            principal=Principal(tenant="acme", role=Role.OWNER, identity="k", verified_by="api-key"),
            body=body,
            trace=Trace.new(),
            deadline=self.clock.now() + 300,
        )

    async def status(self) -> dict[str, Any]:
        return dict(await self.cells.administer("status", {}))

    async def kill(self) -> int:
        pid: int = (await self.status())["pid"]
        process = psutil.Process(pid)
        os.kill(pid, signal.SIGKILL)
        await asyncio.to_thread(process.wait, SOON_S)
        return pid

    async def read(self, message: Envelope, seen: list[StreamEvent]) -> None:
        async for event in self.cells.events("acme", message.message_id):
            seen.append(event)

    async def until_pending(self, number: int) -> None:
        """From the journal alone: nobody calls the cell."""
        statement = select(inbox.c.message_id).where(inbox.c.state == "pending")

        async def so_many() -> bool:
            return len(await self.journal.read(lambda c: c.execute(statement).all(), tenant=ACROSS_TENANTS)) == number

        await eventually(so_many)

    async def watching(self) -> int:
        return int((await self.status())["watching"])

    async def running(self) -> int:
        return sum(int(tenant["running"]) for tenant in (await self.status())["tenants"])


async def eventually(true: Callable[[], Awaitable[bool]]) -> None:
    """For what another process does and announces to nobody."""
    async with asyncio.timeout(SOON_S):
        while not await true():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


def _cells(journal: Journal, hold_s: float) -> RayCells:
    return RayCells(Routes(lambda: journal.read(placements.load, tenant=ACROSS_TENANTS), SystemClock()), hold_s=hold_s)


@asynccontextmanager
async def opened(folder: Path, url: str, **settings: Any) -> AsyncIterator[Toy]:
    import ray

    name = new_id("toy")
    actor = start_cell(name, functools.partial(build, url, str(folder / "fuse"), **settings))
    outcome = await actor.ready.remote()
    assert outcome is True
    journal, tenant = Journal(url), {"tenant_id": "acme", "name": "a", "embed_key": "e", "state": "active"}
    await journal.write(lambda c: c.execute(insert(tenants).values(**tenant, created_at=0)), tenant=ACROSS_TENANTS)
    made = Toy(name, folder, url, _cells(journal, SOON_S), actor, journal)
    yield made
    ray.kill(made.actor)
    journal.close()


@pytest.fixture
async def toy(ray_address: str, empty_database: str, tmp_path: Path) -> AsyncIterator[Toy]:
    """A cell that the test may do anything to."""
    async with opened(tmp_path, empty_database) as made:
        yield made


@pytest.fixture(scope="module", params=STORES)
async def kept(
    ray_address: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Toy]:
    """A cell that outlives its test: a process costs a second or more."""
    folder = tmp_path_factory.mktemp("kept")
    url = f"sqlite:///{folder / 'journal.db'}"
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres")
        url = server.url(server.make())
    async with opened(folder, url) as made:
        yield made


async def test_questions_and_messages_are_answered_and_services_called(kept: Toy) -> None:
    message = kept.envelope(Job(text="hello", tokens=3))
    seen: list[StreamEvent] = []

    assert str(await kept.cells.ask(kept.envelope(Question(text="hi")))).startswith("hi ")
    [receipt] = await kept.cells.accept([message])
    await kept.read(message, seen)

    assert receipt.verdict is Verdict.ACCEPTED
    assert [event.event for event in seen] == ["token", "token", "token", "done"]
    assert (await kept.cells.accept([message]))[0].verdict is Verdict.DUPLICATE
    assert await kept.link.call("services", "echo", 1, "two", hold_s=SOON_S) == (1, "two")


async def test_errors_come_back_as_what_they_are(kept: Toy) -> None:
    for text, kind in (("not found", NotFound), ("conflict", Conflict), ("overloaded", Overloaded)):
        with pytest.raises(kind) as raised:
            await kept.cells.ask(kept.envelope(Question(text=text)))
        assert type(raised.value) is kind
    assert isinstance(raised.value, Overloaded)
    assert raised.value.retry_after == 7
    with pytest.raises(Terminal, match="not a durable message"):
        await kept.cells.accept([kept.envelope("text")])
    with pytest.raises(NotFound):
        await anext(kept.cells.events("acme", "msg_unknown"))
    for service, method in (("services", "_private"), ("services", "missing"), ("nothing", "echo")):
        with pytest.raises(Invalid):
            await kept.link.call(service, method, hold_s=SOON_S)
    with pytest.raises(Invalid):
        await kept.cells.administer("no.such.command", {})
    with pytest.raises(RagleapError, match="TypeError"):
        await kept.link.call("services", "echo_strictly", hold_s=SOON_S)


async def test_after_kill_9_every_accepted_message_has_exactly_one_answer_and_readers_see_reset_and_done(
    toy: Toy,
) -> None:
    gate = toy.gate()
    messages = [toy.envelope(Job(text=f"t{n}", gate=str(gate)), key=f"k{n % 3}") for n in range(12)]
    await toy.cells.accept(messages)
    seen: list[list[StreamEvent]] = [[] for _ in messages]
    readers = [asyncio.create_task(toy.read(*pair)) for pair in zip(messages, seen, strict=True)]

    async def three_turns_have_shown_something() -> bool:
        return all(seen[:3])

    await eventually(three_turns_have_shown_something)

    await toy.kill()
    held = asyncio.create_task(toy.cells.ask(toy.envelope(Question(text="held"), key="other")))
    accepted_meanwhile = toy.envelope(Job(text="meanwhile"), key="other")
    await toy.cells.accept([accepted_meanwhile])
    gate.touch()
    async with asyncio.timeout(SOON_S):
        await asyncio.gather(*readers)

    assert str(await held).startswith("held ")
    for events in seen[:3]:
        assert [event.event for event in events] == ["token", "reset", "token", "done"]
    for events in seen:
        assert events[-1].event == "done"
        assert [event.seq for event in events] == sorted({event.seq for event in events})
    await toy.until_pending(0)
    rows = await toy.journal.read(
        lambda c: c.execute(select(history.c.message_id).order_by(history.c.seq)).scalars().all(),
        tenant=ACROSS_TENANTS,
    )
    assert sorted(rows) == sorted(message.message_id for message in [*messages, accepted_meanwhile])
    for key in range(3):
        mine = [message.message_id for message in messages[key::3]]
        assert [row for row in rows if row in mine] == mine  # in the order of acceptance
    assert await toy.journal.read(lambda c: c.execute(select(dead_letters)).all(), tenant=ACROSS_TENANTS) == []


async def test_a_restarted_cell_takes_up_its_work_without_any_caller_and_as_soon_as_it_can(toy: Toy) -> None:
    gate = toy.gate()
    await toy.cells.accept([toy.envelope(Job(text=f"t{n}", gate=str(gate)), key=f"k{n}") for n in range(3)])
    toy.fuse.touch()  # the next incarnation cannot start for a while
    await toy.kill()
    gate.touch()

    async def it_has_tried_twice() -> bool:
        return len(toy.fuse.read_text()) >= 2

    await eventually(it_has_tried_twice)
    await toy.until_pending(3)
    toy.fuse.unlink()

    await toy.until_pending(0)
    assert len(await toy.journal.read(lambda c: c.execute(select(history)).all(), tenant=ACROSS_TENANTS)) == 3


async def test_a_cell_that_is_away_for_too_long_is_unavailable_and_says_when_to_come_back(toy: Toy) -> None:
    impatient = _cells(toy.journal, 0.2)
    toy.fuse.touch()
    await toy.kill()

    with pytest.raises((Unavailable, RagleapError)):
        await impatient.ask(toy.envelope(Question(text="x")))
    with pytest.raises(Unavailable) as away:
        await CellLink("nowhere").call("services", "echo", hold_s=0.2)
    assert away.value.retry_after == 3
    toy.fuse.unlink()


async def test_a_reader_that_leaves_is_forgotten_by_the_cell(kept: Toy) -> None:
    gate = kept.gate()
    messages = [kept.envelope(Job(text=f"t{n}", gate=str(gate)), key=f"k{n}") for n in range(20)]
    await kept.cells.accept(messages)
    readers = [kept.cells.events("acme", message.message_id) for message in messages]
    for reader in readers:
        assert (await anext(reader)).event == "token"
    assert await kept.watching() == 20

    for reader in readers:
        await reader.aclose()  # type: ignore[attr-defined]

    async def nobody_watches() -> bool:
        return await kept.watching() == 0

    await eventually(nobody_watches)
    gate.touch()
    await kept.until_pending(0)


async def test_a_drained_cell_answers_what_runs_keeps_what_waits_and_refuses_the_rest(toy: Toy) -> None:
    gate = toy.gate()
    running = asyncio.create_task(toy.cells.ask(toy.envelope(Question(text="running", gate=str(gate)))))
    waiting = toy.envelope(Job(text="waiting"))

    async def it_runs() -> bool:
        return await toy.running() == 1

    async def it_drains() -> bool:
        return bool((await toy.status())["draining"])

    await eventually(it_runs)
    await toy.cells.accept([waiting])  # exclusive: behind the question

    draining = asyncio.create_task(toy.cells.administer("drain", {}))
    await eventually(it_drains)
    with pytest.raises(Unavailable):
        await _cells(toy.journal, 0.1).accept([toy.envelope(Job(text="late"))])
    gate.touch()
    assert str(await running).startswith("running ")
    assert await draining == {"drained": toy.name}
    assert await toy.cells.administer("drain", {}) == {"drained": toy.name}

    await toy.kill()  # what the operator's command does next, here to see that the work goes on from the store
    await toy.until_pending(0)


async def test_a_cell_that_was_made_anew_is_found_under_its_name(toy: Toy) -> None:
    import ray

    first = await toy.cells.ask(toy.envelope(Question(text="x")))
    ray.kill(toy.actor)
    toy.actor = start_cell(toy.name, functools.partial(build, toy.url, ""))

    assert await toy.cells.ask(toy.envelope(Question(text="x"))) != first


async def test_what_any_cell_can_do_does_not_wait_for_one_that_is_frozen(toy: Toy) -> None:
    import ray

    other = start_cell(f"{toy.name}-other", functools.partial(build, toy.url, ""))
    try:
        assert await other.ready.remote() is True
        first = await toy.status()
        process = psutil.Process(first["pid"])
        process.suspend()
        try:
            assert (await toy.status())["pid"] != first["pid"]
        finally:
            process.resume()
    finally:
        ray.kill(other)


async def test_a_cell_that_is_broken_itself_ends_its_process_and_the_next_one_has_its_work(
    ray_address: str, empty_database: str, tmp_path: Path
) -> None:
    async with opened(tmp_path, empty_database, limits=FRAIL) as toy:
        first = psutil.Process((await toy.status())["pid"])
        message = toy.envelope(Job(text="held", gate=str(toy.gate())), key="held")
        await toy.cells.accept([message])

        with pytest.raises(RagleapError):
            await CellLink(toy.name).once("ask", toy.envelope(Question(text="bug")))
        await asyncio.to_thread(first.wait, SOON_S)

        toy.gate().touch()
        seen: list[StreamEvent] = []
        await toy.read(message, seen)
        assert seen[-1].event == "done"
        told = await toy.status()
        assert told["pid"] != first.pid
        assert told["quarantined"] == {}


async def test_the_cells_process_is_called_by_its_actors_name(kept: Toy) -> None:
    from ray.util import list_named_actors

    pid = (await kept.status())["pid"]

    assert {"name": kept.name, "namespace": NAMESPACE} in list_named_actors(all_namespaces=True)
    assert psutil.Process(pid).name().startswith("ray::")
