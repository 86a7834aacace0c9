"""Who a document is for: as it was said, else as it was found, and with the people that its rows refer to."""

from __future__ import annotations

from dataclasses import replace

import pytest
from shop import Shop, found
from sqlalchemy import update

from actors.audience import Audience, audience_of
from actors.ingest.ports import FoundJoin
from actors.library import JournalLibrary
from actors.ports import Join
from runtime.principal import Principal, Role
from runtime.store.tables import document_versions
from runtime.store.wall import ACROSS_TENANTS

PUBLIC, STAFF = Audience.PUBLIC, Audience.STAFF


def refers(document_id: str, to: str, *, by_key: bool = True) -> FoundJoin:
    return FoundJoin(
        join=Join(from_type=document_id, from_column="x", to_type=to, to_column="y", relation="x"),
        document_id=document_id,
        version=1,
        needs_document_id=to,
        needs_version=1,
        by_key=by_key,
    )


async def ingest(shop: Shop, name: str, is_found: Audience, *joins: FoundJoin, given: Audience | None = None) -> None:
    await shop.submit(name, audience=given)
    job = await shop.claim()
    while job.kind != "ingest":
        await shop.jobs.collected(job, {})
        job = await shop.claim()
    await shop.jobs.finish(job, replace(found(job), audience=is_found, joins=joins))


async def audiences(shop: Shop) -> dict[str, Audience]:
    library = JournalLibrary("acme", shop.journal, lambda: shop.changes.generation("acme"))
    return {name: document.audience for name, document in (await library.live()).items()}


@pytest.mark.parametrize("role", Role)
def test_only_owners_and_staff_stand_inside(role: Role) -> None:
    reader = audience_of(Principal(tenant="acme", role=role, identity="x", verified_by="x"))
    assert reader.reads(PUBLIC)
    assert reader.reads(STAFF) == (role in (Role.OWNER, Role.STAFF))


async def test_what_was_said_counts_and_else_what_was_found(shop: Shop) -> None:
    await ingest(shop, "policy", PUBLIC)
    await ingest(shop, "mail", STAFF)
    await ingest(shop, "plans", PUBLIC, given=STAFF)
    await ingest(shop, "team", STAFF, given=PUBLIC)

    assert await audiences(shop) == {"policy": PUBLIC, "mail": STAFF, "plans": STAFF, "team": PUBLIC}
    assert [(d.document_id, d.audience) for d in await shop.records().documents()] == [
        ("mail", STAFF), ("plans", STAFF), ("policy", PUBLIC), ("team", PUBLIC)
    ]  # fmt: skip
    assert (await shop.records().chunk("plans", "plans:1:0")).audience is STAFF


async def test_a_document_that_is_not_ingested_yet_shows_only_what_was_said(shop: Shop) -> None:
    await shop.submit("a")
    await shop.submit("b", audience=STAFF)
    assert [d.audience for d in await shop.records().documents()] == [None, STAFF]


async def test_a_replacement_stays_for_whom_the_document_was_until_something_else_is_said(shop: Shop) -> None:
    await ingest(shop, "plans", PUBLIC, given=STAFF)
    await ingest(shop, "plans", PUBLIC)
    assert await audiences(shop) == {"plans": STAFF}
    await ingest(shop, "plans", PUBLIC, given=PUBLIC)
    assert await audiences(shop) == {"plans": PUBLIC}


async def test_rows_that_refer_to_people_are_for_staff_in_whatever_order_they_come(shop: Shop) -> None:
    await ingest(shop, "lines", PUBLIC)
    await ingest(shop, "orders", PUBLIC, refers("lines", "orders"))
    await ingest(shop, "products", PUBLIC, refers("lines", "products"))
    assert set((await audiences(shop)).values()) == {PUBLIC}
    await ingest(shop, "customers", STAFF, refers("orders", "customers"))

    assert await audiences(shop) == {"lines": STAFF, "orders": STAFF, "customers": STAFF, "products": PUBLIC}
    await ingest(shop, "invoices", PUBLIC, refers("invoices", "customers"))
    assert (await audiences(shop))["invoices"] is STAFF


async def test_a_table_stays_public_where_the_owner_says_so_or_where_it_only_shares_values(shop: Shop) -> None:
    await ingest(shop, "team", STAFF, given=PUBLIC)
    await ingest(shop, "shifts", PUBLIC, refers("shifts", "team"))
    await ingest(shop, "customers", STAFF)
    await ingest(shop, "cities", PUBLIC, refers("cities", "customers", by_key=False))
    await ingest(shop, "ratings", PUBLIC, refers("ratings", "customers"), given=PUBLIC)

    about = await audiences(shop)
    assert (about["shifts"], about["cities"], about["ratings"]) == (PUBLIC, PUBLIC, PUBLIC)


async def test_a_document_of_which_nothing_is_known_is_for_staff(shop: Shop) -> None:
    await ingest(shop, "old", PUBLIC)
    await shop.journal.write(
        lambda c: c.execute(update(document_versions).values(audience_found="")) and None, tenant=ACROSS_TENANTS
    )
    assert await audiences(shop) == {"old": STAFF}
