"""Conversations through the real door: answers whole and streamed, repeated safely, taken up again, remembered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import made_files
import openai
import pytest
from running_stack import RunningStack
from tenant_client import MODES, Event, TenantClient, parsed

QUESTION = "How long is the warranty on brass lanterns?"
ANSWER = "Brass lanterns have a warranty of seventeen months."
OTHER = "Who won the cricket match yesterday?"
POLICY = made_files.markdown(
    "Warranty",
    [
        f"{ANSWER} The warranty begins on the day of delivery.",
        "Paper lanterns have a warranty of four months.",
        "Repairs under the warranty are done within nine days.",
    ],
)


@pytest.fixture(scope="module")
async def shop(stack: RunningStack) -> AsyncIterator[TenantClient]:
    """A tenant with one policy."""
    client = TenantClient(stack.url, stack.create_tenant("a shop with a policy").key)
    await client.ingest("warranty.md", POLICY, "warranty")
    yield client
    await client.close()


@pytest.fixture
async def sdk(stack: RunningStack, shop: TenantClient) -> AsyncIterator[openai.AsyncOpenAI]:
    """The official OpenAI client, unchanged but for where it calls and the key."""
    client = openai.AsyncOpenAI(
        base_url=f"{stack.url}/v1",
        api_key=shop.http.headers["authorization"].removeprefix("Bearer "),
        max_retries=0,
        http_client=httpx.AsyncClient(trust_env=False, timeout=120),
    )
    yield client
    await client.close()


async def test_an_empty_tenant_finds_nothing_and_declines_everywhere(tenant: TenantClient) -> None:
    for mode in MODES:
        assert await tenant.search(QUESTION, mode=mode) == []
    answer = await tenant.chat(QUESTION)
    assert (answer["status"], answer["citations"]) == ("declined", [])
    assert answer["answer"]
    events = [event async for event in tenant.events("POST", "/v1/chat", json={"message": QUESTION})]
    assert events[-1].data["status"] == "declined"
    assert "citation" not in {event.event for event in events}
    messages = [{"role": "user", "content": QUESTION}]
    done = await tenant.call("POST", "/v1/chat/completions", json={"model": "ragleap", "messages": messages})
    assert done["status"] == "declined"


async def test_what_the_documents_do_not_say_is_declined_without_a_citation(shop: TenantClient) -> None:
    answer = await shop.chat(OTHER)
    assert (answer["status"], answer["citations"]) == ("declined", [])


async def test_a_streamed_answer_is_the_whole_answer_and_is_read_again_by_its_id(shop: TenantClient) -> None:
    events = await _asked(shop)
    done = events[-1]
    assert done.event == "done"
    assert done.data["status"] == "answered"
    assert "".join(event.data["text"] for event in events if event.event == "token") == done.data["answer"]
    assert [event.data for event in events if event.event == "citation"] == done.data["citations"]
    ids = [int(event.id) for event in events]
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    message = await shop.call("GET", f"/v1/messages/{done.data['message_id']}")
    assert (message["state"], message["message"]) == ("done", QUESTION)
    assert {name: message[name] for name in ("status", "answer", "citations")} == {
        name: done.data[name] for name in ("status", "answer", "citations")
    }


async def test_a_stream_goes_on_after_the_last_event_that_was_received(shop: TenantClient) -> None:
    headers = {"Accept": "text/event-stream"}
    async with shop.http.stream("POST", "/v1/chat", json={"message": QUESTION}, headers=headers) as answer:
        path = f"{answer.headers['location']}/events"
        first = await anext(parsed(answer.aiter_lines()))  # and then the line breaks
    rest = [event async for event in shop.events("GET", path, last_event_id=first.id)]
    assert rest[-1].event == "done"
    assert [int(event.id) for event in rest] == list(range(int(first.id) + 1, int(rest[-1].id) + 1))
    whole = [event async for event in shop.events("GET", path)]
    assert whole[-1].data == rest[-1].data
    answer = await shop.http.get(path, headers={"Last-Event-ID": "not a number"})
    assert answer.status_code == 422


async def test_a_question_repeated_with_its_idempotency_key_is_one_message(shop: TenantClient) -> None:
    first = await shop.chat(QUESTION, idempotency_key="asked once")
    again = await asyncio.gather(*(shop.chat(QUESTION, idempotency_key="asked once") for _ in range(4)))
    assert all(answer == first for answer in again)
    lines = await _lines(shop, first["session_id"])
    assert [line["author"] for line in lines] == ["customer", "assistant"]
    answer = await shop.http.post(
        "/v1/chat", json={"message": "Another question?"}, headers={"Idempotency-Key": "asked once"}
    )
    assert answer.status_code == 409
    assert answer.json()["type"] == "urn:ragleap:problem:conflict"


async def test_an_upload_repeated_with_its_idempotency_key_is_one_document(tenant: TenantClient) -> None:
    accepted = [await tenant.upload("warranty.md", POLICY, idempotency_key="sent once") for _ in range(3)]
    assert accepted[0] == accepted[1] == accepted[2]
    await tenant.ended(accepted[0]["job_id"])
    (document,) = (await tenant.call("GET", "/v1/documents"))["documents"]
    assert (document["document_id"], document["version"]) == (accepted[0]["document_id"], 1)


async def test_a_conversation_keeps_its_turns_in_order_and_is_listed(shop: TenantClient) -> None:
    said = [QUESTION, "And on paper lanterns?", OTHER]
    answers = [await shop.chat(text, session_id="three-turns", customer={"id": "c7", "name": "Ada"}) for text in said]
    assert {answer["session_id"] for answer in answers} == {"three-turns"}
    assert "seventeen months" in answers[0]["answer"]
    assert "four months" in answers[1]["answer"]  # the second question alone says nothing of a warranty
    assert answers[2]["status"] == "declined"
    lines = await _lines(shop, "three-turns")
    assert [line["author"] for line in lines] == ["customer", "assistant"] * 3
    assert [line["text"] for line in lines[::2]] == said
    assert [line["text"] for line in lines[1::2]] == [answer["answer"] for answer in answers]
    assert [line["citations"] for line in lines[1::2]] == [answer["citations"] for answer in answers]
    assert [line["message_id"] for line in lines[1::2]] == [answer["message_id"] for answer in answers]
    conversations = (await shop.call("GET", "/v1/conversations"))["conversations"]
    (listed,) = [one for one in conversations if one["session_id"] == "three-turns"]
    assert (listed["customer_id"], listed["customer_name"], listed["state"]) == ("c7", "Ada", "assistant")


async def test_questions_asked_at_once_in_one_conversation_are_each_answered_once(shop: TenantClient) -> None:
    said = [QUESTION, OTHER, "How long is the warranty on paper lanterns?", "How fast are repairs done?"]
    answers = await asyncio.gather(*(shop.chat(text, session_id="all-at-once") for text in said))
    lines = await _lines(shop, "all-at-once")
    assert sorted(line["text"] for line in lines if line["author"] == "customer") == sorted(said)
    replies = {line["message_id"]: line["text"] for line in lines if line["author"] == "assistant"}
    assert replies == {answer["message_id"]: answer["answer"] for answer in answers}
    assert [line["message_id"] for line in lines[::2]] == [line["message_id"] for line in lines[1::2]]


async def test_the_openai_sdk_works_unchanged(sdk: openai.AsyncOpenAI, shop: TenantClient) -> None:
    assert [model.id async for model in sdk.models.list()] == ["ragleap"]
    asked: dict[str, Any] = {"model": "ragleap", "messages": [{"role": "user", "content": QUESTION}], "user": "sdk-u"}
    done = await sdk.chat.completions.create(**asked)
    text = done.choices[0].message.content
    assert text is not None
    assert "seventeen months" in text
    assert done.choices[0].finish_reason == "stop"
    assert done.model_extra is not None
    assert done.model_extra["citations"][0]["document_id"] == "warranty"
    stream = await sdk.chat.completions.create(**asked, stream=True)
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == text
    assert chunks[-1].choices[0].finish_reason == "stop"
    conversation = await shop.call("GET", "/v1/conversations/openai-sdk-u")
    assert len(conversation["messages"]) == 4
    with pytest.raises(openai.AuthenticationError):
        await sdk.with_options(api_key="rlk_unknown").models.list()


async def _asked(client: TenantClient) -> list[Event]:
    return [event async for event in client.events("POST", "/v1/chat", json={"message": QUESTION})]


async def _lines(client: TenantClient, session_id: str) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = (await client.call("GET", f"/v1/conversations/api-{session_id}"))["messages"]
    return lines
