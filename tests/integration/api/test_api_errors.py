"""What the door says when it cannot do what was asked: credentials, other tenants' ids, bad requests, failures."""

from __future__ import annotations

import httpx
import pytest
from stand_ins.door import OPERATOR_KEY, StandInPlatform
from stand_ins.tenant import Tenant

from runtime.errors import Fenced, Overloaded, RagleapError, Unavailable

PROBLEM = "application/problem+json"
READS = ("/v1/documents", "/v1/jobs/x", "/v1/conversations", "/v1/messages/x", "/v1/models", "/v1/tenants")


@pytest.mark.parametrize("path", READS)
async def test_an_unknown_key_is_401_and_says_how(http: httpx.AsyncClient, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic eDp5"}):
        answer = await http.get(path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.json()["type"] == "urn:ragleap:problem:unauthorized"


async def test_credentials_are_checked_before_a_body_is_read(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/documents", files={"file": ("a.txt", b"x" * 150_000)})
    assert answer.status_code == 401


async def test_a_forged_session_token_is_401(http: httpx.AsyncClient, shop: Tenant) -> None:
    token = (await http.post(f"/chat/{shop.embed_key}/session")).json()["token"]
    forged = token[:-2] + ("AA" if token[-2:] != "AA" else "BB")
    answer = await http.post("/v1/chat", json={"message": "x"}, headers={"Authorization": f"Bearer {forged}"})
    assert answer.status_code == 401


async def test_another_tenants_ids_do_not_exist(
    http: httpx.AsyncClient, owner: httpx.AsyncClient, rival: Tenant
) -> None:
    said = (await owner.post("/v1/chat", json={"message": "damaged?", "session_id": "s1"})).json()
    headers = {"Authorization": f"Bearer {rival.key}"}
    for path in (
        "/v1/documents/policy",
        "/v1/documents/policy/chunks/c1",
        "/v1/jobs/job_policy",
        f"/v1/messages/{said['message_id']}",
        f"/v1/messages/{said['message_id']}/events",
        "/v1/conversations/api-s1",
    ):
        assert (await owner.get(path)).status_code == 200
        answer = await http.get(path, headers=headers)
        assert answer.status_code == 404, path
        assert answer.json()["type"] == "urn:ragleap:problem:not-found"
    assert (await http.delete("/v1/documents/policy", headers=headers)).status_code == 404
    assert (await http.get("/v1/documents", headers=headers)).json()["documents"] == []
    assert (await http.post("/v1/search", json={"query": "x"}, headers=headers)).json()["results"] == []


async def test_a_wrong_path_or_method_is_a_problem_too(owner: httpx.AsyncClient) -> None:
    missing = await owner.get("/v1/nothing")
    assert (missing.status_code, missing.headers["content-type"]) == (404, PROBLEM)
    wrong = await owner.patch("/v1/chat")
    assert (wrong.status_code, wrong.headers["content-type"]) == (405, PROBLEM)
    assert wrong.headers["Allow"] == "POST"


async def test_a_body_that_is_no_json_is_422(owner: httpx.AsyncClient) -> None:
    answer = await owner.post("/v1/chat", content=b"{", headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:ragleap:problem:invalid"


async def test_a_json_body_over_the_limit_is_413(owner: httpx.AsyncClient) -> None:
    answer = await owner.post("/v1/chat", json={"message": "x" * 3_000_000})
    assert answer.status_code == 413
    assert answer.headers["content-type"] == PROBLEM


async def test_an_unforeseen_failure_tells_nothing_of_the_inside(
    owner: httpx.AsyncClient, platform: StandInPlatform
) -> None:
    platform.tenants["shop"].jobs["job_policy"] = "not a record"  # type: ignore[assignment]
    answer = await owner.get("/v1/jobs/job_policy")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == PROBLEM
    assert answer.json()["trace_id"] == answer.headers["X-Trace-Id"]
    assert "Traceback" not in answer.text
    assert "asdict" not in answer.text


@pytest.mark.parametrize(
    ("refusal", "status", "seconds"),
    [
        (Overloaded("Memory is short.", retry_after=29.2), 429, "30"),
        (Overloaded("The mailbox is full.", retry_after=0.2), 429, "1"),
        (Unavailable("The cell is restarting.", retry_after=3), 503, "3"),
        (Fenced("Another process serves the tenant."), 503, "1"),
    ],
)
async def test_what_a_cell_refuses_for_now_is_a_problem_that_says_when_to_come_back(
    owner: httpx.AsyncClient, platform: StandInPlatform, refusal: RagleapError, status: int, seconds: str
) -> None:
    platform.refuse = refusal
    for path, body in (
        ("/v1/chat", {"message": "x"}),
        ("/v1/search", {"query": "x"}),
        ("/v1/chat/completions", {"model": "ragleap", "messages": [{"role": "user", "content": "x"}]}),
    ):
        answer = await owner.post(path, json=body)
        assert (answer.status_code, answer.headers["Retry-After"]) == (status, seconds), path
        assert answer.headers["content-type"] == PROBLEM
        problem = answer.json()
        assert problem["type"] == f"urn:ragleap:problem:{refusal.kind}"
        assert problem["status"] == status
        assert refusal.what in problem["detail"]


async def test_the_trace_id_goes_from_the_request_to_every_message(
    owner: httpx.AsyncClient, platform: StandInPlatform
) -> None:
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"}
    answer = await owner.post("/v1/chat", json={"message": "x"}, headers=headers)
    assert answer.headers["X-Trace-Id"] == trace_id
    assert platform.seen[-1].trace.trace_id == trace_id


async def test_every_post_that_stores_something_takes_an_idempotency_key(http: httpx.AsyncClient) -> None:
    stores_nothing = {"/v1/search", "/chat/{embed_key}/session", "/v1/channels/{channel_id}/test"}
    # A channel is known by its name, a provider's message by its id, an owner by its identity, and who has a
    # conversation or becomes of a draft is said whole: a repeat is told by what it says itself.
    known = {
        "/v1/channels",
        "/v1/owners",
        "/webhooks/{kind}/{channel_id}",
        "/v1/conversations/{conversation_id}/handoff",
        "/v1/drafts/{draft_id}/approve",
        "/v1/drafts/{draft_id}/discard",
    }
    for path, calls in (await http.get("/openapi.json")).json()["paths"].items():
        taken = {parameter["name"].lower() for parameter in calls.get("post", {}).get("parameters", [])}
        assert "post" not in calls or path in stores_nothing | known or "idempotency-key" in taken, path


async def test_an_idempotency_key_reaches_what_makes_tenants_and_keys(
    http: httpx.AsyncClient, platform: StandInPlatform
) -> None:
    headers = {"Authorization": f"Bearer {OPERATOR_KEY}", "Idempotency-Key": "once"}
    await http.post("/v1/tenants", json={"name": "cafe"}, headers=headers)
    await http.post("/v1/tenants/cafe/tokens", json={"ttl_s": 60}, headers=headers)
    assert [told["idempotency_key"] for _, told in platform.administered] == ["once", "once"]


async def test_tenants_are_the_operators(http: httpx.AsyncClient, owner: httpx.AsyncClient, url: str) -> None:
    operator = {"Authorization": f"Bearer {OPERATOR_KEY}"}
    made = await http.post("/v1/tenants", json={"name": "cafe"}, headers=operator)
    assert made.status_code == 201
    assert made.json()["chat_url"] == f"{url}/chat/{made.json()['embed_key']}"
    assert (await http.get(made.json()["chat_url"])).status_code == 200
    assert (await http.post("/v1/tenants", json={"name": "cafe"}, headers=operator)).status_code == 409
    listed = (await http.get("/v1/tenants", headers=operator)).json()["tenants"]
    assert {found["tenant"] for found in listed} == {"shop", "cafe"}
    minted = await http.post("/v1/tenants/cafe/tokens", json={"ttl_s": 60}, headers=operator)
    assert minted.json()["key"] == "short-cafe"
    assert (await http.delete("/v1/tenants/cafe", headers=operator)).status_code == 200
    assert (await http.delete("/v1/tenants/cafe", headers=operator)).status_code == 404
    assert (await http.delete("/v1/tenants/NO-SUCH", headers=operator)).status_code == 404
    assert (await owner.get("/v1/tenants")).status_code == 401


async def test_readyz_names_what_is_not_ready(http: httpx.AsyncClient, platform: StandInPlatform) -> None:
    assert (await http.get("/healthz")).json() == {"status": "ok"}
    assert (await http.get("/readyz")).status_code == 200
    platform.not_ready = {"vectors": "restarting"}
    answer = await http.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert answer.json()["not_ready"] == {"vectors": "restarting"}


async def test_the_contract_and_its_page_are_served_without_another_host(http: httpx.AsyncClient) -> None:
    contract = (await http.get("/openapi.json")).json()
    assert "/v1/chat/completions" in contract["paths"]
    docs = (await http.get("/docs")).text
    assert "https://" not in docs
    assert (await http.get("/static/docs/docs.js")).status_code == 200
