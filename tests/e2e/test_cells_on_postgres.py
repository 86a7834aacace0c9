"""Several cells on one PostgreSQL: tenants move while they are served, a paused cell writes nothing after it was
replaced, and a removed one hands over what it has."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from postgres_server import PostgresServer
from running_stack import RunningStack
from tenant_client import TenantClient

pytestmark = pytest.mark.timeout(600)

TERMS = b"# Returns\n\nGoods may be returned within 30 days of delivery, unused and in their packaging.\n"
QUESTION = "Within how many days may goods be returned?"


@pytest.fixture
def running(postgres: PostgresServer, tmp_path: Path) -> Iterator[RunningStack]:
    made = RunningStack(tmp_path / "data", settings={"RAGLEAP_DATABASE_URL": postgres.url(postgres.make())})
    yield made.start()
    made.kill()


async def test_a_tenant_moves_between_cells_while_it_is_asked_and_a_paused_cell_is_fenced(
    running: RunningStack,
) -> None:
    access = running.create_tenant("shop")
    client = TenantClient(running.url, access.key)
    await client.ingest("returns.md", TERMS)
    await asyncio.to_thread(_cell, running, "add", "big", "--dedicated")

    asked = [asyncio.create_task(_asked(client, f"moving-{number}")) for number in range(4)]
    await asyncio.to_thread(_cell, running, "place", "shop", "big")
    asked += [asyncio.create_task(_asked(client, f"moved-{number}")) for number in range(4)]
    assert all("30 days" in answer["answer"] for answer in await asyncio.gather(*asked))
    await _served_by("big", running, client)

    paused = running.cells()["big"]
    os.kill(paused, signal.SIGSTOP)
    try:
        await asyncio.to_thread(_cell, running, "place", "shop", "cell-0")
        assert "30 days" in (await _asked(client, "while paused"))["answer"]  # once the paused cell's lease is over
    finally:
        os.kill(paused, signal.SIGCONT)
    assert "30 days" in (await _asked(client, "resumed"))["answer"]
    await _served_by("cell-0", running, client)

    await asyncio.to_thread(_cell, running, "remove", "big")
    assert "big" not in running.cells()
    assert "30 days" in (await _asked(client, "removed"))["answer"]
    conversations = (await client.call("GET", "/v1/conversations"))["conversations"]
    assert len(conversations) == 11
    for conversation in conversations:
        lines = (await client.call("GET", f"/v1/conversations/{conversation['conversation_id']}"))["messages"]
        assert [line["author"] for line in lines] == ["customer", "assistant"]
    await client.close()
    assert await asyncio.to_thread(running.stop) == 0
    assert running.left() == []


def _cell(running: RunningStack, *arguments: str) -> None:
    done = running.ragleap("cell", *arguments)
    assert done.returncode == 0, done.stderr


async def _served_by(cell: str, running: RunningStack, client: TenantClient) -> None:
    """Return once ``cell``, and no other, has the tenant awake: a cell looks at the directory every second."""
    async with asyncio.timeout(60):
        while True:
            await client.call("POST", "/v1/search", json={"query": QUESTION, "k": 1})
            report = await asyncio.to_thread(running.status)
            if [each["cell"] for each in report for tenant in each["tenants"] if not tenant["leaving"]] == [cell]:
                return


async def _asked(client: TenantClient, key: str) -> dict[str, Any]:
    """As a customer's program would: what is refused for now is sent again under the same key."""
    async with asyncio.timeout(90):
        while True:
            try:
                return await client.chat(QUESTION, idempotency_key=key)
            except AssertionError as error:
                if not any(f": {status} " in str(error) for status in (503, 504)):  # 504: the paused cell was asked
                    raise
