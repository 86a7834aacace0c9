"""A visitor of the chat page is handed to a person of the business, sees what the person writes, and is handed back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from running_stack import RunningStack, TenantAccess
from tenant_client import TenantClient

from actors.session import PASSED_ON


@pytest.fixture
async def visitor(stack: RunningStack, access: TenantAccess) -> AsyncIterator[tuple[TenantClient, str]]:
    """A visitor and its conversation."""
    async with httpx.AsyncClient(base_url=stack.url, timeout=60) as anyone:
        session = (await anyone.post(f"/chat/{access.embed_key}/session")).json()
    client = TenantClient(stack.url, session["token"])
    yield client, session["conversation_id"]
    await client.close()


async def test_a_visitor_who_asks_for_a_person_gets_one_and_the_assistant_back_again(
    tenant: TenantClient, visitor: tuple[TenantClient, str]
) -> None:
    client, conversation = visitor
    passed_on = await client.chat("Can I talk to a person, please?")
    assert (passed_on["status"], passed_on["answer"]) == ("handoff", PASSED_ON)
    unanswered = await client.chat("Is anybody there?")
    assert (unanswered["status"], unanswered["answer"]) == ("handoff", "")

    said = {"message": "Tom from the shop here."}
    async with asyncio.timeout(30):
        async for event in client.events("GET", f"/v1/conversations/{conversation}/events"):
            if event.data.get("text") == "Is anybody there?":
                await tenant.call("POST", f"/v1/conversations/{conversation}/messages", json=said)
            if event.data.get("author") == "person":
                assert event.data["text"] == said["message"]
                break

    listed = (await tenant.call("GET", "/v1/conversations"))["conversations"]
    assert [each["state"] for each in listed if each["conversation_id"] == conversation] == ["human"]
    await tenant.call("POST", f"/v1/conversations/{conversation}/handoff", json={"to": "assistant"})
    assert (await client.chat("What does a lamp cost?"))["status"] == "declined"


async def test_a_visitor_can_press_for_a_person_but_not_take_the_conversation_back(
    visitor: tuple[TenantClient, str],
) -> None:
    client, conversation = visitor
    handed = await client.call("POST", f"/v1/conversations/{conversation}/handoff", json={"to": "human"})
    assert handed["state"] == "human"
    refused = await client.http.post(f"/v1/conversations/{conversation}/handoff", json={"to": "assistant"})
    assert refused.status_code == 403
    assert (await client.chat("What does a lamp cost?"))["answer"] == ""
