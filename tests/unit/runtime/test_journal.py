"""The journal: on disk when write returns, one commit for many, nobody taken down by a neighbour."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from busy_journal import held, start
from journal_rows import note, notes
from sqlalchemy import Connection, event, func, insert, select, text
from sqlalchemy.exc import OperationalError

from runtime.errors import Conflict, DeadlineExceeded, Fenced, RagleapError, Retryable, Terminal, Unavailable
from runtime.journal import Journal, Lease
from runtime.store import leases
from runtime.store.tables import tenants
from runtime.store.wall import ACROSS_TENANTS


def add(name: str, connection: Connection) -> str:
    connection.execute(insert(tenants).values(tenant_id=name, name=name, embed_key=name, state="active", created_at=0))
    return name


def is_sqlite(journal: Journal) -> bool:
    return journal._reader.dialect.name == "sqlite"


async def names(journal: Journal) -> list[str]:
    statement = select(tenants.c.name).order_by(tenants.c.created_at, tenants.c.name)
    return await journal.read(lambda connection: list(connection.execute(statement).scalars()), tenant=ACROSS_TENANTS)


@contextmanager
def commits(journal: Journal) -> Iterator[list[int]]:
    """Counts the writer's commits."""
    seen: list[int] = []

    def count(connection: Connection) -> None:
        seen.append(1)

    assert journal._writer is not None
    event.listen(journal._writer, "commit", count)
    yield seen
    event.remove(journal._writer, "commit", count)


async def test_what_was_written_is_seen_by_another_process(journal: Journal, database: str) -> None:
    assert await journal.write(lambda connection: add("a", connection), tenant=ACROSS_TENANTS) == "a"

    door = Journal(database, read_only=True)
    assert await names(door) == ["a"]
    door.close()


async def test_many_concurrent_writes_share_few_commits(journal: Journal) -> None:
    with commits(journal) as seen:
        async with held(journal):
            works = [
                asyncio.ensure_future(journal.write(lambda c, n=n: add(f"t{n:03}", c), tenant=ACROSS_TENANTS))
                for n in range(200)
            ]  # type: ignore[misc]
            await start()
        await asyncio.gather(*works)

    assert len(await names(journal)) == 200
    assert len(seen) == 2  # the one that was waited for, and theirs


