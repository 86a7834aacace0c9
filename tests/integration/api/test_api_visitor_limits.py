"""A visitor who asks too often is told when to come back; other visitors and API keys do not notice."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from stand_ins.tenant import Tenant

from runtime.config import Settings

QUESTION = {"message": "What about damaged parcels?"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path,
        visitor_messages_per_minute=3,
        address_messages_per_minute=8,
        address_requests_per_minute=5,
    )


async def asked(http: httpx.AsyncClient, token: str, *, address: str = "198.51.100.1") -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": address}
    return await http.post("/v1/chat", json=QUESTION, headers=headers)


async def begun(http: httpx.AsyncClient, shop: Tenant, address: str = "198.51.100.1") -> httpx.Response:
    return await http.post(f"/chat/{shop.embed_key}/session", headers={"X-Forwarded-For": address})


async def test_a_visitor_who_asks_too_often_is_told_when_to_come_back(
    http: httpx.AsyncClient, owner: httpx.AsyncClient, shop: Tenant
) -> None:
    one, other = [(await begun(http, shop)).json()["token"] for _ in range(2)]
    assert [(await asked(http, one)).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = await asked(http, one)
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "urn:ragleap:problem:overloaded"
    assert 1 <= int(refused.headers["Retry-After"]) <= 20
    assert (await asked(http, other)).status_code == 200
    assert {(await owner.post("/v1/chat", json=QUESTION)).status_code for _ in range(30)} == {200}


async def test_new_sessions_do_not_help_one_address_and_do_not_harm_another(
    http: httpx.AsyncClient, shop: Tenant
) -> None:
    assert [(await begun(http, shop)).status_code for _ in range(9)] == [201] * 8 + [429]
    elsewhere = await begun(http, shop, "198.51.100.2")
    assert elsewhere.status_code == 201
    assert (await asked(http, elsewhere.json()["token"], address="198.51.100.2")).status_code == 200
    assert (await begun(http, shop, "203.0.113.7, 198.51.100.1")).status_code == 429  # what a client invents counts not


async def test_reading_has_a_bound_of_its_own(http: httpx.AsyncClient, shop: Tenant) -> None:
    session = (await begun(http, shop)).json()
    headers = {"Authorization": f"Bearer {session['token']}", "X-Forwarded-For": "198.51.100.1"}
    path = f"/v1/conversations/{session['conversation_id']}"
    assert [(await http.get(path, headers=headers)).status_code for _ in range(6)][-1] == 429
    assert (await asked(http, session["token"])).status_code == 200
