"""Dead letters through the door, and the command that reads them there."""

from __future__ import annotations

import asyncio
import json
import os
import sys

import httpx
import pytest
from stand_ins.door import OPERATOR_KEY, StandInPlatform
from stand_ins.tenant import NOW, Tenant


def letter(tenant: str, message_id: str) -> dict[str, object]:
    return {
        "id": message_id,
        "tenant": tenant,
        "actor": "session/api-1",
        "kind": "session",
        "cause": "Retryable: the model is down",
        "attempts": 3,
        "maybe_duplicate": False,
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        "at": NOW,
        "replayed_at": None,
    }


@pytest.fixture
def dead(platform: StandInPlatform, shop: Tenant, rival: Tenant) -> None:
    platform.dead = [letter("shop", "msg_1"), letter("rival", "msg_2")]


async def ragleap(url: str, key: str, *arguments: str) -> tuple[int, str]:
    """The command's status and what it says."""
    command = [sys.executable, "-m", "cluster.cli.main", "dead-letters", *arguments, "--url", url, "--key", key]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "COLUMNS": "200"},
    )
    async with asyncio.timeout(60):
        told, _ = await process.communicate()
    return process.returncode or 0, told.decode()


def operator(url: str) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {OPERATOR_KEY}"}
    return httpx.AsyncClient(base_url=url, timeout=20, trust_env=False, headers=headers)


@pytest.mark.usefixtures("dead")
async def test_an_owner_sees_and_replays_what_is_his_alone(owner: httpx.AsyncClient) -> None:
    listed = (await owner.get("/v1/dead-letters")).json()["dead_letters"]
    assert [each["id"] for each in listed] == ["msg_1"]
    assert (await owner.get("/v1/dead-letters/msg_1")).json()["body"] is None
    assert (await owner.post("/v1/dead-letters/msg_1/replay")).json()["replayed"] is True

    assert (await owner.get("/v1/dead-letters/msg_2")).status_code == 404
    assert (await owner.post("/v1/dead-letters/msg_2/replay")).status_code == 404
    assert (await owner.get("/v1/dead-letters", params={"tenant": "rival"})).status_code == 403


@pytest.mark.usefixtures("dead")
async def test_the_operator_sees_every_tenants_or_one(url: str) -> None:
    async with operator(url) as client:
        for about, ids in (({}, ["msg_1", "msg_2"]), ({"tenant": "rival"}, ["msg_2"])):
            listed = (await client.get("/v1/dead-letters", params=about)).json()["dead_letters"]
            assert [each["id"] for each in listed] == ids
        assert (await client.post("/v1/dead-letters/msg_2/replay")).json()["replayed"] is True


@pytest.mark.usefixtures("dead")
async def test_visitors_and_strangers_see_none(visitor: httpx.AsyncClient, http: httpx.AsyncClient) -> None:
    for path in ("/v1/dead-letters", "/v1/dead-letters/msg_1"):
        assert (await visitor.get(path)).status_code == 403
        assert (await http.get(path)).status_code == 401
    assert (await visitor.post("/v1/dead-letters/msg_1/replay")).status_code == 403


@pytest.mark.usefixtures("dead")
async def test_the_command_lists_shows_and_replays(url: str, shop: Tenant) -> None:
    status, table = await ragleap(url, OPERATOR_KEY, "list")
    assert (status, "msg_1" in table, "the model is down" in table) == (0, True, True)
    status, told = await ragleap(url, shop.key, "list", "--json")
    assert [each["id"] for each in json.loads(told)["dead_letters"]] == ["msg_1"]
    assert "session/api-1" in (await ragleap(url, OPERATOR_KEY, "show", "msg_2"))[1]
    assert (await ragleap(url, OPERATOR_KEY, "replay", "msg_2"))[1] == "msg_2 is in the inbox of rival again.\n"
    status, told = await ragleap(url, shop.key, "show", "msg_2")
    assert (status, told.startswith("ragleap: ")) == (1, True)
