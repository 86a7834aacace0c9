"""Two tenants whose documents differ in secret words only: nothing that one may call gives a word of the other.

The calls are those of the OpenAPI document: a new one without a check here fails the first test.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import made_files
import pytest
from fakes.bot_api import TOKEN, BotApi
from running_stack import RunningStack, TenantAccess
from tenant_client import MODES, TenantClient

from runtime.ids import new_id

QUESTION = "Who keeps the key of the strong room?"
SESSION = "the-same-session"
OPERATORS = {
    ("GET", "/metrics"),
    ("GET", "/v1/status"),
    ("GET", "/v1/tenants"),
    ("POST", "/v1/tenants"),
    ("DELETE", "/v1/tenants/{tenant}"),
    ("POST", "/v1/tenants/{tenant}/tokens"),
    ("PUT", "/v1/tenants/{tenant}/cell"),
    ("GET", "/v1/cells"),
    ("POST", "/v1/cells"),
    ("DELETE", "/v1/cells/{cell}"),
}
PUBLIC = {("GET", "/healthz"), ("GET", "/readyz")}
OF_OTHERS = {  # opened by something else than an API key
    ("POST", "/chat/{embed_key}/session"),
    ("GET", "/webhooks/{kind}/{channel_id}"),
    ("POST", "/webhooks/{kind}/{channel_id}"),
}


@dataclass(kw_only=True)
class Side:
    """One tenant with everything that it has. ``word`` stands in its documents and in no one else's."""

    access: TenantAccess
    client: TenantClient
    visitor: TenantClient
    visitor_session: dict[str, Any]
    word: str
    own_document: str  # an id that the other tenant has not
    bot: BotApi
    files: Path  # where the tenants' SQLite databases are
    job_id: str = ""
    chunk_id: str = ""
    message_id: str = ""
    visitor_message_id: str = ""
    channel_id: str = ""
    webhook_secret: str = ""
    seen: list[str] = field(default_factory=list)

    @property
    def own_number(self) -> str:
        """A person's id at a provider that is the owner of this tenant alone."""
        return str(sum(map(ord, self.word)))

    async def get(self, path: str, **request: Any) -> httpx.Response:
        return await self.ask("GET", path, **request)

    async def post(self, path: str, **request: Any) -> httpx.Response:
        return await self.ask("POST", path, **request)

    async def ask(self, method: str, path: str, *, visitor: bool = False, **request: Any) -> httpx.Response:
        """A call whose answer is kept in ``seen``."""
        answer = await (self.visitor if visitor else self.client).http.request(method, path, **request)
        self.seen.append(answer.text)
        return answer

    async def refused(self, method: str, path: str, *, visitor: bool = False, **request: Any) -> None:
        """The call is answered as if there were no such thing."""
        answer = await self.ask(method, path, visitor=visitor, **request)
        assert answer.status_code == 404, f"{method} {path}: {answer.status_code} {answer.text}"


@pytest.fixture(scope="module")
async def bot(stack: RunningStack) -> AsyncIterator[BotApi]:
    """Telegram, as the stack reaches it."""
    made = BotApi()
    await made.start(stack.telegram_port)
    yield made
    await made.close()


@pytest.fixture(scope="module")
async def sides(stack: RunningStack, bot: BotApi) -> AsyncIterator[tuple[Side, Side]]:
    opened = tuple([await _opened(stack, word, bot) for word in ("Quillfeather", "Brambleshank")])
    await asyncio.gather(*(_furnished(side) for side in opened))
    assert len(opened) == 2
    yield opened
    for side in opened:
        await side.client.close()
        await side.visitor.close()


@pytest.fixture(params=[0, 1], ids=["left", "right"])
def pair(request: pytest.FixtureRequest, sides: tuple[Side, Side]) -> tuple[Side, Side]:
    """(me, the other one)."""
    return sides[request.param], sides[1 - request.param]


async def _opened(stack: RunningStack, word: str, bot: BotApi) -> Side:
    access = stack.create_tenant(new_id("apart"))  # no id holds the word: whoever asks for an id is told it again
    async with httpx.AsyncClient(base_url=stack.url, timeout=60) as anyone:
        session = (await anyone.post(f"/chat/{access.embed_key}/session")).json()
    return Side(
        access=access,
        client=TenantClient(stack.url, access.key),
        visitor=TenantClient(stack.url, session["token"]),
        visitor_session=session,
        word=word,
        own_document=new_id("doc"),
        bot=bot,
        files=stack.database_files,
    )


