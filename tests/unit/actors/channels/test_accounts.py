"""Accounts out of the journal: with their secrets, for their own tenant only."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from actors.channels.accounts import Accounts, account
from actors.channels.telegram.account import TelegramAccount
from actors.channels.whatsapp.account import WhatsAppAccount
from runtime.actor import TurnFacts
from runtime.address import ActorId
from runtime.errors import Invalid, NotFound, Terminal
from runtime.journal import Journal
from runtime.principal import Principal, Role
from runtime.sealing import Sealer, new_key
from runtime.store import tenants
from runtime.store.channels import KeepChannel
from runtime.store.database import prepare
from runtime.store.wall import ACROSS_TENANTS

SECRETS = {"token": "9:secret-token", "secret_token": "hook-secret"}


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    prepare(url)
    made = Journal(url)
    for tenant in ("acme", "rival"):
        await made.write(
            lambda c, tenant=tenant: tenants.create(c, tenant, tenant, f"emb_{tenant}", 1.0),  # type: ignore[misc]
            tenant=ACROSS_TENANTS,
        )
    yield made
    made.close()


@pytest.fixture
async def accounts(journal: Journal) -> Accounts:
    made = Accounts(journal, Sealer([new_key()]))
    await keep(journal, made.sealed("acme", "ch_1", SECRETS))
    return made


async def keep(journal: Journal, sealed: str, *, tenant: str = "acme", channel_id: str = "ch_1") -> None:
    facts = TurnFacts(
        actor=ActorId(tenant, "channels"),
        principal=Principal(tenant=tenant, role=Role.OWNER, identity="k", verified_by="api-key"),
        turn_id="t",
        message_id="m",
        trace_id="",
        now=1.0,
        encode=str,
    )
    channel = KeepChannel(
        channel_id=channel_id,
        kind="telegram",
        name=channel_id,
        settings={"bot_id": "9", "username": "ShopBot"},
        sealed=sealed,
    )
    await journal.write(lambda connection: channel.apply(connection, facts), tenant=tenant)


async def test_a_webhooks_address_finds_the_account_with_its_secrets(accounts: Accounts) -> None:
    found = await accounts.find("telegram", "ch_1")

    assert isinstance(found, TelegramAccount)
    assert (found.tenant, found.token, found.bot.username) == ("acme", "9:secret-token", "ShopBot")
    assert await accounts.find("whatsapp", "ch_1") is None
    assert await accounts.find("telegram", "ch_2") is None


async def test_an_account_is_its_own_tenants(accounts: Accounts) -> None:
    assert (await accounts.of("acme", "ch_1")).channel_id == "ch_1"
    with pytest.raises(NotFound):
        await accounts.of("rival", "ch_1")


async def test_a_row_copied_to_another_tenant_opens_nothing(accounts: Accounts, journal: Journal) -> None:
    (row,) = await accounts.rows("acme")
    await keep(journal, row.sealed, tenant="rival", channel_id="ch_2")

    with pytest.raises(Terminal):
        await accounts.of("rival", "ch_2")


async def test_secrets_lie_sealed_and_are_not_printed(accounts: Accounts) -> None:
    found, (row,) = await accounts.find("telegram", "ch_1"), await accounts.rows("acme")

    for secret in SECRETS.values():
        assert secret not in repr(found)
        assert secret not in row.sealed


def test_telegram_is_known_by_its_secret() -> None:
    bot = account("acme", "ch_1", "telegram", {"bot_id": "9", "username": "ShopBot"}, SECRETS)

    assert bot.genuine({"x-telegram-bot-api-secret-token": "hook-secret"}, b"")
    assert not bot.genuine({}, b"")
    assert bot.challenge({"hub.mode": "subscribe"}) is None
    with pytest.raises(Invalid):
        bot.read(b"[]")


def test_whatsapp_is_known_by_its_signature_and_its_challenge() -> None:
    secrets = {"app_secret": "s", "verify_token": "v", "access_token": "a"}
    number = account("acme", "ch_1", "whatsapp", {"phone_number_id": "77"}, secrets)
    signature = "sha256=" + hmac.new(b"s", b"{}", hashlib.sha256).hexdigest()

    assert isinstance(number, WhatsAppAccount)
    assert number.genuine({"x-hub-signature-256": signature}, b"{}")
    assert not number.genuine({"x-hub-signature-256": signature}, b"{} ")
    assert number.challenge({"hub.mode": "subscribe", "hub.verify_token": "v", "hub.challenge": "1"}) == "1"
    assert number.read(json.dumps({"entry": []}).encode()).messages == ()


def test_a_kind_of_another_version_is_refused() -> None:
    with pytest.raises(Terminal):
        account("acme", "ch_1", "pigeon", {}, {})


def test_an_account_without_secrets_believes_nobody() -> None:
    for kind in ("telegram", "whatsapp"):
        assert not account("acme", "ch_1", kind, {}, {}).genuine({}, b"{}")
