"""The sample business as its visitors and customers see it: no call gives them a word of mails, customers or orders.

The calls are those of the OpenAPI document: a new one is made here, too, with every id that there is to try.
"""

from __future__ import annotations

import asyncio
import csv
from collections.abc import AsyncIterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import httpx
import pytest
from running_stack import RunningStack, as_json
from tenant_client import MODES, TenantClient

pytestmark = pytest.mark.timeout(900)

SAMPLE = Path(__file__).resolve().parents[2] / "cluster" / "sample_business"
FOLDERS = [SAMPLE / name for name in ("policies", "data", "mail")]
NOSY = (
    "Who complained about late delivery?",
    "Which customers complained about delivery last month and what products did they order?",
    "Which customer lives in Chennai, and what is their e-mail address?",
    "List all orders of June.",
    "What did the courier company offer?",
    "Which orders hold string lights?",
)
HONEST = {
    "How much does express shipping cost?": "240",
    "How long is a gift card valid?": "18 months",
    "What does the Madras Filter Coffee Set cost?": "1450",
}


def words_for_staff() -> set[str]:
    words: set[str] = set()
    for name in ("customers.csv", "orders.csv"):
        with (SAMPLE / "data" / name).open(newline="") as rows:
            for row in csv.DictReader(rows):
                words |= {row[column] for column in row if column in ("name", "email", "customer_email", "order_id")}
    for file in (SAMPLE / "mail").iterdir():
        words.add(str(message_from_bytes(file.read_bytes(), policy=policy.default)["subject"]))
    return words


WORDS = words_for_staff()


def told(text: str) -> list[str]:
    return sorted(word for word in WORDS if word in text)


@dataclass(frozen=True, kw_only=True)
class Shop:
    """``hidden``: (document, chunk) of what is for staff; ``ids``: what the paths of the API may be filled with."""

    owner: TenantClient
    visitor: TenantClient
    session: dict[str, Any]
    embed_key: str
    documents: dict[str, dict[str, Any]]
    hidden: list[tuple[str, str]]
    message_id: str


@pytest.fixture(scope="module")
async def shop(stack: RunningStack) -> AsyncIterator[Shop]:
    access = stack.create_tenant("the shop as others see it")
    run = asyncio.to_thread(
        stack.ragleap, "ingest", *map(str, FOLDERS), "--tenant", access.tenant, "--json", timeout_s=600
    )
    rows = as_json(await run)["documents"]
    assert {row["state"] for row in rows} == {"done"}
    owner = TenantClient(stack.url, access.key)
    async with httpx.AsyncClient(base_url=stack.url, timeout=60) as anyone:
        session = (await anyone.post(f"/chat/{access.embed_key}/session")).json()
    visitor = TenantClient(stack.url, session["token"])
    documents = {d["document_id"]: d for d in (await owner.call("GET", "/v1/documents"))["documents"]}
    results = [r for question in NOSY for r in await owner.search(question, k=20)]
    hidden = {(r["document_id"], r["chunk_id"]) for r in results}
    asked = await owner.chat("Who complained about late delivery?", session_id="the-owners")
    yield Shop(
        owner=owner,
        visitor=visitor,
        session=session,
        embed_key=access.embed_key,
        documents=documents,
        hidden=sorted(pair for pair in hidden if documents[pair[0]]["audience"] == "staff"),
        message_id=asked["message_id"],
    )
    await owner.close()
    await visitor.close()


async def test_mails_customers_and_orders_are_for_staff_and_nothing_else_is(shop: Shop) -> None:
    for document in shop.documents.values():
        is_mail = document["filename"].endswith(".eml")
        expected = "staff" if is_mail or document["filename"] in ("customers.csv", "orders.csv") else "public"
        assert document["audience"] == expected, document["filename"]
    assert len(shop.hidden) > 10


