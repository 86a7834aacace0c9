"""Channels are connected by their owner: the provider is asked first, and no secret comes out again."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from channel_house import APP_SECRET, OWNER, PUBLIC_URL, House
from fakes import bot_api, graph_api

WHATSAPP = {
    "kind": "whatsapp",
    "name": "second",
    "public_url": PUBLIC_URL,
    "settings": {"phone_number_id": graph_api.NUMBER},
    "secrets": {"access_token": graph_api.TOKEN, "app_secret": APP_SECRET},
}
TELEGRAM = {"kind": "telegram", "public_url": PUBLIC_URL, "secrets": {"token": bot_api.TOKEN}}


async def add(house: House, body: dict[str, Any]) -> httpx.Response:
    return await house.http.post("/v1/channels", json=body, headers=OWNER)


async def test_telegram_is_told_where_to_reach_us_and_drops_nothing(house: House) -> None:
    added = (await add(house, TELEGRAM)).json()

    assert (added["account"], added["todo"]) == ("@ShopBot", {})
    assert house.telegram.webhook["url"] == f"{PUBLIC_URL}/webhooks/telegram/{house.bot}" == added["webhook_url"]
    assert house.telegram.webhook["drop_pending_updates"] is False
    assert len(house.telegram.webhook["secret_token"]) >= 32


async def test_what_the_owner_has_to_enter_at_whatsapp_is_told_and_answers_its_challenge(house: House) -> None:
    added = (await add(house, WHATSAPP)).json()

    assert added["account"] == "+49 30 1 Shop"
    assert added["todo"]["Callback URL"] == f"{PUBLIC_URL}/webhooks/whatsapp/{added['channel_id']}"
    query = {"hub.mode": "subscribe", "hub.verify_token": added["todo"]["Verify token"], "hub.challenge": "42"}
    confirmed = await house.http.get(f"/webhooks/whatsapp/{added['channel_id']}", params=query)
    assert confirmed.text == "42"


async def test_the_same_name_again_changes_the_channel_and_its_old_secret_is_void(house: House) -> None:
    old = house.telegram.webhook["secret_token"]
    added = (await add(house, TELEGRAM)).json()

    assert added["channel_id"] == house.bot
    headers = {"X-Telegram-Bot-Api-Secret-Token": old}
    refused = await house.http.post(f"/webhooks/telegram/{house.bot}", json={"update_id": 1}, headers=headers)
    assert refused.status_code == 403
    assert (await house.write("Hi")).json()["accepted"] == 1


async def test_channels_are_listed_without_their_secrets(house: House) -> None:
    listed = await house.http.get("/v1/channels", headers=OWNER)

    assert [(each["kind"], each["channel_id"]) for each in listed.json()["channels"]] == [
        ("telegram", house.bot),
        ("whatsapp", house.number),
    ]
    for secret in (bot_api.TOKEN, graph_api.TOKEN, APP_SECRET, house.telegram.webhook["secret_token"]):
        assert secret not in listed.text


async def test_a_channel_can_be_tried(house: House) -> None:
    for channel_id, account in ((house.bot, "@ShopBot"), (house.number, "+49 30 1 Shop")):
        tried = await house.http.post(f"/v1/channels/{channel_id}/test", headers=OWNER)
        assert (tried.status_code, tried.json()["account"]) == (200, account)
    assert (await house.http.post("/v1/channels/ch_none/test", headers=OWNER)).status_code == 404


async def test_credentials_that_the_provider_does_not_take_are_not_kept(house: House) -> None:
    refused = await add(house, {**TELEGRAM, "name": "other", "secrets": {"token": "1:wrong"}})

    assert refused.status_code == 400
    assert "token" in refused.json()["detail"]
    assert "1:wrong" not in refused.text
    assert len((await house.http.get("/v1/channels", headers=OWNER)).json()["channels"]) == 2


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"kind": "pigeon"}, "telegram, whatsapp"),
        ({"public_url": "http://shop.example"}, "https"),
        ({"secrets": {}}, "access_token"),
        ({"settings": {}}, "phone_number_id"),
        ({"settings": {"phone_number_id": "1 2"}}, "phone_number_id"),
        ({"settings": {"phone_number_id": "1", "colour": "red"}}, "colour"),
        ({"name": "telegram"}, "another name"),
    ],
)
async def test_what_does_not_fit_is_named(house: House, changed: dict[str, Any], says: str) -> None:
    refused = await add(house, {**WHATSAPP, **changed})

    assert refused.status_code in (409, 422)
    assert says in refused.json()["detail"]


async def test_nobody_but_the_owner_sees_or_adds_channels(house: House) -> None:
    assert (await house.http.get("/v1/channels")).status_code == 401
    assert (await house.http.post("/v1/channels", json=TELEGRAM)).status_code == 401
