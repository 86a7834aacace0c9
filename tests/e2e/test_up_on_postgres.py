"""The whole platform with its journal on PostgreSQL: the same answers, kept over a restart and a killed database, and
a role above the wall refused before anything starts."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres_server import PostgresServer
from running_stack import RunningStack, free_port, ragleap
from tenant_client import TenantClient

TERMS = b"# Returns\n\nGoods may be returned within 30 days of delivery, unused and in their packaging.\n"
QUESTION = "Within how many days may goods be returned?"


@pytest.fixture(scope="module")
def server(postgres: PostgresServer) -> Iterator[PostgresServer]:
    """One with fsync, whose processes may be killed."""
    made = PostgresServer(postgres.programs, durable=True)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def running(server: PostgresServer, tmp_path: Path) -> Iterator[RunningStack]:
    made = RunningStack(tmp_path / "data", settings={"RAGLEAP_DATABASE_URL": server.url(server.make())})
    yield made.start()
    made.kill()


@pytest.mark.timeout(600)
async def test_it_answers_over_a_restart_and_a_killed_database(running: RunningStack, server: PostgresServer) -> None:
    access = running.create_tenant("shop")
    client = TenantClient(running.url, access.key)
    await client.ingest("returns.md", TERMS)
    first = await client.chat(QUESTION)
    assert "30 days" in first["answer"]

    os.kill(server.backends("t1")[0], signal.SIGKILL)
    again = await _patiently(client)
    assert "30 days" in again["answer"]

    assert await asyncio.to_thread(running.stop) == 0
    assert running.left() == []
    await asyncio.to_thread(running.start)
    kept = (await client.call("GET", "/v1/conversations"))["conversations"]
    assert len(kept) == 2
    for conversation in kept:
        lines = (await client.call("GET", f"/v1/conversations/{conversation['conversation_id']}"))["messages"]
        assert [line["author"] for line in lines] == ["customer", "assistant"]
    assert not (running.data_dir / "journal.db").exists()
    await client.close()
    assert await asyncio.to_thread(running.stop) == 0


async def _patiently(client: TenantClient) -> dict[str, object]:
    """Ask as a customer's program would: what is refused for now is sent again under the same key."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await client.chat(QUESTION, idempotency_key="again")
            except AssertionError as error:
                if "503" not in str(error):
                    raise
                await asyncio.sleep(0.5)


def test_a_role_above_the_wall_is_refused_in_one_sentence_before_anything_starts(
    server: PostgresServer, tmp_path: Path
) -> None:
    url = server.url("postgres", role="admin")
    done = ragleap("up", "--data-dir", str(tmp_path), "--port", str(free_port()), RAGLEAP_DATABASE_URL=url)

    assert done.returncode == 1
    assert "NOSUPERUSER NOBYPASSRLS" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_database_that_is_not_there_is_said_in_one_sentence(server: PostgresServer, tmp_path: Path) -> None:
    url = server.url("nowhere")
    done = ragleap("up", "--data-dir", str(tmp_path), "--port", str(free_port()), RAGLEAP_DATABASE_URL=url)

    assert done.returncode == 1
    assert 'database "nowhere" does not exist' in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