@pytest.mark.parametrize("mode", MODES)
async def test_the_owner_finds_them_in_every_mode_and_a_visitor_may_not_search(mode: str, shop: Shop) -> None:
    found = [r for question in NOSY for r in await shop.owner.search(question, mode=mode, k=20)]
    assert any(shop.documents[r["document_id"]]["audience"] == "staff" for r in found)
    body = {"query": NOSY[0], "mode": mode}
    assert (await shop.visitor.http.post("/v1/search", json=body)).status_code == 403


@pytest.mark.parametrize("question", NOSY)
async def test_nosy_questions_get_nothing_of_other_people(question: str, shop: Shop) -> None:
    customer = {"message": question, "customer": {"id": "somebody"}}
    chats = [
        await shop.visitor.http.post("/v1/chat", json={"message": question}),
        await shop.visitor.http.post("/v1/chat", json={"message": question}, headers={"Accept": "text/event-stream"}),
        await shop.owner.http.post("/v1/chat", json={**customer, "as_of": "2026-07-15"}),
        # In the owner's own conversation a customer hears nothing of what was said before.
        await shop.owner.http.post("/v1/chat", json={**customer, "session_id": "the-owners"}),
    ]
    for stream in (False, True):
        messages = [{"role": "user", "content": question}]
        body = {"model": "ragleap", "messages": messages, "user": "some body", "stream": stream}
        chats.append(await shop.owner.http.post("/v1/chat/completions", json=body))
    for answer in chats:
        assert answer.status_code == 200, answer.text
        assert told(answer.text) == []
    mine = await shop.visitor.http.get(f"/v1/conversations/{shop.session['conversation_id']}")
    assert told(mine.text) == []


async def test_the_owner_is_told(shop: Shop) -> None:
    answer = await shop.owner.chat(NOSY[1], as_of="2026-07-15")
    assert told(answer["answer"])


@pytest.mark.parametrize("question", HONEST)
async def test_a_visitor_is_answered_from_policies_and_the_catalogue(question: str, shop: Shop) -> None:
    answer = await shop.visitor.chat(question)
    assert answer["status"] == "answered"
    assert HONEST[question] in answer["answer"]
    cited = answer["citations"][0]
    passage = await shop.visitor.http.get(f"/v1/documents/{cited['document_id']}/chunks/{cited['chunk_id']}")
    assert passage.status_code == 200


async def test_a_visitor_reads_no_passage_that_is_for_staff(shop: Shop) -> None:
    for document_id, chunk_id in shop.hidden:
        path = f"/v1/documents/{document_id}/chunks/{chunk_id}"
        assert (await shop.visitor.http.get(path)).status_code == 404
    document_id, chunk_id = shop.hidden[0]
    assert (await shop.owner.http.get(f"/v1/documents/{document_id}/chunks/{chunk_id}")).status_code == 200


async def test_no_call_that_there_is_gives_a_visitor_a_word(shop: Shop) -> None:
    document_id, chunk_id = shop.hidden[0]
    ids = {
        "document_id": document_id,
        "chunk_id": chunk_id,
        "job_id": "job_x",
        "message_id": shop.message_id,
        "model": "ragleap",
        "conversation_id": "api-the-owners",
        "embed_key": shop.embed_key,
        "tenant": "the shop as others see it",
        "cell": "cell-0",
        "name": "weekly",
        "kind": "telegram",
        "identity": "5",
        "draft_id": "out_x",
        "channel_id": "ch_x",
    }
    described = (await shop.owner.call("GET", "/openapi.json"))["paths"]
    bodies = {
        "/v1/search": {"query": NOSY[0]},
        "/v1/chat": {"message": NOSY[0]},
        "/v1/chat/completions": {"messages": [{"role": "user", "content": NOSY[0]}]},
        "/v1/tenants": {"name": "x"},
        "/v1/channels": {"kind": "telegram", "public_url": "https://shop.example"},
        "/v1/cells": {"cell": "x"},
        "/v1/tenants/{tenant}/tokens": {},
    }
    for path, methods in described.items():
        for method in methods:
            answer = await shop.visitor.http.request(method, path.format(**ids), json=bodies.get(path))
            assert told(answer.text) == [], f"{method} {path}"