async def _furnished(side: Side) -> None:
    """The same documents, questions, sessions and customers on both sides, but for the word."""
    word, client = side.word, side.client
    policy = made_files.markdown(
        "Strong room", [f"Margaret {word} keeps the key of the strong room.", f"The word of the day is {word}."]
    )
    stock = made_files.table([{"sku": f"SR-{n}", "name": f"{word} Lantern {n}", "price": f"{n}.50"} for n in range(4)])
    letter = made_files.mail(
        "About the strong room",
        [f"Dear shop, has {word} been seen near the strong room?"],
        sender=f"Ada {word} <ada@{word.lower()}.example>",
        to="shop@example.org",
    )
    files = {"policy": ("policy.md", policy), "stock": ("stock.csv", stock), "letter": ("letter.eml", letter)}
    accepted = [await client.upload(name, data, document_id) for document_id, (name, data) in files.items()]
    accepted.append(await client.upload("only.txt", policy, side.own_document))
    for one in accepted:
        assert (await client.ended(one["job_id"]))["state"] == "done"
    side.job_id = accepted[0]["job_id"]
    results = await client.search(QUESTION, filter={"document_ids": [side.own_document]})
    side.chunk_id = results[0]["chunk_id"]
    answer = await client.chat(QUESTION, session_id=SESSION, customer={"id": "c1", "name": f"Ada {word}"})
    assert word in answer["answer"]
    side.message_id = answer["message_id"]
    answer = await side.visitor.chat(QUESTION)
    assert word in answer["answer"]
    side.visitor_message_id = answer["message_id"]


# ------------------------------------------------------------------------------------------------ one check a call


async def submitting(me: Side, other: Side) -> None:
    files = {"file": ("new.txt", f"Nothing new. {me.word}".encode())}
    key = f"the same key {me.access.tenant}"
    headers = {"Idempotency-Key": key}
    mine = await me.post("/v1/documents", files=files, data={"document_id": "new"}, headers=headers)
    theirs = await other.client.upload("new.txt", b"Nothing either.", "new", idempotency_key=key)
    assert mine.json()["job_id"] != theirs["job_id"]
    await other.client.ended(theirs["job_id"])
    await me.client.ended(mine.json()["job_id"])


async def listing_documents(me: Side, other: Side) -> None:
    for params in ({}, {"after": other.own_document}, {"after": "", "limit": "1000"}):
        listed = (await me.get("/v1/documents", params=params)).json()["documents"]
        assert other.own_document not in [document["document_id"] for document in listed]


async def reading_a_document(me: Side, other: Side) -> None:
    assert (await me.get("/v1/documents/policy")).status_code == 200
    await me.refused("GET", f"/v1/documents/{other.own_document}")


async def deleting_a_document(me: Side, other: Side) -> None:
    await me.refused("DELETE", f"/v1/documents/{other.own_document}")
    assert (await other.client.call("GET", f"/v1/documents/{other.own_document}"))["state"] == "ready"


async def reading_a_chunk(me: Side, other: Side) -> None:
    assert me.word in (await me.get(f"/v1/documents/{me.own_document}/chunks/{me.chunk_id}")).text
    for document_id in (other.own_document, me.own_document, "policy"):
        for visitor in (False, True):
            await me.refused("GET", f"/v1/documents/{document_id}/chunks/{other.chunk_id}", visitor=visitor)


async def following_a_job(me: Side, other: Side) -> None:
    assert (await me.get(f"/v1/jobs/{me.job_id}")).status_code == 200
    for accept in ("application/json", "text/event-stream"):
        await me.refused("GET", f"/v1/jobs/{other.job_id}", headers={"Accept": accept})


