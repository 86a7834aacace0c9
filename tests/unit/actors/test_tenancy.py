"""Tenants and their keys: shown once, kept as hashes, gone without a trace."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shop import Shop
from sqlalchemy import Connection, select
from toys import FakeClock

from actors.tenancy import Credentials, Tenancy, hashed, new_tenant_id
from runtime.address import check_tenant
from runtime.errors import Conflict, Invalid, NotFound, Unavailable
from runtime.journal import Journal
from runtime.principal import Role
from runtime.store import tenants as statements
from runtime.store.tables import api_keys, metadata
from runtime.store.wall import ACROSS_TENANTS


@dataclass
class Stores:
    """What of the outside a deletion touches: vectors, graph and blobs of a tenant, and whether they answer."""

    away: bool = False
    dropped: list[str] = field(default_factory=list)


class Store:
    """One tenant's part of a store outside."""

    def __init__(self, stores: Stores, name: str) -> None:
        self._stores = stores
        self._name = name

    def _drop(self) -> None:
        if self._stores.away:
            raise Unavailable("The store is away.")
        self._stores.dropped.append(self._name)


class Vectors(Store):
    async def drop(self) -> int:
        self._drop()
        return 7


class Graph(Store):
    async def drop(self) -> tuple[int, int]:
        self._drop()
        return 3, 2


class Blobs(Store):
    async def delete(self, prefix: str) -> int:
        self._drop()
        return 1


def tenancy(journal: Journal, clock: FakeClock, stores: Stores, shop: Shop | None = None) -> Tenancy:
    async def drop_actors(tenant: str) -> None:
        if shop is not None:
            await shop.cell.drop(tenant)

    return Tenancy(
        journal,
        clock=clock,
        secret=b"a secret of the tests",
        drop_actors=drop_actors,
        require_served=lambda tenant: None,
        vectors_for=lambda tenant: Vectors(stores, f"vectors {tenant}"),  # type: ignore[arg-type,return-value]
        graph_for=lambda tenant: Graph(stores, f"graph {tenant}"),  # type: ignore[arg-type,return-value]
        blobs_for=lambda tenant: Blobs(stores, f"blobs {tenant}"),  # type: ignore[arg-type,return-value]
    )


@pytest.fixture
async def made(journal: Journal, clock: FakeClock) -> dict[str, str]:
    return {name: str(value) for name, value in (await tenancy(journal, clock, Stores()).create("Acme Ltd")).items()}


async def test_a_key_opens_its_own_tenant_and_stands_nowhere_in_clear(
    journal: Journal, clock: FakeClock, made: dict[str, str]
) -> None:
    principal = await Credentials(journal, clock).principal(made["key"])

    assert principal is not None
    assert (principal.tenant, principal.role, principal.verified_by) == (made["tenant"], Role.OWNER, "api-key")
    stored = await journal.read(lambda c: c.execute(select(api_keys)).one(), tenant=ACROSS_TENANTS)
    assert made["key"] not in str(stored)
    assert stored.hash == hashed(made["key"])


@pytest.mark.parametrize("key", ["", "rlk_", "rlk_wrong", "nothing", "rlk_' or '1'='1"])
async def test_an_unknown_key_opens_nothing(journal: Journal, clock: FakeClock, made: dict[str, str], key: str) -> None:
    assert await Credentials(journal, clock).principal(key) is None


async def test_a_minted_key_ends_by_itself(journal: Journal, clock: FakeClock, made: dict[str, str]) -> None:
    minted = await tenancy(journal, clock, Stores()).mint("Acme Ltd", 60.0)
    credentials = Credentials(journal, clock)
    key = str(minted["key"])
    assert (await credentials.principal(key)) is not None

    clock.advance(61)
    assert await credentials.principal(key) is None
    assert await credentials.principal(made["key"]) is not None


async def test_a_name_is_taken_once_and_must_be_printable(
    journal: Journal, clock: FakeClock, made: dict[str, str]
) -> None:
    with pytest.raises(Conflict):
        await tenancy(journal, clock, Stores()).create("Acme Ltd")
    for name in ("", "x" * 201, "a\nb"):
        with pytest.raises(Invalid):
            await tenancy(journal, clock, Stores()).create(name)


async def test_a_repeated_creation_answers_the_same_without_a_key_in_clear(journal: Journal, clock: FakeClock) -> None:
    first = await tenancy(journal, clock, Stores()).create("Cafe", idempotency_key="k")
    clock.advance(60)
    assert await tenancy(journal, clock, Stores()).create("Cafe", idempotency_key="k") == first
    principal = await Credentials(journal, clock).principal(str(first["key"]))
    assert principal is not None
    assert principal.tenant == first["tenant"]
    rows = await journal.read(
        lambda c: str([c.execute(select(t)).all() for t in metadata.sorted_tables]), tenant=ACROSS_TENANTS
    )
    assert str(first["key"]) not in rows

    with pytest.raises(Conflict, match="another tenant"):
        await tenancy(journal, clock, Stores()).create("Bar", idempotency_key="k")
    with pytest.raises(Conflict, match="exists already"):
        await tenancy(journal, clock, Stores()).create("Cafe", idempotency_key="other")


