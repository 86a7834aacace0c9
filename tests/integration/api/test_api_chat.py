"""Chat, messages and conversations through the door."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from stand_ins.door import QUOTE, StandInPlatform, served
from stand_ins.tenant import Tenant

from runtime.config import Settings
from runtime.errors import Unavailable
from runtime.principal import Role

QUESTION = {"message": "What about damaged parcels?"}
SSE = {"Accept": "text/event-stream"}


async def events(lines: AsyncIterator[str]) -> AsyncIterator[tuple[int, str, dict[str, Any]]]:
    """(id, event, data) of a stream, as the standard says that they are read."""
    seq, name = 0, ""
    async for line in lines:
        field, _, value = line.partition(": ")
        if field == "id":
            seq = int(value)
        elif field == "event":
            name = value
        elif field == "data":
            yield seq, name, json.loads(value)


async def test_a_question_is_answered_with_citations(owner: httpx.AsyncClient) -> None:
    answer = await owner.post("/v1/chat", json=QUESTION)
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "answered"
    assert body["answer"] == f"{QUOTE} [1]"
    assert body["citations"] == [
        {"n": 1, "document_id": "policy", "chunk_id": "c1", "quote": QUOTE, "title": "Delivery policy"}
    ]
    assert (await owner.get(f"/v1/messages/{body['message_id']}")).json()["answer"] == body["answer"]


async def test_nothing_relevant_is_declined_without_citations(owner: httpx.AsyncClient) -> None:
    body = (await owner.post("/v1/chat", json={"message": "Who won the match?"})).json()
    assert (body["status"], body["citations"]) == ("declined", [])


async def test_a_session_goes_on_under_its_id(owner: httpx.AsyncClient) -> None:
    first = (await owner.post("/v1/chat", json=QUESTION)).json()
    second = (await owner.post("/v1/chat", json=QUESTION | {"session_id": first["session_id"]})).json()
    assert second["session_id"] == first["session_id"]
    conversation = (await owner.get(f"/v1/conversations/api-{first['session_id']}")).json()
    assert [line["author"] for line in conversation["messages"]] == ["customer", "assistant"] * 2
    assert conversation["messages"][1]["citations"][0]["quote"] == QUOTE


async def test_an_owner_speaks_for_a_customer(owner: httpx.AsyncClient, platform: StandInPlatform) -> None:
    await owner.post("/v1/chat", json=QUESTION | {"customer": {"id": "c-7", "name": "Ann"}, "as_of": "2026-05-01"})
    envelope = platform.seen[-1]
    assert envelope.principal.role is Role.CUSTOMER
    assert envelope.principal.identity == "c-7"
    assert (envelope.body.customer.name, envelope.body.as_of) == ("Ann", "2026-05-01")  # type: ignore[attr-defined]


async def test_an_answer_streams_and_ends_with_done(owner: httpx.AsyncClient) -> None:
    async with owner.stream("POST", "/v1/chat", json=QUESTION, headers=SSE) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        got = [event async for event in events(stream.aiter_lines())]
    assert [seq for seq, _, _ in got] == list(range(1, len(got) + 1))
    assert "".join(data["text"] for _, name, data in got if name == "token") == f"{QUOTE} [1]"
    assert [name for _, name, _ in got][-2:] == ["citation", "done"]
    done = got[-1][2]
    assert done["answer"] == f"{QUOTE} [1]"
    assert done["message_id"] == stream.headers["X-Message-Id"]
    assert done["session_id"] == stream.headers["X-Session-Id"]


async def test_tokens_arrive_while_the_answer_is_being_made(
    owner: httpx.AsyncClient, platform: StandInPlatform
) -> None:
    platform.hold_after = 2
    async with owner.stream("POST", "/v1/chat", json=QUESTION, headers=SSE) as stream:
        reading = events(stream.aiter_lines())
        first = [await anext(reading), await anext(reading)]
        assert [name for _, name, _ in first] == ["token", "token"]
        platform.go_on.set()
        assert [name async for _, name, _ in reading][-1] == "done"


async def test_a_broken_stream_resumes_after_the_last_event(
    owner: httpx.AsyncClient, platform: StandInPlatform
) -> None:
    platform.break_after_seq = 3
    async with owner.stream("POST", "/v1/chat", json=QUESTION, headers=SSE) as stream:
        got = [event async for event in events(stream.aiter_lines())]
    assert got[-1][1] == "problem"
    assert got[-1][2]["type"] == "urn:ragleap:problem:unavailable"
    path = f"/v1/messages/{stream.headers['X-Message-Id']}/events"
    async with owner.stream("GET", path, headers={"Last-Event-ID": "3"}) as stream:
        rest = [event async for event in events(stream.aiter_lines())]
    assert rest[0][0] == 4
    tokens = [data["text"] for _, name, data in got[:-1] + rest if name == "token"]
    assert "".join(tokens) == f"{QUOTE} [1]"


async def test_a_reader_that_leaves_leaves_nothing_open(owner: httpx.AsyncClient, platform: StandInPlatform) -> None:
    platform.hold_after = 1
    async with owner.stream("POST", "/v1/chat", json=QUESTION, headers=SSE) as stream:
        await anext(events(stream.aiter_lines()))
        assert platform.open_streams == 1
    await asyncio.wait_for(platform.left.wait(), 10)
    assert platform.open_streams == 0
    platform.go_on.set()


async def test_a_last_event_id_that_is_none_is_422(owner: httpx.AsyncClient) -> None:
    message_id = (await owner.post("/v1/chat", json=QUESTION)).json()["message_id"]
    answer = await owner.get(f"/v1/messages/{message_id}/events", headers={"Last-Event-ID": "x"})
    assert answer.status_code == 422


async def test_a_repeat_with_its_idempotency_key_is_the_same_message(
    owner: httpx.AsyncClient, platform: StandInPlatform
) -> None:
    headers = {"Idempotency-Key": "a-7"}
    body = QUESTION | {"session_id": "s1"}
    first = (await owner.post("/v1/chat", json=body, headers=headers)).json()
    assert (await owner.post("/v1/chat", json=body, headers=headers)).json() == first
    conversation = (await owner.get("/v1/conversations/api-s1")).json()
    assert len(conversation["messages"]) == 2
    changed = await owner.post("/v1/chat", json=body | {"message": "something else"}, headers=headers)
    assert changed.status_code == 409


async def test_a_repeat_without_a_session_finds_its_first_session(owner: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "a-8"}
    first = (await owner.post("/v1/chat", json=QUESTION, headers=headers)).json()
    assert (await owner.post("/v1/chat", json=QUESTION, headers=headers)).json() == first


async def test_past_its_deadline_a_question_is_202_and_its_answer_comes_later(
    platform: StandInPlatform, shop: Tenant
) -> None:
    platform.hold_after = 1
    async with (
        served(platform, Settings(answer_deadline_s=0.2)) as url,
        httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {shop.key}"}, trust_env=False) as client,
    ):
        answer = await client.post("/v1/chat", json=QUESTION)
        assert answer.status_code == 202
        message_id = answer.json()["message_id"]
        assert (await client.get(f"/v1/messages/{message_id}")).json()["state"] == "pending"
        platform.go_on.set()
        async with client.stream("GET", f"/v1/messages/{message_id}/events") as stream:
            assert [name async for _, name, _ in events(stream.aiter_lines())][-1] == "done"
        assert (await client.get(f"/v1/messages/{message_id}")).json()["status"] == "answered"


async def test_while_the_cell_is_down_a_question_is_503_with_retry_after(
    owner: httpx.AsyncClient, platform: StandInPlatform
) -> None:
    platform.refuse = Unavailable("The cell is restarting.", do="Try again.", retry_after=2)
    answer = await owner.post("/v1/chat", json=QUESTION)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert answer.json()["detail"] == "The cell is restarting. Try again."


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"message": "  "},
        {"message": "x" * 8001},
        {"message": "x", "session_id": "a/b"},
        {"message": "x", "as_of": "soon"},
        {"message": "x", "customer": {}},
        [],
    ],
)
async def test_a_question_that_cannot_be_is_422(owner: httpx.AsyncClient, body: object) -> None:
    answer = await owner.post("/v1/chat", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_conversations_are_listed_newest_first(owner: httpx.AsyncClient) -> None:
    for session_id in ("s1", "s2", "s3"):
        await owner.post("/v1/chat", json=QUESTION | {"session_id": session_id})
    first = (await owner.get("/v1/conversations", params={"limit": 2})).json()
    rest = (await owner.get("/v1/conversations", params={"before": first["next"]})).json()
    listed = [found["session_id"] for found in first["conversations"] + rest["conversations"]]
    assert listed == ["s3", "s2", "s1"]