async def searching(me: Side, other: Side) -> None:
    queries = (QUESTION, other.word, f"Margaret {other.word}", f"{other.word} Lantern 2", "strong room")
    filters: tuple[dict[str, Any], ...] = (
        {},
        {"filter": {"document_ids": [other.own_document, "policy"]}},
        {"tenant": other.access.tenant, "tenant_id": other.access.tenant},
    )
    for mode in MODES:
        for query in queries:
            for more in filters:
                body = {"query": query, "mode": mode, "k": 50, **more}
                results = (await me.post("/v1/search", json=body)).json()["results"]
                assert other.own_document not in [result["document_id"] for result in results]
        mine = await me.post("/v1/search", json={"query": f"Margaret {me.word}", "mode": mode, "k": 50})
        assert me.word in mine.text, mode
    theirs = {"query": QUESTION, "filter": {"document_ids": [other.own_document]}}
    assert (await me.post("/v1/search", json=theirs)).json()["results"] == []


async def chatting(me: Side, other: Side) -> None:
    assert me.word in (await me.post("/v1/chat", json={"message": QUESTION, "session_id": SESSION})).text
    asked: tuple[dict[str, Any], ...] = (
        {"message": f"Tell me about Margaret {other.word}.", "session_id": "about-the-other"},
        {"message": f"What does the {other.word} Lantern cost?", "tenant": other.access.tenant},
        {"message": QUESTION, "session_id": other.visitor_session["session_id"]},
        {"message": "And who is that?", "session_id": SESSION, "customer": {"id": "c1"}},
    )
    for body in asked:
        for accept in ("application/json", "text/event-stream"):
            answer = await me.client.http.post("/v1/chat", json=body, headers={"Accept": accept})
            assert answer.status_code == 200
            assert other.word not in answer.text.replace(body["message"], "")
    repeated = [
        await side.client.http.post("/v1/chat", json={"message": QUESTION}, headers={"Idempotency-Key": "the same"})
        for side in (other, me)
    ]
    assert repeated[0].json()["message_id"] != repeated[1].json()["message_id"]
    assert me.word in repeated[1].json()["answer"]
    theirs = {"message": "x", "session_id": other.visitor_session["session_id"]}
    assert (await me.post("/v1/chat", json=theirs, visitor=True)).status_code == 403
    assert me.word in (await me.post("/v1/chat", json={"message": QUESTION}, visitor=True)).text


async def reading_a_message(me: Side, other: Side) -> None:
    assert me.word in (await me.get(f"/v1/messages/{me.message_id}")).text
    assert me.word in (await me.get(f"/v1/messages/{me.visitor_message_id}", visitor=True)).text
    for message_id in (other.message_id, other.visitor_message_id):
        for visitor in (False, True):
            await me.refused("GET", f"/v1/messages/{message_id}", visitor=visitor)
    await me.refused("GET", f"/v1/messages/{me.message_id}", visitor=True)


async def streaming_a_message(me: Side, other: Side) -> None:
    assert me.word in (await me.get(f"/v1/messages/{me.message_id}/events")).text
    for message_id in (other.message_id, other.visitor_message_id):
        for visitor in (False, True):
            await me.refused("GET", f"/v1/messages/{message_id}/events", visitor=visitor)
    await me.refused("GET", f"/v1/messages/{me.message_id}/events", visitor=True)


async def listing_models(me: Side, other: Side) -> None:
    assert (await me.get("/v1/models")).status_code == 200


async def reading_a_model(me: Side, other: Side) -> None:
    assert (await me.get("/v1/models/ragleap")).status_code == 200
    await me.refused("GET", f"/v1/models/{other.access.tenant}")


async def completing(me: Side, other: Side) -> None:
    for user in (SESSION, "the-same-user", other.access.tenant):
        for stream in (False, True):
            messages = [{"role": "user", "content": QUESTION}]
            body = {"model": other.access.tenant, "messages": messages, "user": user, "stream": stream}
            answer = await me.client.http.post("/v1/chat/completions", json=body)
            assert me.word in answer.text
            me.seen.append(answer.text)


async def listing_conversations(me: Side, other: Side) -> None:
    listed = (await me.get("/v1/conversations", params={"limit": 200})).json()["conversations"]
    assert f"web-{other.visitor_session['session_id']}" not in [each["conversation_id"] for each in listed]
    assert f"Ada {me.word}" in {each["customer_name"] for each in listed}


async def reading_a_conversation(me: Side, other: Side) -> None:
    assert me.word in (await me.get(f"/v1/conversations/api-{SESSION}")).text
    theirs = other.visitor_session["conversation_id"]
    for visitor in (False, True):
        await me.refused("GET", f"/v1/conversations/{theirs}", visitor=visitor)
    await me.refused("GET", f"/v1/conversations/api-{SESSION}", visitor=True)
    mine = me.visitor_session["conversation_id"]
    assert me.word in (await me.get(f"/v1/conversations/{mine}", visitor=True)).text