async def test_a_creation_repeated_after_the_deletion_makes_another_tenant(journal: Journal, clock: FakeClock) -> None:
    mine = tenancy(journal, clock, Stores())
    first = await mine.create("Cafe", idempotency_key="k")
    await mine.delete(str(first["tenant"]))
    assert (await mine.create("Cafe", idempotency_key="k"))["tenant"] != first["tenant"]


async def test_another_installation_makes_another_key_of_the_same_idempotency_key(
    journal: Journal, clock: FakeClock
) -> None:
    mine, other = tenancy(journal, clock, Stores()), tenancy(journal, clock, Stores())
    other._secret = b"of another installation"
    bare = tenancy(journal, clock, Stores())
    bare._secret = b""
    first = await mine.create("Cafe", idempotency_key="k")
    assert (await other.create("Bar", idempotency_key="k"))["key"] != first["key"]
    with pytest.raises(Invalid):
        await bare.create("Pub", idempotency_key="k")


async def test_a_repeated_minting_answers_the_same_while_the_key_lives(
    journal: Journal, clock: FakeClock, made: dict[str, str]
) -> None:
    mine = tenancy(journal, clock, Stores())
    first = await mine.mint("Acme Ltd", 60.0, idempotency_key="k")
    clock.advance(30)
    assert await mine.mint(made["tenant"], 60.0, idempotency_key="k") == first
    assert (await mine.mint("Acme Ltd", 60.0))["key"] != first["key"]
    with pytest.raises(Conflict):
        await mine.mint("Acme Ltd", 90.0, idempotency_key="k")
    clock.advance(31)
    with pytest.raises(Conflict):
        await mine.mint("Acme Ltd", 60.0, idempotency_key="k")


@given(st.text(min_size=1, max_size=200))
def test_every_name_makes_a_well_formed_id(name: str) -> None:
    check_tenant(new_tenant_id(name))


async def test_an_embed_key_opens_its_tenants_chat_page(
    journal: Journal, clock: FakeClock, made: dict[str, str]
) -> None:
    credentials = Credentials(journal, clock)

    assert await credentials.embedded(made["embed_key"]) == made["tenant"]
    assert await credentials.embedded("emb_unknown") is None


async def test_a_deleted_tenant_leaves_no_row_in_any_table_and_says_what_went(shop: Shop) -> None:
    await shop.ingest("d1")
    stores = Stores()
    deleted = await tenancy(shop.journal, shop.clock, stores, shop).delete("acme")

    assert stores.dropped == ["vectors acme", "graph acme", "blobs acme"]
    removed = deleted["removed"]
    assert isinstance(removed, dict)
    assert (removed["vectors"], removed["entities"], removed["relations"], removed["blobs"]) == (7, 3, 2, 1)
    assert removed["rows"]["documents"] == 1
    assert await shop.journal.read(lambda c: _tables_with(c, "acme"), tenant=ACROSS_TENANTS) == []
    with pytest.raises(NotFound):
        await shop.submit("d2")
    assert (await shop.submit("d1", tenant="other")).version == 1


async def test_a_deletion_that_a_store_interrupted_hides_the_tenant_and_is_finished_later(shop: Shop) -> None:
    await shop.submit("d1")
    stores = Stores(away=True)
    mine = tenancy(shop.journal, shop.clock, stores, shop)
    with pytest.raises(Unavailable):
        await mine.delete("acme")
    assert [row["tenant"] for row in (await mine.every())["tenants"]] == ["other"]  # type: ignore[attr-defined]
    assert await shop.jobs.claim("w:1") is None  # nobody works for it any more

    stores.away = False
    await mine.finish_deletions()
    assert await shop.journal.read(lambda c: _tables_with(c, "acme"), tenant=ACROSS_TENANTS) == []
    with pytest.raises(NotFound):
        await mine.delete("acme")


async def test_an_unknown_tenant_cannot_be_deleted(journal: Journal, clock: FakeClock) -> None:
    with pytest.raises(NotFound):
        await tenancy(journal, clock, Stores()).delete("nobody")
    assert await journal.read(statements.deleting, tenant=ACROSS_TENANTS) == []


def _tables_with(connection: Connection, tenant: str) -> list[str]:
    return [
        table.name
        for table in metadata.sorted_tables
        if "tenant_id" in table.c
        and connection.execute(select(table.c.tenant_id).where(table.c.tenant_id == tenant)).first() is not None
    ]
