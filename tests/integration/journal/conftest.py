"""A PostgreSQL server that may be killed, and journals on it in this process and in others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from journal_process import JournalProcess
from postgres_server import PostgresServer

from runtime.journal import Journal
from runtime.store.database import prepare


@pytest.fixture(scope="session")
def server(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """A server that syncs, to be killed."""
    made = PostgresServer(postgres.programs, durable=True)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def url(server: PostgresServer) -> str:
    made = server.url(server.make())
    prepare(made)
    return made


@pytest.fixture
async def journal(url: str) -> AsyncIterator[Journal]:
    made = Journal(url)
    yield made
    await asyncio.to_thread(made.close)


@pytest.fixture
def cells(url: str) -> Iterator[list[JournalProcess]]:
    """Two processes, each with a journal on the same database."""
    made = [JournalProcess(url, f"cell-{n}", idle_ms=1_000) for n in range(2)]
    yield made
    for process in made:
        process.close()