async def test_a_work_that_fails_is_undone_and_its_neighbours_in_the_commit_stand(journal: Journal) -> None:
    def bad(connection: Connection) -> None:
        add("half", connection)
        raise Conflict("no")

    async with held(journal):
        works = [
            asyncio.ensure_future(work)
            for work in (
                journal.write(lambda c: add("a", c), tenant=ACROSS_TENANTS),
                journal.write(bad, tenant=ACROSS_TENANTS),
                journal.write(
                    lambda c: add("a", c), tenant=ACROSS_TENANTS
                ),  # its key exists: the database's own refusal
                journal.write(lambda c: add("b", c), tenant=ACROSS_TENANTS),
            )
        ]
        await start()
    outcomes = await asyncio.gather(*works, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [str, Conflict, Terminal, str]
    assert await names(journal) == ["a", "b"]


async def test_a_work_in_which_the_database_fails_takes_nobody_with_it(journal: Journal) -> None:
    async with held(journal):
        works = [
            asyncio.ensure_future(work)
            for work in (
                journal.write(lambda c: add("a", c), tenant=ACROSS_TENANTS),
                journal.write(lambda c: c.execute(text("select * from no_such_table")), tenant=ACROSS_TENANTS),
                journal.write(lambda c: add("b", c), tenant=ACROSS_TENANTS),
            )
        ]
        await start()
    outcomes = await asyncio.gather(*works, return_exceptions=True)

    refused = Retryable if is_sqlite(journal) else Terminal  # PostgreSQL undoes that work alone and knows it is wrong
    assert [type(outcome) for outcome in outcomes] == [str, refused, str]
    assert await names(journal) == ["a", "b"]


async def test_a_text_with_any_character_in_it_is_stored(journal: Journal) -> None:
    await journal.write(lambda c: note("a\0b \U0001f600", c), tenant="acme")

    assert await notes(journal) == ["a\0b \U0001f600" if is_sqlite(journal) else "a\ufffdb \U0001f600"]


async def test_a_bug_in_a_work_comes_back_to_its_caller_as_it_is(journal: Journal) -> None:
    def bug(connection: Connection) -> None:
        raise KeyError("bug")

    with pytest.raises(KeyError):
        await journal.write(bug, tenant=ACROSS_TENANTS)
    await journal.write(lambda c: add("a", c), tenant=ACROSS_TENANTS)


async def test_a_full_disk_is_retryable_says_what_to_do_and_stores_nothing(journal: Journal) -> None:
    assert journal._writer is not None

    def full(connection: Connection) -> None:
        raise OperationalError("COMMIT", {}, sqlite3.OperationalError("database or disk is full"))

    event.listen(journal._writer, "commit", full)
    with pytest.raises(Retryable, match="Free some space"):
        await journal.write(lambda c: add("a", c), tenant=ACROSS_TENANTS)
    event.remove(journal._writer, "commit", full)

    assert await names(journal) == []
    await journal.write(lambda c: add("b", c), tenant=ACROSS_TENANTS)


@pytest.mark.parametrize("journal_store", ["sqlite"], indirect=True)
async def test_a_database_that_really_is_full_refuses_and_goes_on_when_there_is_room(journal: Journal) -> None:
    assert journal._writer is not None
    limited = text("PRAGMA max_page_count")

    def fill(connection: Connection) -> None:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count={pages}"))

    await journal.write(fill, tenant=ACROSS_TENANTS)
    with pytest.raises(Retryable, match="full"):
        await journal.write(lambda c: add("a" * 100_000, c), tenant=ACROSS_TENANTS)
    await journal.write(lambda c: c.execute(text("PRAGMA max_page_count=1000000")), tenant=ACROSS_TENANTS)
    await journal.write(lambda c: add("b", c), tenant=ACROSS_TENANTS)

    assert await names(journal) == ["b"]
    assert (await journal.read(lambda c: c.execute(limited).scalar(), tenant=ACROSS_TENANTS)) is not None


async def test_a_write_under_a_lease_is_refused_once_the_epoch_has_moved_on(journal: Journal) -> None:
    epoch = await journal.write(lambda c: leases.acquire(c, "acme", "cell-0", 0.0, 15), tenant=ACROSS_TENANTS)
    lease = Lease(tenant="acme", cell="cell-0", epoch=epoch)
    await journal.write(lambda c: note("a", c), lease=lease)

    await journal.write(lambda c: leases.acquire(c, "acme", "cell-0", 0.0, 15), tenant=ACROSS_TENANTS)
    with pytest.raises(Fenced):
        await journal.write(lambda c: note("b", c), lease=lease)
    with pytest.raises(Fenced):
        await journal.write(lambda c: note("c", c), lease=Lease(tenant="nobody", cell="cell-0", epoch=1))

    assert await notes(journal) == ["a"]


async def test_an_epoch_raised_within_the_same_commit_fences_what_comes_after_it(journal: Journal) -> None:
    epoch = await journal.write(lambda c: leases.acquire(c, "acme", "cell-0", 0.0, 15), tenant=ACROSS_TENANTS)
    lease = Lease(tenant="acme", cell="cell-0", epoch=epoch)
    async with held(journal):
        works = [
            asyncio.ensure_future(journal.write(lambda c: note("before", c), lease=lease)),
            asyncio.ensure_future(
                journal.write(lambda c: leases.acquire(c, "acme", "cell-0", 0.0, 15), tenant=ACROSS_TENANTS)
            ),
            asyncio.ensure_future(journal.write(lambda c: note("after", c), lease=lease)),
        ]
        await start()
    outcomes = await asyncio.gather(*works, return_exceptions=True)

    assert isinstance(outcomes[2], Fenced)
    assert await notes(journal) == ["before"]


async def test_a_write_that_nobody_waits_for_any_more_is_not_run(journal: Journal) -> None:
    async with held(journal):
        with pytest.raises(DeadlineExceeded):
            await journal.write(lambda c: add("late", c), deadline_s=0.01, tenant=ACROSS_TENANTS)
        cancelled = asyncio.ensure_future(journal.write(lambda c: add("cancelled", c), tenant=ACROSS_TENANTS))
        await start()
        cancelled.cancel()
        await asyncio.gather(cancelled, return_exceptions=True)
    await journal.write(lambda c: add("next", c), tenant=ACROSS_TENANTS)

    assert await names(journal) == ["next"]


async def test_callers_that_give_up_at_any_moment_never_stop_the_writer(journal: Journal) -> None:
    for patience in range(30):
        tasks = [
            asyncio.ensure_future(
                journal.write(lambda c: c.execute(select(func.count())).scalar(), tenant=ACROSS_TENANTS)
            )
            for _ in range(5)
        ]
        for _ in range(patience % 7):
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    assert await journal.write(lambda c: add("alive", c), tenant=ACROSS_TENANTS) == "alive"


async def test_a_read_has_a_deadline_and_cannot_write(journal: Journal) -> None:
    release = threading.Event()
    with pytest.raises(DeadlineExceeded):
        await journal.read(lambda c: release.wait(10), deadline_s=0.01, tenant=ACROSS_TENANTS)
    release.set()

    with pytest.raises(RagleapError, match=r"readonly|read-only"):
        await journal.read(lambda c: add("a", c), tenant=ACROSS_TENANTS)


async def test_closing_commits_what_waits_and_refuses_what_comes_after(database: str) -> None:
    journal = Journal(database)
    async with held(journal):
        works = [
            asyncio.ensure_future(journal.write(lambda c, n=n: add(f"t{n}", c), tenant=ACROSS_TENANTS))
            for n in range(5)
        ]  # type: ignore[misc]
        await start()
        closing = asyncio.ensure_future(asyncio.to_thread(journal.close))
        await start()
    await asyncio.gather(*works, closing)
    with pytest.raises(Unavailable):
        await journal.write(lambda c: add("late", c), tenant=ACROSS_TENANTS)

    again = Journal(database)
    assert await names(again) == [f"t{n}" for n in range(5)]
    again.close()


async def test_a_reader_process_cannot_write(database: str) -> None:
    door = Journal(database, read_only=True)
    with pytest.raises(Terminal, match="only read"):
        await door.write(lambda c: add("a", c), tenant=ACROSS_TENANTS)
    assert await names(door) == []
    door.close()


@pytest.mark.parametrize("journal_store", ["sqlite"], indirect=True)
async def test_a_commit_is_on_disk_and_not_only_in_memory(journal: Journal) -> None:
    pragmas = await journal.write(
        lambda c: [c.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "synchronous")],
        tenant=ACROSS_TENANTS,
    )

    assert pragmas == ["wal", 2]  # 2 is FULL: the log is synced at every commit