async def answering_as_a_person(me: Side, other: Side) -> None:
    mine = await _talked(me)
    assert (await me.post(f"/v1/conversations/{mine}/messages", json={"message": me.word})).status_code == 202
    theirs = other.visitor_session["conversation_id"]
    await me.refused("POST", f"/v1/conversations/{theirs}/messages", json={"message": me.word})


async def handing_over(me: Side, other: Side) -> None:
    mine = await _talked(me)
    handed = await me.post(f"/v1/conversations/{mine}/handoff", json={"to": "human"})
    assert handed.json()["state"] == "human"
    theirs = other.visitor_session["conversation_id"]
    for visitor in (False, True):
        await me.refused("POST", f"/v1/conversations/{theirs}/handoff", json={"to": "human"}, visitor=visitor)


async def watching_a_conversation(me: Side, other: Side) -> None:
    mine = await _talked(me)
    async for event in me.client.events("GET", f"/v1/conversations/{mine}/events"):
        me.seen.append(str(event.data))
        if event.data.get("author") == "customer":
            assert me.word in event.data["text"]
            break
    theirs = other.visitor_session["conversation_id"]
    for visitor in (False, True):
        await me.refused("GET", f"/v1/conversations/{theirs}/events", visitor=visitor)


async def _talked(me: Side) -> str:
    """The id of a new conversation in which its word was said."""
    session = new_id("talk")
    await me.client.chat(f"Who is {me.word}?", session_id=session)
    return f"api-{session}"


async def listing_drafts(me: Side, other: Side) -> None:
    assert (await me.get("/v1/drafts")).json()["drafts"] == []


async def deciding_on_a_draft(me: Side, other: Side) -> None:
    draft_id = f"out_{other.message_id}"
    await me.refused("POST", f"/v1/drafts/{draft_id}/approve", json={})
    await me.refused("POST", f"/v1/drafts/{draft_id}/discard")
    await me.refused("PATCH", f"/v1/drafts/{draft_id}", json={"text": me.word})


async def listing_owners(me: Side, other: Side) -> None:
    await me.post("/v1/owners", json={"kind": "telegram", "identity": me.own_number, "role": "owner"})
    listed = (await me.get("/v1/owners")).json()["owners"]
    assert [each["identity"] for each in listed] == [me.own_number]


async def naming_an_owner(me: Side, other: Side) -> None:
    named = {"kind": "telegram", "identity": me.own_number, "role": "owner"}
    assert (await me.post("/v1/owners", json=named)).status_code == 201


async def forgetting_an_owner(me: Side, other: Side) -> None:
    await other.client.http.post("/v1/owners", json={"kind": "telegram", "identity": other.own_number, "role": "owner"})
    await me.refused("DELETE", f"/v1/owners/telegram/{other.own_number}")
    listed = (await other.client.call("GET", "/v1/owners"))["owners"]
    assert [each["identity"] for each in listed] == [other.own_number]


async def listing_databases(me: Side, other: Side) -> None:
    await me.post("/v1/databases", json=_till(me))
    listed = (await me.get("/v1/databases")).json()["databases"]
    assert [each["name"] for each in listed] == ["till"]


async def adding_a_database(me: Side, other: Side) -> None:
    added = await me.post("/v1/databases", json=_till(me))
    assert (added.status_code, added.json()["tables"]) == (201, ["main.guards"])
    for file in (f"../{other.access.tenant}/{other.word}.db", f"{other.access.tenant}/{other.word}.db"):
        theirs = await me.client.http.post("/v1/databases", json={"name": "theirs", "url": f"sqlite:///{file}"})
        assert theirs.status_code >= 400, theirs.text


async def reading_a_database(me: Side, other: Side) -> None:
    await me.post("/v1/databases", json=_till(me))
    asked = await me.post("/v1/databases/till/query", json={"sql": "SELECT name FROM guards"})
    assert asked.json()["rows"] == [[me.word]]


