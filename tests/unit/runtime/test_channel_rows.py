"""Channels in the journal: a webhook's address finds one tenant's, and nobody sees another's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from runtime.actor import TurnFacts
from runtime.address import ActorId
from runtime.errors import Terminal
from runtime.journal import Journal
from runtime.principal import Principal, Role
from runtime.store import channels, tenants
from runtime.store.channels import ChannelRow, KeepChannel
from runtime.store.wall import ACROSS_TENANTS

BOT = KeepChannel(channel_id="ch_1", kind="telegram", name="bot", settings={"bot_id": "9"}, sealed="sealed")


@pytest.fixture
async def rows(database: str) -> AsyncIterator[Journal]:
    journal = Journal(database)
    for tenant in ("acme", "rival"):
        await journal.write(
            lambda c, tenant=tenant: tenants.create(c, tenant, tenant, f"emb_{tenant}", 1.0),  # type: ignore[misc]
            tenant=ACROSS_TENANTS,
        )
    yield journal
    journal.close()


async def keep(journal: Journal, channel: KeepChannel, *, tenant: str = "acme", now: float = 5.0) -> None:
    facts = TurnFacts(
        actor=ActorId(tenant, "channels"),
        principal=Principal(tenant=tenant, role=Role.OWNER, identity="k", verified_by="api-key"),
        turn_id="t",
        message_id="m",
        trace_id="",
        now=now,
        encode=str,
    )
    await journal.write(lambda connection: channel.apply(connection, facts), tenant=tenant)


async def found(journal: Journal, channel_id: str) -> ChannelRow | None:
    return await journal.read(lambda connection: channels.by_id(connection, channel_id), tenant=ACROSS_TENANTS)


async def of(journal: Journal, tenant: str) -> list[ChannelRow]:
    return await journal.read(lambda connection: channels.of_tenant(connection, tenant), tenant=tenant)


async def test_a_webhooks_address_finds_its_tenants_channel(rows: Journal) -> None:
    await keep(rows, BOT)

    expected = ChannelRow(
        tenant="acme",
        channel_id="ch_1",
        kind="telegram",
        name="bot",
        settings={"bot_id": "9"},
        sealed="sealed",
        created_at=5.0,
    )
    assert await found(rows, "ch_1") == expected
    assert await found(rows, "ch_2") is None
    assert await of(rows, "acme") == [expected]
    assert await of(rows, "rival") == []


async def test_a_channel_that_is_kept_again_is_changed(rows: Journal) -> None:
    await keep(rows, BOT)
    await keep(rows, replace(BOT, settings={"bot_id": "10"}, sealed="anew"), now=9.0)

    (row,) = await of(rows, "acme")
    assert (row.settings, row.sealed, row.created_at) == ({"bot_id": "10"}, "anew", 5.0)


async def test_nobody_can_take_over_an_address_or_a_name(rows: Journal) -> None:
    await keep(rows, BOT)
    with pytest.raises(Terminal):
        await keep(rows, BOT, tenant="rival")
    with pytest.raises(Terminal):
        await keep(rows, replace(BOT, channel_id="ch_2"))

    assert await of(rows, "rival") == []


async def test_a_tenant_that_is_being_deleted_is_not_heard_any_more(rows: Journal) -> None:
    await keep(rows, BOT)
    await rows.write(lambda connection: tenants.mark_deleting(connection, "acme"), tenant="acme")
    assert await found(rows, "ch_1") is None

    removed = await rows.write(lambda connection: tenants.erase(connection, "acme"), tenant="acme")
    assert removed["channels"] == 1


def test_a_seal_is_not_printed() -> None:
    assert "sealed" not in repr(BOT)
