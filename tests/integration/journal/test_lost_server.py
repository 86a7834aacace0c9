"""A server that dies, restarts or stays away: nothing acknowledged is lost, nothing refused is stored."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
from collections import Counter

import psycopg
import pytest
from journal_rows import name_of, note, notes
from postgres_server import PostgresServer
from sqlalchemy import Connection, event, select

from runtime import group_commit
from runtime.errors import Retryable
from runtime.journal import Journal
from runtime.store.tables import history


async def test_kills_of_the_server_under_load_lose_nothing_acknowledged_and_store_nothing_refused(
    server: PostgresServer, url: str, journal: Journal
) -> None:
    acknowledged: list[str] = []
    refused: list[str] = []
    kinds: set[type[Exception]] = set()
    ended = asyncio.Event()

    async def write(writer: int) -> None:
        number = 0
        while not ended.is_set():
            name, number = f"{writer}:{number}", number + 1
            try:
                await journal.write(lambda c: note(name, c), tenant="acme")  # noqa: B023
                acknowledged.append(name)
            except Retryable as error:
                kinds.add(type(error))
                refused.append(name)

    writers = [asyncio.create_task(write(n)) for n in range(16)]
    dice = random.Random(7)
    for round_ in range(6):
        reached = len(acknowledged) + dice.randint(20, 400)
        async with asyncio.timeout(60):
            while len(acknowledged) < reached:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        with contextlib.suppress(ProcessLookupError):
            os.kill(server.backends(name_of(url))[0], signal.SIGKILL if round_ % 2 else signal.SIGTERM)
    ended.set()
    await asyncio.gather(*writers)

    stored = Counter(await notes(journal))
    assert max(stored.values()) == 1
    assert set(acknowledged) == set(stored)
    assert not set(refused) & set(stored)
    assert kinds <= {Retryable}  # a commit of which nobody knows would be DeadlineExceeded


async def test_a_commit_whose_answer_was_lost_is_known_to_have_happened(
    server: PostgresServer, url: str, journal: Journal
) -> None:
    assert journal._writer is not None
    lost = []

    def commit_and_lose(connection: Connection) -> None:
        if not lost:
            lost.append(1)
            connection.exec_driver_sql("COMMIT AND CHAIN")  # in one transaction still, for the driver
            _cut_off(server, url)

    event.listen(journal._writer, "commit", commit_and_lose)

    assert await journal.write(lambda c: note("once", c), tenant="acme") == "once"
    assert await notes(journal) == ["once"]
    assert lost


async def test_a_commit_that_was_lost_on_its_way_is_made_again(
    server: PostgresServer, url: str, journal: Journal
) -> None:
    assert journal._writer is not None
    lost = []

    def lose(connection: Connection) -> None:
        if not lost:
            lost.append(1)
            _cut_off(server, url)

    event.listen(journal._writer, "commit", lose)

    assert await journal.write(lambda c: note("once", c), tenant="acme") == "once"
    assert await notes(journal) == ["once"]
    assert lost


async def test_a_commit_that_went_down_with_the_server_is_made_again(
    server: PostgresServer, url: str, journal: Journal
) -> None:
    assert journal._writer is not None
    lost = []

    def crash(connection: Connection) -> None:
        if not lost:
            lost.append(1)
            os.kill(server.backends(name_of(url))[0], signal.SIGKILL)  # so all of them start anew

    event.listen(journal._writer, "commit", crash)

    for n in range(5):
        lost.clear()
        assert await journal.write(lambda c, n=n: note(f"once {n}", c), tenant="acme") == f"once {n}"  # type: ignore[misc]
        assert lost
    assert await notes(journal) == [f"once {n}" for n in range(5)]


async def test_a_lost_commit_is_not_taken_for_that_of_another_to_whom_a_crashed_server_gave_its_number(
    server: PostgresServer, url: str, journal: Journal
) -> None:
    """A number that was given out and is not in the server's log yet is given out again after a crash."""
    assert journal._writer is not None
    ours: list[int] = []
    of_others: set[int] = set()

    def crash(connection: Connection) -> None:
        if ours:
            return
        ours.append(int(str(connection.exec_driver_sql("SELECT pg_current_xact_id()::text").scalar())))
        os.kill(server.backends(name_of(url))[0], signal.SIGKILL)  # so all of them start anew
        while max(of_others, default=0) < ours[0]:
            with contextlib.suppress(psycopg.OperationalError):  # it is starting
                of_others.add(int(str(server.execute("SELECT pg_current_xact_id()::text")[0][0])))

    event.listen(journal._writer, "commit", crash)

    names: list[str] = []
    while not names or ours[0] not in of_others:  # a log that was written just in time has the number
        assert len(names) < 10
        names.append(f"once {len(names)}")
        ours.clear()
        assert await journal.write(lambda c: note(names[-1], c), tenant="acme") == names[-1]
    assert await notes(journal) == names


async def test_a_server_that_restarts_is_found_again_and_one_that_stays_away_is_retryable(
    server: PostgresServer, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    await journal.write(lambda c: note("before", c), tenant="acme")
    server.pause()
    waiting = asyncio.ensure_future(journal.write(lambda c: note("meanwhile", c), tenant="acme"))
    with pytest.raises(Retryable):
        await journal.read(lambda c: c.execute(select(history)).all(), tenant="acme")
    server.resume()  # in this thread: the server ends with the one that started it
    assert await waiting == "meanwhile"

    monkeypatch.setattr(group_commit, "PATIENCE_S", 0.2)
    server.pause()
    with pytest.raises(Retryable, match="failed"):
        await journal.write(lambda c: note("never", c), tenant="acme")
    server.resume()  # in this thread: the server ends with the one that started it
    await journal.write(lambda c: note("after", c), tenant="acme")

    assert await notes(journal) == ["before", "meanwhile", "after"]


def _cut_off(server: PostgresServer, url: str) -> None:
    server.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name_of(url)}'")
    while server.backends(name_of(url)):
        pass