async def asking_a_database(me: Side, other: Side) -> None:
    await me.post("/v1/databases", json=_till(me))
    asked = (await me.post("/v1/databases/till/ask", json={"question": "List the names of guards"})).json()
    assert (asked["status"], asked["rows"]) == ("answered", [[me.word]]), asked


async def rereading_a_database(me: Side, other: Side) -> None:
    await me.post("/v1/databases", json=_till(me))
    assert (await me.post("/v1/databases/till/refresh")).json()["tables"] == ["main.guards"]


async def forgetting_a_database(me: Side, other: Side) -> None:
    await other.client.http.post("/v1/databases", json={**_till(other), "name": "only-theirs"})
    for path in ("only-theirs", "only-theirs/query", "only-theirs/ask", "only-theirs/refresh"):
        method = "DELETE" if "/" not in path else "POST"
        await me.refused(method, f"/v1/databases/{path}", json={"sql": "SELECT 1", "question": "Who?"})
    assert (await other.client.call("DELETE", "/v1/databases/only-theirs"))["removed"]


def _till(side: Side) -> dict[str, str]:
    """A database in a file of the tenant's own, with the word in it."""
    folder = side.files / side.access.tenant
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / f"{side.word}.db")) as database, database:
        database.execute("CREATE TABLE IF NOT EXISTS guards (name text PRIMARY KEY)")
        database.execute("INSERT OR IGNORE INTO guards VALUES (?)", (side.word,))
    return {"name": "till", "url": f"sqlite:///{side.word}.db"}


async def visiting(me: Side, other: Side) -> None:
    """A page is open to all; a token that names another tenant than it was signed for is worth nothing."""
    assert (await me.post("/chat/emb_unknown/session")).status_code == 404
    token = me.visitor_session["token"]
    payload, _, mac = token.removeprefix("wst_").partition(".")
    signed = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert signed[0] == me.access.tenant
    for forged in ([other.access.tenant, *signed[1:]], [other.access.tenant, other.access.embed_key, *signed[2:]]):
        encoded = base64.urlsafe_b64encode(json.dumps(forged, separators=(",", ":")).encode()).rstrip(b"=").decode()
        headers = {"Authorization": f"Bearer wst_{encoded}.{mac}"}
        answer = await me.client.http.post("/v1/chat", json={"message": QUESTION}, headers=headers)
        assert answer.status_code == 401


async def setting_a_reminder(me: Side, other: Side) -> None:
    body = {"name": f"of-{me.word}", "message": f"Remember the {me.word}.", "cron": "0 9 * * MON"}
    assert (await me.post("/v1/reminders", json=body)).status_code == 201


async def listing_reminders(me: Side, other: Side) -> None:
    await setting_a_reminder(me, other)
    await setting_a_reminder(other, me)
    listed = (await me.get("/v1/reminders")).json()["reminders"]
    assert [each["name"] for each in listed] == [f"of-{me.word}"]


async def cancelling_a_reminder(me: Side, other: Side) -> None:
    body = {"name": "private", "message": f"Remember the {other.word}.", "cron": "0 9 * * MON"}
    assert (await other.client.http.post("/v1/reminders", json=body)).status_code == 201
    await me.refused("DELETE", "/v1/reminders/private")
    assert (await other.client.http.delete("/v1/reminders/private")).status_code == 200


async def connecting_a_channel(me: Side, other: Side) -> None:
    body = {"kind": "telegram", "name": f"Bot of {me.word}", "public_url": "https://shop.example"}
    made = await me.post("/v1/channels", json={**body, "secrets": {"token": TOKEN}})
    assert made.status_code == 201, made.text
    me.channel_id, me.webhook_secret = made.json()["channel_id"], me.bot.webhook["secret_token"]


async def listing_channels(me: Side, other: Side) -> None:
    await connecting_a_channel(me, other)
    await connecting_a_channel(other, me)
    listed = (await me.get("/v1/channels")).json()["channels"]
    assert [each["name"] for each in listed] == [f"Bot of {me.word}"]


async def trying_a_channel(me: Side, other: Side) -> None:
    await listing_channels(me, other)
    assert (await me.post(f"/v1/channels/{me.channel_id}/test")).status_code == 200
    await me.refused("POST", f"/v1/channels/{other.channel_id}/test")


