"""What an anonymous visitor of the chat page may do, and that it is nothing more."""

from __future__ import annotations

from dataclasses import replace

import httpx
from stand_ins.door import StandInPlatform
from stand_ins.tenant import Tenant

from actors.audience import Audience
from runtime.principal import Role

QUESTION = {"message": "What about damaged parcels?"}


async def test_a_visitor_chats_and_reads_its_own_conversation(
    visitor: httpx.AsyncClient, platform: StandInPlatform
) -> None:
    answer = (await visitor.post("/v1/chat", json=QUESTION)).json()
    assert platform.seen[-1].principal.role is Role.ANONYMOUS
    conversation = (await visitor.get(f"/v1/conversations/{visitor.headers['X-Test-Conversation']}")).json()
    assert [line["text"] for line in conversation["messages"]] == [QUESTION["message"], answer["answer"]]
    assert (await visitor.get(f"/v1/messages/{answer['message_id']}")).status_code == 200


async def test_a_visitor_reads_a_chunk_only_once_it_was_cited_to_it(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.get("/v1/documents/policy/chunks/c1")).status_code == 404
    await visitor.post("/v1/chat", json=QUESTION)
    assert (await visitor.get("/v1/documents/policy/chunks/c1")).status_code == 200


async def test_a_visitor_cannot_read_anothers_messages(visitor: httpx.AsyncClient, owner: httpx.AsyncClient) -> None:
    other = (await owner.post("/v1/chat", json=QUESTION | {"session_id": "s1"})).json()["message_id"]
    assert (await visitor.get(f"/v1/messages/{other}")).status_code == 404
    assert (await visitor.get(f"/v1/messages/{other}/events")).status_code == 404
    assert (await visitor.get("/v1/conversations/api-s1")).status_code == 404


async def test_a_visitor_may_do_nothing_of_the_owners(visitor: httpx.AsyncClient) -> None:
    refused = [
        await visitor.get("/v1/documents"),
        await visitor.post("/v1/documents", files={"file": ("a", b"x")}),
        await visitor.delete("/v1/documents/policy"),
        await visitor.post("/v1/search", json={"query": "x"}),
        await visitor.get("/v1/conversations"),
        await visitor.get("/v1/models"),
        await visitor.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": "x"}]}),
        await visitor.post("/v1/chat", json=QUESTION | {"customer": {"id": "ann"}}),
        await visitor.post("/v1/chat", json=QUESTION | {"session_id": "another"}),
    ]
    assert [answer.status_code for answer in refused] == [403] * len(refused)
    assert (await visitor.get("/v1/tenants")).status_code == 401


async def test_an_idempotency_key_of_another_visitor_is_another_key(
    visitor: httpx.AsyncClient, http: httpx.AsyncClient, shop: Tenant
) -> None:
    token = (await http.post(f"/chat/{shop.embed_key}/session")).json()["token"]
    key = {"Idempotency-Key": "k"}
    mine = (await visitor.post("/v1/chat", json=QUESTION, headers=key)).json()
    theirs = await http.post("/v1/chat", json=QUESTION, headers={**key, "Authorization": f"Bearer {token}"})
    assert theirs.json()["message_id"] != mine["message_id"]


async def test_a_revoked_embed_key_ends_its_sessions(
    visitor: httpx.AsyncClient, http: httpx.AsyncClient, shop: Tenant
) -> None:
    shop.embed_key = "embed-renewed"
    assert (await visitor.post("/v1/chat", json=QUESTION)).status_code == 401
    assert (await http.get("/chat/embed-shop")).status_code == 404
    assert (await http.post("/chat/embed-shop/session")).status_code == 404


async def test_the_page_runs_no_script_of_anyone_elses(http: httpx.AsyncClient, shop: Tenant) -> None:
    page = await http.get(f"/chat/{shop.embed_key}")
    assert page.status_code == 200
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in page.text
    assert "http://" not in page.text.replace("http://www.w3.org", "")
    assert "https://" not in page.text


async def test_a_passage_that_has_become_staffs_is_gone_for_whom_it_was_cited_to(
    visitor: httpx.AsyncClient, owner: httpx.AsyncClient, shop: Tenant
) -> None:
    await visitor.post("/v1/chat", json=QUESTION)
    shop.chunks["policy", "c1"] = replace(shop.chunks["policy", "c1"], audience=Audience.STAFF)
    assert (await visitor.get("/v1/documents/policy/chunks/c1")).status_code == 404
    assert (await owner.get("/v1/documents/policy/chunks/c1")).status_code == 200


async def test_an_api_key_speaks_for_a_customer_as_that_customer(
    owner: httpx.AsyncClient, platform: StandInPlatform
) -> None:
    key = {"Idempotency-Key": "k"}
    ids = set()
    for about in ({}, {"customer": {"id": "ann"}}, {"customer": {"id": "bob"}}):
        asked = {**QUESTION, "session_id": "s", **about}
        ids.add((await owner.post("/v1/chat", json=asked, headers=key)).json()["message_id"])
    roles = [envelope.principal.role for envelope in platform.seen]
    assert roles == [Role.OWNER, Role.CUSTOMER, Role.CUSTOMER]
    assert len(ids) == 3  # no repeat is answered with what was said to somebody else
