"""Several cells on one PostgreSQL server: fenced, never served the same job, tried again where they collide."""

from __future__ import annotations

import asyncio
import threading

import psycopg
import pytest
from journal_process import JournalProcess
from journal_rows import name_of, note
from postgres_server import PostgresServer
from sqlalchemy import Connection, event, insert, select, update

from runtime.errors import Fenced
from runtime.journal import Journal, Lease
from runtime.message import Verdict
from runtime.store import inbox, jobs, leases
from runtime.store.database import open_engine
from runtime.store.inbox import InboxRow
from runtime.store.tables import conversations, document_versions, tenants
from runtime.store.wall import ACROSS_TENANTS, enter


def test_a_stale_epoch_cannot_write_while_two_processes_write_at_once(
    cells: list[JournalProcess], server: PostgresServer, url: str
) -> None:
    old, new = cells
    assert old.ask("acquire", now=0.0) == [1, 0]
    old.tell("flood")
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as watcher:
        watcher.execute("SELECT set_config('ragleap.tenant', '*', false)")
        while watcher.execute("SELECT count(*) < 200 FROM history").fetchone() == (True,):
            pass
    epoch, before = new.ask("acquire", now=20.0)  # type: ignore[misc]
    written = [new.ask("write", text=f"new {n}") for n in range(5)]
    acknowledged = old.answer()

    rows = dict(server.execute("SELECT conversation_id, count(*) FROM history GROUP BY 1", database=name_of(url)))
    assert epoch == 2
    assert written == [f"new {n}" for n in range(5)]
    assert rows == {"cell-0": before, "cell-1": 5}  # not one of the old cell's came after the new one's epoch
    assert acknowledged == before
    assert old.ask("write", text="late") == "Fenced"


def test_a_cell_that_is_frozen_inside_a_transaction_holds_nobody_up_and_writes_nothing_when_it_wakes(
    cells: list[JournalProcess], server: PostgresServer, url: str
) -> None:
    old, new = cells
    old.ask("acquire", now=0.0)
    assert old.ask("stop_inside", text="frozen") == "inside"
    assert new.ask("acquire", now=20.0) == [2, 0]  # waits until the server has ended the frozen one's transaction
    assert new.ask("write", text="mine") == "mine"
    old.thaw()

    assert old.answer() == "Fenced"
    assert server.execute("SELECT text FROM history", database=name_of(url)) == [("mine",)]


async def test_two_cells_never_claim_the_same_job(url: str, journal: Journal) -> None:
    second = Journal(url)
    await journal.write(_thirty_jobs, tenant=ACROSS_TENANTS)

    async def claim_all(claimer: Journal, worker: str) -> list[str]:
        found: list[str] = []
        while len(found) < 30:
            job = await claimer.write(lambda c: jobs.claim(c, worker, 10.0), tenant=ACROSS_TENANTS)
            if job is None:
                break
            found.append(job.job_id)
        return found

    one, two = await asyncio.gather(claim_all(journal, "a:1"), claim_all(second, "b:1"))
    await asyncio.to_thread(second.close)

    assert one
    assert two
    assert sorted(one + two) == sorted(f"j{n}" for n in range(30))


def _thirty_jobs(connection: Connection) -> None:
    connection.execute(
        insert(tenants).values(tenant_id="acme", name="acme", embed_key="e", state="active", created_at=0)
    )
    for n in range(30):
        key = {"tenant_id": "acme", "document_id": f"d{n}", "version": 1, "job_id": f"j{n}"}
        connection.execute(
            insert(document_versions).values(
                **key, blob_key="", filename="", media_type="", sha256="", size=0, title="", metadata="{}",
                state="queued", created_at=0, updated_at=0,
            )
        )  # fmt: skip
        connection.execute(
            insert(jobs.jobs).values(**key, kind="ingest", state="queued", due_at=0, created_at=0, updated_at=0)
        )


async def test_two_cells_that_lock_one_another_out_are_both_served(url: str, journal: Journal) -> None:
    second = Journal(url)
    await journal.write(_two_conversations, tenant="acme")
    both = threading.Barrier(2)

    def crosswise(first: str, other: str, cell: str) -> object:
        met = threading.Event()

        def apply(connection: Connection) -> None:
            _touch(connection, first, cell)
            if not met.is_set():
                met.set()
                both.wait(10)  # each holds one row now and wants the other's: PostgreSQL ends one of them
            _touch(connection, other, cell)

        return apply

    await asyncio.gather(
        journal.write(crosswise("x", "y", "one"), tenant="acme"),  # type: ignore[arg-type]
        second.write(crosswise("y", "x", "two"), tenant="acme"),  # type: ignore[arg-type]
    )
    await asyncio.to_thread(second.close)
    found = await journal.read(lambda c: set(c.execute(select(conversations.c.channel)).scalars()), tenant="acme")

    assert len(found) == 1  # the last one's, on both rows