async def registering_a_webhook(me: Side, other: Side) -> None:
    await listing_channels(me, other)
    query = {"hub.mode": "subscribe", "hub.verify_token": me.webhook_secret, "hub.challenge": "7"}
    assert (await me.get(f"/webhooks/telegram/{other.channel_id}", params=query)).status_code == 403


async def being_written_to_over_a_channel(me: Side, other: Side) -> None:
    """Whoever writes to my bot is answered from my documents; my secret opens nobody else's webhook."""
    await listing_channels(me, other)
    chat = {"id": 5, "type": "private"}
    sender = {"id": 5, "is_bot": False, "first_name": "Ada"}
    said = {"message_id": 1, "date": int(time.time()), "chat": chat, "from": sender, "text": QUESTION}
    headers = {"X-Telegram-Bot-Api-Secret-Token": me.webhook_secret}
    theirs = f"/webhooks/telegram/{other.channel_id}"
    assert (await me.post(theirs, json={"update_id": 1, "message": said}, headers=headers)).status_code == 403
    before = len(me.bot.arrived)
    mine = await me.post(f"/webhooks/telegram/{me.channel_id}", json={"update_id": 1, "message": said}, headers=headers)
    assert mine.json()["accepted"] == 1
    await me.bot.until(arrived=before + 1)
    [(_, answer)] = me.bot.arrived[before:]
    me.seen.append(answer)
    assert me.word in answer


async def listing_dead_letters(me: Side, other: Side) -> None:
    assert (await me.get("/v1/dead-letters")).status_code == 200


async def reading_a_dead_letter(me: Side, other: Side) -> None:
    for message_id in (other.message_id, other.visitor_message_id):
        await me.refused("GET", f"/v1/dead-letters/{message_id}")


async def replaying_a_dead_letter(me: Side, other: Side) -> None:
    for message_id in (other.message_id, other.visitor_message_id):
        await me.refused("POST", f"/v1/dead-letters/{message_id}/replay")


CHECKS: dict[tuple[str, str], Callable[[Side, Side], Awaitable[None]]] = {
    ("POST", "/v1/documents"): submitting,
    ("GET", "/v1/documents"): listing_documents,
    ("GET", "/v1/documents/{document_id}"): reading_a_document,
    ("DELETE", "/v1/documents/{document_id}"): deleting_a_document,
    ("GET", "/v1/documents/{document_id}/chunks/{chunk_id}"): reading_a_chunk,
    ("GET", "/v1/jobs/{job_id}"): following_a_job,
    ("POST", "/v1/search"): searching,
    ("POST", "/v1/chat"): chatting,
    ("GET", "/v1/messages/{message_id}"): reading_a_message,
    ("GET", "/v1/messages/{message_id}/events"): streaming_a_message,
    ("GET", "/v1/models"): listing_models,
    ("GET", "/v1/models/{model}"): reading_a_model,
    ("POST", "/v1/chat/completions"): completing,
    ("GET", "/v1/conversations"): listing_conversations,
    ("GET", "/v1/conversations/{conversation_id}"): reading_a_conversation,
    ("POST", "/v1/conversations/{conversation_id}/messages"): answering_as_a_person,
    ("POST", "/v1/conversations/{conversation_id}/handoff"): handing_over,
    ("GET", "/v1/conversations/{conversation_id}/events"): watching_a_conversation,
    ("GET", "/v1/drafts"): listing_drafts,
    ("POST", "/v1/drafts/{draft_id}/approve"): deciding_on_a_draft,
    ("PATCH", "/v1/drafts/{draft_id}"): deciding_on_a_draft,
    ("POST", "/v1/drafts/{draft_id}/discard"): deciding_on_a_draft,
    ("GET", "/v1/owners"): listing_owners,
    ("POST", "/v1/owners"): naming_an_owner,
    ("DELETE", "/v1/owners/{kind}/{identity}"): forgetting_an_owner,
    ("GET", "/v1/databases"): listing_databases,
    ("POST", "/v1/databases"): adding_a_database,
    ("DELETE", "/v1/databases/{name}"): forgetting_a_database,
    ("POST", "/v1/databases/{name}/query"): reading_a_database,
    ("POST", "/v1/databases/{name}/ask"): asking_a_database,
    ("POST", "/v1/databases/{name}/refresh"): rereading_a_database,
    ("GET", "/v1/reminders"): listing_reminders,
    ("POST", "/v1/reminders"): setting_a_reminder,
    ("DELETE", "/v1/reminders/{name}"): cancelling_a_reminder,
    ("GET", "/v1/channels"): listing_channels,
    ("POST", "/v1/channels"): connecting_a_channel,
    ("POST", "/v1/channels/{channel_id}/test"): trying_a_channel,
    ("GET", "/webhooks/{kind}/{channel_id}"): registering_a_webhook,
    ("POST", "/webhooks/{kind}/{channel_id}"): being_written_to_over_a_channel,
    ("GET", "/v1/dead-letters"): listing_dead_letters,
    ("GET", "/v1/dead-letters/{message_id}"): reading_a_dead_letter,
    ("POST", "/v1/dead-letters/{message_id}/replay"): replaying_a_dead_letter,
    ("POST", "/chat/{embed_key}/session"): visiting,
}


