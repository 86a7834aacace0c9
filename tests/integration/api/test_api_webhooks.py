"""Webhooks at the door: what is genuine is committed before it is answered, and nothing else does harm."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

import httpx
import pytest
from stand_ins.door import OPERATOR_KEY, StandInPlatform
from stand_ins.tenant import Tenant

from actors.channels.accounts import account
from actors.messages import Hear
from runtime.errors import Unavailable
from runtime.principal import Role

TELEGRAM = "/webhooks/telegram/ch_t"
WHATSAPP = "/webhooks/whatsapp/ch_w"
SECRET = {"X-Telegram-Bot-Api-Secret-Token": "hook-secret"}


@pytest.fixture(autouse=True)
def connected(platform: StandInPlatform, shop: Tenant) -> None:
    telegram = account(
        "shop", "ch_t", "telegram", {"bot_id": "9", "username": "ShopBot"}, {"secret_token": "hook-secret"}
    )
    secrets = {"app_secret": "app-secret", "verify_token": "verify-token"}
    whatsapp = account("shop", "ch_w", "whatsapp", {"phone_number_id": "77"}, secrets)
    platform.accounts = {("telegram", "ch_t"): telegram, ("whatsapp", "ch_w"): whatsapp}


def update(number: int = 1, text: str = "Do you ship?", age_s: float = 0.0) -> dict[str, Any]:
    message = {
        "message_id": 31,
        "date": int(time.time() - age_s),
        "chat": {"id": 5, "type": "private"},
        "from": {"id": 5, "is_bot": False, "first_name": "Ada"},
        "text": text,
    }
    return {"update_id": number, "message": message}


def signed(payload: object, secret: str = "app-secret") -> dict[str, Any]:
    body = json.dumps(payload).encode()
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"content": body, "headers": {"X-Hub-Signature-256": f"sha256={digest}"}}


def batch(*texts: str) -> dict[str, Any]:
    messages = [
        {
            "from": "491",
            "id": f"wamid.{text}",
            "timestamp": str(int(time.time())),
            "type": "text",
            "text": {"body": text},
        }
        for text in texts
    ]
    value = {"metadata": {"phone_number_id": "77"}, "messages": messages}
    return {"entry": [{"changes": [{"field": "messages", "value": value}]}]}


async def outcomes(http: httpx.AsyncClient) -> dict[str, float]:
    text = (await http.get("/metrics", headers={"Authorization": f"Bearer {OPERATOR_KEY}"})).text
    name = "ragleap_webhook_messages_total{"
    lines = [line.removeprefix(name) for line in text.splitlines() if line.startswith(name)]
    return {
        line.split('outcome="')[1].split('"')[0]: float(line.split()[-1]) for line in lines if line.split()[-1] != "0.0"
    }


async def test_a_message_is_committed_as_its_senders_and_bound_to_its_address(
    http: httpx.AsyncClient, platform: StandInPlatform
) -> None:
    answer = await http.post(TELEGRAM, json=update(), headers=SECRET)

    assert (answer.status_code, answer.json()) == (200, {"accepted": 1, "duplicates": 0, "ignored": 0})
    (envelope,) = platform.seen
    assert isinstance(envelope.body, Hear)
    assert (envelope.body.text, envelope.body.channel_id) == ("Do you ship?", "ch_t")
    assert envelope.body.reply_to == {"chat_id": "5"}
    assert (envelope.to.tenant, envelope.to.kind, envelope.to.key) == ("shop", "session", "telegram-ch_t:5")
    assert (envelope.principal.role, envelope.principal.identity) == (Role.CUSTOMER, "telegram:5")
    assert envelope.sender == envelope.to.key


async def test_what_is_told_twice_is_accepted_once(http: httpx.AsyncClient, platform: StandInPlatform) -> None:
    await http.post(TELEGRAM, json=update(), headers=SECRET)
    again = await http.post(TELEGRAM, json=update(), headers=SECRET)

    assert (again.status_code, again.json()["duplicates"]) == (200, 1)
    assert len({envelope.message_id for envelope in platform.seen}) == 1
    assert await outcomes(http) == {"accepted": 1.0, "duplicate": 1.0}


async def test_a_batch_is_committed_in_its_order(http: httpx.AsyncClient, platform: StandInPlatform) -> None:
    answer = await http.post(WHATSAPP, **signed(batch("one", "two", "three")))

    assert answer.json()["accepted"] == 3
    assert [envelope.body.text for envelope in platform.seen] == ["one", "two", "three"]  # type: ignore[attr-defined]


async def test_what_is_not_the_providers_is_refused_and_counted(
    http: httpx.AsyncClient, platform: StandInPlatform
) -> None:
    tampered = {**signed(batch("one")), "content": json.dumps(batch("two")).encode()}
    answers = [
        await http.post(WHATSAPP, **tampered),
        await http.post(WHATSAPP, **signed(batch("one"), "another secret")),
        await http.post(WHATSAPP, json=batch("one")),
        await http.post(TELEGRAM, json=update()),
        await http.post(TELEGRAM, json=update(), headers={"X-Telegram-Bot-Api-Secret-Token": "guess"}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 5
    assert platform.seen == []
    text = (await http.get("/metrics", headers={"Authorization": f"Bearer {OPERATOR_KEY}"})).text
    assert 'ragleap_webhook_messages_total{kind="whatsapp",outcome="refused"} 3.0' in text
    assert 'ragleap_webhook_messages_total{kind="telegram",outcome="refused"} 2.0' in text


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"[" * 50_000])
async def test_what_is_no_json_object_is_malformed(http: httpx.AsyncClient, body: bytes) -> None:
    answer = await http.post(TELEGRAM, content=body, headers=SECRET)

    assert (answer.status_code, answer.json()["type"]) == (400, "urn:ragleap:problem:malformed")


async def test_what_is_too_large_is_not_read(http: httpx.AsyncClient, platform: StandInPlatform) -> None:
    assert (await http.post(TELEGRAM, content=b"x" * 3_000_000, headers=SECRET)).status_code == 413


async def test_stale_and_unknown_things_are_accepted_and_ignored(
    http: httpx.AsyncClient, platform: StandInPlatform
) -> None:
    old = await http.post(TELEGRAM, json=update(age_s=8 * 86_400), headers=SECRET)
    strange = await http.post(TELEGRAM, json={"update_id": 2, "tomorrows_kind": {}}, headers=SECRET)

    assert [(answer.status_code, answer.json()["ignored"]) for answer in (old, strange)] == [(200, 1), (200, 1)]
    assert platform.seen == []
    assert await outcomes(http) == {"stale": 1.0, "unknown": 1.0}


async def test_what_could_not_be_committed_is_not_acknowledged(
    http: httpx.AsyncClient, platform: StandInPlatform
) -> None:
    platform.refuse = Unavailable("The cell is restarting.")
    answer = await http.post(TELEGRAM, json=update(), headers=SECRET)

    assert answer.status_code == 503
    assert "retry-after" in answer.headers


async def test_the_challenge_of_a_registration_is_answered(http: httpx.AsyncClient) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": "verify-token", "hub.challenge": "115820"}
    answer = await http.get(WHATSAPP, params=query)
    assert (answer.status_code, answer.text) == (200, "115820")

    wrong = await http.get(WHATSAPP, params={**query, "hub.verify_token": "guess"})
    assert wrong.status_code == 403
    assert (await http.get(TELEGRAM, params=query)).status_code == 403


@pytest.mark.parametrize("path", ["/webhooks/telegram/ch_w", "/webhooks/telegram/ch_x", "/webhooks/pigeon/ch_t"])
async def test_an_address_that_is_nobodys_is_not_found(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.post(path, json=update(), headers=SECRET)).status_code == 404


async def test_hostile_text_goes_through(http: httpx.AsyncClient, platform: StandInPlatform) -> None:
    body = json.dumps(update(text="\ud83d\u202e\0 \u200b" + "ש" * 100_000)).encode()
    answer = await http.post(TELEGRAM, content=body, headers=SECRET)

    assert answer.status_code == 200
    platform.seen[0].body.text.encode()  # type: ignore[attr-defined]
