"""The inbox's statements: taken in once, closed once, given up only while pending."""

from __future__ import annotations

from dataclasses import replace

from runtime.journal import Journal
from runtime.message import Verdict
from runtime.store import inbox
from runtime.store.inbox import InboxRow
from runtime.store.wall import ACROSS_TENANTS


def row(message_id: str, *, tenant: str = "acme", dedupe_key: str | None = None, accepted_at: float = 0.0) -> InboxRow:
    return InboxRow(
        tenant=tenant, message_id=message_id, kind="toy", actor_key="main", sender="s", tier=1, dedupe_key=dedupe_key,
        body="[]", principal="{}", trace="{}", accepted_at=accepted_at, deadline=100.0,
    )  # fmt: skip


async def accept(journal: Journal, *rows: InboxRow) -> list[tuple[Verdict, str]]:
    receipts = await journal.write(lambda c: [inbox.accept(c, each) for each in rows], tenant=ACROSS_TENANTS)
    return [(receipt.verdict, receipt.message_id) for receipt in receipts]


async def due(journal: Journal, now: float = 1000.0, *, tenant: str = "acme", limit: int = 100) -> list[str]:
    return [
        found.message_id
        for found in await journal.read(lambda c: inbox.due(c, tenant, now, limit), tenant=ACROSS_TENANTS)
    ]


async def test_a_message_is_taken_once_by_id_and_by_dedupe_key(journal: Journal) -> None:
    assert await accept(journal, row("m1"), row("m2"), row("m3", dedupe_key="k")) == [
        (Verdict.ACCEPTED, "m1"),
        (Verdict.ACCEPTED, "m2"),
        (Verdict.ACCEPTED, "m3"),
    ]
    assert await accept(journal, row("m2"), row("m4", dedupe_key="k"), row("m1", dedupe_key="k")) == [
        (Verdict.DUPLICATE, "m2"),
        (Verdict.DUPLICATE, "m3"),
        (Verdict.DUPLICATE, "m1"),
    ]


async def test_two_tenants_never_share_ids_or_keys(journal: Journal) -> None:
    await accept(journal, row("m1", dedupe_key="k"))

    assert await accept(journal, row("m1", tenant="other", dedupe_key="k")) == [(Verdict.ACCEPTED, "m1")]
    assert await journal.write(lambda c: inbox.close(c, "other", "m1", "t"), tenant=ACROSS_TENANTS)
    assert await due(journal) == ["m1"]


async def test_what_is_due_comes_in_the_order_of_acceptance(journal: Journal) -> None:
    await accept(journal, row("b"), row("a"), row("c", accepted_at=50))

    assert await due(journal, 10) == ["b", "a"]
    assert await due(journal, 50) == ["b", "a", "c"]
    assert await due(journal, 50, limit=1) == ["b"]
    assert await journal.read(lambda c: inbox.next_due(c, "acme", 10), tenant=ACROSS_TENANTS) == 50
    assert await journal.read(lambda c: inbox.next_due(c, "acme", 50), tenant=ACROSS_TENANTS) is None
    assert await journal.read(inbox.tenants_with_pending, tenant=ACROSS_TENANTS) == ["acme"]


async def test_a_message_is_closed_by_one_turn(journal: Journal) -> None:
    await accept(journal, row("m1"))

    assert await journal.write(lambda c: inbox.close(c, "acme", "m1", "t1"), tenant=ACROSS_TENANTS)
    assert not await journal.write(lambda c: inbox.close(c, "acme", "m1", "t2"), tenant=ACROSS_TENANTS)
    assert await due(journal) == []


async def test_a_retry_waits_and_counts(journal: Journal) -> None:
    await accept(journal, row("m1"))
    assert await journal.write(
        lambda c: inbox.retry(c, "acme", "m1", attempts=1, due_at=60, error="x"), tenant=ACROSS_TENANTS
    )

    assert await due(journal, 59) == []
    [again] = await journal.read(lambda c: inbox.due(c, "acme", 60, 9), tenant=ACROSS_TENANTS)
    assert again.attempts == 1


async def test_a_done_message_is_neither_retried_nor_buried(journal: Journal) -> None:
    await accept(journal, row("m1"))
    await journal.write(lambda c: inbox.close(c, "acme", "m1", "t1"), tenant=ACROSS_TENANTS)

    assert not await journal.write(
        lambda c: inbox.retry(c, "acme", "m1", attempts=1, due_at=60, error="x"), tenant=ACROSS_TENANTS
    )
    assert not await journal.write(lambda c: inbox.bury(c, row("m1"), cause="x", now=1), tenant=ACROSS_TENANTS)
    outcome = await journal.read(lambda c: inbox.outcome(c, "acme", "m1"), tenant=ACROSS_TENANTS)
    assert outcome is not None
    assert outcome.state == inbox.DONE


async def test_a_buried_message_tells_its_cause(journal: Journal) -> None:
    await accept(journal, row("m1"))
    assert await journal.write(
        lambda c: inbox.bury(c, replace(row("m1"), attempts=3), cause="why" * 1000, now=1), tenant=ACROSS_TENANTS
    )

    outcome = await journal.read(lambda c: inbox.outcome(c, "acme", "m1"), tenant=ACROSS_TENANTS)
    assert outcome is not None
    assert outcome.done()["status"] == "failed"
    assert str(outcome.done()["error"]).startswith("whywhy")
    assert await journal.read(lambda c: inbox.outcome(c, "other", "m1"), tenant=ACROSS_TENANTS) is None