async def test_every_call_that_there_is_has_a_check_here(tenant: TenantClient) -> None:
    described = (await tenant.call("GET", "/openapi.json"))["paths"]
    calls = {(method.upper(), path) for path, methods in described.items() for method in methods}
    assert calls == set(CHECKS) | OPERATORS | PUBLIC


@pytest.mark.parametrize("call", CHECKS, ids=" ".join)
async def test_no_call_gives_a_word_of_the_other_tenant(call: tuple[str, str], pair: tuple[Side, Side]) -> None:
    me, other = pair
    me.seen.clear()
    await CHECKS[call](me, other)
    assert me.seen
    assert not [text for text in me.seen if other.word.lower() in text.lower()]


@pytest.mark.parametrize("call", sorted(set(CHECKS) - OF_OTHERS), ids=" ".join)
async def test_no_call_works_without_a_key(call: tuple[str, str], sides: tuple[Side, Side]) -> None:
    method, path = call
    side = sides[0]
    names = {
        "{document_id}": side.own_document,
        "{chunk_id}": side.chunk_id,
        "{job_id}": side.job_id,
        "{message_id}": side.message_id,
        "{conversation_id}": f"api-{SESSION}",
        "{model}": "ragleap",
        "{name}": "weekly",
        "{channel_id}": "ch_x",
        "{kind}": "telegram",
        "{identity}": "5",
        "{draft_id}": "out_x",
    }
    for name, value in names.items():
        path = path.replace(name, value)
    for headers in ({"Authorization": ""}, {"Authorization": "Bearer rlk_unknown"}, {"Authorization": "Basic eDp5"}):
        answer = await side.client.http.request(method, path, headers=headers)
        assert answer.status_code == 401, f"{headers}: {answer.text}"


@pytest.mark.parametrize("call", sorted(OPERATORS), ids=" ".join)
async def test_a_tenants_key_is_not_the_operators(call: tuple[str, str], pair: tuple[Side, Side]) -> None:
    me, other = pair
    method, path = call
    for visitor in (False, True):
        answer = await me.ask(method, path.replace("{tenant}", other.access.tenant), json={}, visitor=visitor)
        assert answer.status_code == 401


async def test_a_visitor_may_only_chat_and_read_its_own(sides: tuple[Side, Side]) -> None:
    me = sides[0]
    calls = [
        ("GET", "/v1/documents", {}),
        ("GET", "/v1/documents/policy", {}),
        ("DELETE", "/v1/documents/policy", {}),
        ("POST", "/v1/documents", {"files": {"file": ("a.txt", b"x")}}),
        ("GET", f"/v1/jobs/{me.job_id}", {}),
        ("POST", "/v1/search", {"json": {"query": QUESTION}}),
        ("GET", "/v1/models", {}),
        ("GET", "/v1/conversations", {}),
        ("GET", "/v1/channels", {}),
        ("GET", "/v1/databases", {}),
        ("GET", "/v1/owners", {}),
        ("POST", "/v1/databases/till/query", {"json": {"sql": "SELECT name FROM guards"}}),
        ("POST", "/v1/databases/till/ask", {"json": {"question": "List the names of guards"}}),
        ("POST", "/v1/chat/completions", {"json": {"messages": [{"role": "user", "content": QUESTION}]}}),
    ]
    for method, path, request in calls:
        answer = await me.ask(method, path, visitor=True, **request)
        assert answer.status_code == 403, f"{method} {path}: {answer.status_code}"
