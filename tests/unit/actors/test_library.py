"""What is live, and which joins hold, as readers see it."""

from __future__ import annotations

from dataclasses import replace

from shop import Shop, found

from actors.ingest.ports import FoundJoin, IngestJob
from actors.library import JournalLibrary
from actors.ports import Join


def join(document_id: str, version: int, needs: str = "", needs_version: int = 0) -> FoundJoin:
    return FoundJoin(
        join=Join(
            from_type=document_id,
            from_column="customer",
            to_type=needs,
            to_column="id",
            relation=f"{document_id}_customer",
        ),
        document_id=document_id,
        version=version,
        needs_document_id=needs,
        needs_version=needs_version,
    )


async def finish(shop: Shop, job: IngestJob, *joins: FoundJoin) -> None:
    await shop.jobs.finish(job, replace(found(job), joins=joins))


async def relations(shop: Shop) -> list[str]:
    library = JournalLibrary("acme", shop.journal, lambda: shop.changes.generation("acme"))
    return [found.relation for found in (await library.catalogue()).joins]


async def test_what_is_live_is_read_anew_only_after_a_change(shop: Shop) -> None:
    library = JournalLibrary("acme", shop.journal, lambda: shop.changes.generation("acme"))
    assert await library.live() == {}
    await shop.ingest("d1")
    first = await library.live()

    assert first["d1"].version == 1
    assert await library.live() is first
    await shop.delete("d1")
    assert await library.live() == {}


async def test_a_join_holds_while_both_its_documents_are_live_in_the_versions_it_was_found_in(shop: Shop) -> None:
    await shop.ingest("customers")
    await shop.submit("orders")
    await finish(shop, await shop.claim(), join("orders", 1, "customers", 1), join("orders", 1))
    assert await relations(shop) == ["orders_customer", "orders_customer"]

    await shop.submit("customers")
    while (job := await shop.claim()).kind != "ingest":
        await shop.jobs.collected(job, {})
    await finish(shop, job)
    assert await relations(shop) == ["orders_customer"]  # the one that needs nothing else
    await shop.delete("orders")
    assert await relations(shop) == []