async def test_a_transaction_that_could_not_be_serialised_is_made_again(url: str) -> None:
    one, two = Journal(url), Journal(url)
    for each in (one, two):
        assert each._writer is not None
        event.listen(each._writer, "begin", _serialisable)
    await one.write(_two_conversations, tenant="acme")
    both = threading.Barrier(2)

    def count_up() -> object:
        met = threading.Event()

        def apply(connection: Connection) -> None:
            x = connection.execute(select(conversations.c.created_at).where(conversations.c.conversation_id == "x"))
            seen = x.scalar_one()
            if not met.is_set():
                met.set()
                both.wait(10)  # both have read the same number
            connection.execute(
                update(conversations).where(conversations.c.conversation_id == "x").values(created_at=seen + 1)
            )

        return apply

    await asyncio.gather(*(each.write(count_up(), tenant="acme") for each in (one, two)))  # type: ignore[arg-type]
    found = await one.read(lambda c: sorted(c.execute(select(conversations.c.created_at)).scalars()), tenant="acme")
    for each in (one, two):
        await asyncio.to_thread(each.close)

    assert found == [0, 2]


def _serialisable(connection: Connection) -> None:
    connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")


def _two_conversations(connection: Connection) -> None:
    for name in ("x", "y"):
        connection.execute(
            insert(conversations).values(
                tenant_id="acme", conversation_id=name, channel="web", state="assistant", created_at=0, updated_at=0
            )
        )


def _touch(connection: Connection, conversation: str, cell: str) -> None:
    connection.execute(
        update(conversations).where(conversations.c.conversation_id == conversation).values(channel=cell)
    )


async def test_a_message_that_commits_after_a_later_number_is_not_overlooked(url: str, journal: Journal) -> None:
    """Numbers are given before the commit, so a smaller one may appear after a larger one, and some never appear."""
    engine = open_engine(url, pool_size=2)
    slow, undone = engine.connect(), engine.connect()
    for connection, name in ((slow, "slow"), (undone, "undone")):
        enter(connection, "acme")
        assert inbox.accept(connection, _row(name)).verdict is Verdict.ACCEPTED
    await journal.write(lambda c: inbox.accept(c, _row("fast")), tenant="acme")
    assert await _due(journal) == ["fast"]
    undone.rollback()
    slow.commit()

    assert await _due(journal) == ["slow", "fast"]
    slow.close()
    undone.close()
    engine.dispose()


async def _due(journal: Journal) -> list[str]:
    return [row.message_id for row in await journal.read(lambda c: inbox.due(c, "acme", 10, 10), tenant="acme")]


def _row(message_id: str) -> InboxRow:
    return InboxRow(
        tenant="acme", message_id=message_id, kind="toy", actor_key="main", sender="s", tier=1, dedupe_key=None,
        body="[]", principal="{}", trace="{}", accepted_at=0.0, deadline=100.0,
    )  # fmt: skip


async def test_a_lease_stays_locked_for_the_commit_though_a_work_under_it_failed(url: str, journal: Journal) -> None:
    """A rollback to a savepoint gives back the locks taken after it: the lease's must not be among them."""
    second = Journal(url)
    epoch = await journal.write(lambda c: leases.acquire(c, "acme", "cell-0", 0.0, 15), tenant="acme")
    lease = Lease(tenant="acme", cell="cell-0", epoch=epoch)
    failed, taken, go_on = threading.Event(), threading.Event(), threading.Event()

    def fails(connection: Connection) -> None:
        raise KeyError("bug")

    def after(connection: Connection) -> str:
        failed.set()
        go_on.wait(0.5)  # the other cell tries to take the tenant over meanwhile, and cannot
        assert not taken.is_set()
        return note("still mine", connection)

    async def take_over() -> None:
        await asyncio.to_thread(failed.wait, 10)
        await second.write(lambda c: leases.acquire(c, "acme", "cell-1", 20.0, 15), tenant="acme")
        taken.set()

    outcomes = await asyncio.gather(
        journal.write(fails, lease=lease), journal.write(after, lease=lease), take_over(), return_exceptions=True
    )
    await asyncio.to_thread(second.close)

    assert outcomes[1] == "still mine"
    assert isinstance(outcomes[0], KeyError)
    with pytest.raises(Fenced):
        await journal.write(lambda c: note("late", c), lease=lease)
