"""Owners in the journal: one role each, and no tenant's owner is another's."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from runtime.actor import Effect, TurnFacts
from runtime.address import ActorId
from runtime.journal import Journal
from runtime.principal import Principal, Role
from runtime.store import owners
from runtime.store.owners import DropOwner, KeepOwner, OwnerRow

ADA = KeepOwner(kind="telegram", identity="5", role=Role.OWNER)


@pytest.fixture
async def rows(database: str) -> AsyncIterator[Journal]:
    journal = Journal(database)
    yield journal
    journal.close()


async def apply(journal: Journal, effect: Effect, *, tenant: str = "acme", now: float = 5.0) -> None:
    facts = TurnFacts(
        actor=ActorId(tenant, "owners"),
        principal=Principal(tenant=tenant, role=Role.OWNER, identity="k", verified_by="api-key"),
        turn_id="t",
        message_id="m",
        trace_id="",
        now=now,
        encode=str,
    )
    await journal.write(lambda connection: effect.apply(connection, facts), tenant=tenant)


async def of(journal: Journal, tenant: str) -> list[OwnerRow]:
    return await journal.read(lambda connection: owners.of_tenant(connection, tenant), tenant=tenant)


async def roles(journal: Journal, tenant: str, kind: str) -> dict[str, Role]:
    return await journal.read(lambda connection: owners.of_kind(connection, tenant, kind), tenant=tenant)


async def test_an_owner_is_its_own_tenants_and_its_own_channels(rows: Journal) -> None:
    await apply(rows, ADA)

    assert await of(rows, "acme") == [OwnerRow(kind="telegram", identity="5", role=Role.OWNER, added_at=5.0)]
    assert await roles(rows, "acme", "telegram") == {"5": Role.OWNER}
    assert await roles(rows, "acme", "whatsapp") == {}
    assert await of(rows, "rival") == []
    assert await roles(rows, "rival", "telegram") == {}


async def test_the_same_identity_again_changes_its_role_and_is_one_row(rows: Journal) -> None:
    await apply(rows, ADA)
    await apply(rows, KeepOwner(kind="telegram", identity="5", role=Role.STAFF), now=6.0)

    assert await of(rows, "acme") == [OwnerRow(kind="telegram", identity="5", role=Role.STAFF, added_at=5.0)]


async def test_one_that_is_removed_is_gone_and_no_other(rows: Journal) -> None:
    await apply(rows, ADA)
    await apply(rows, KeepOwner(kind="whatsapp", identity="5", role=Role.STAFF), now=6.0)
    await apply(rows, ADA, tenant="rival")
    await apply(rows, DropOwner(kind="telegram", identity="5"))

    assert [(row.kind, row.identity) for row in await of(rows, "acme")] == [("whatsapp", "5")]
    assert await roles(rows, "rival", "telegram") == {"5": Role.OWNER}
