"""The job board: fair between tenants, every job to its end, the newest claim alone reports."""

from __future__ import annotations

import asyncio

import pytest
from shop import Shop, found
from toys import until

from actors.ingest.ports import EntityType, Ingested, IngestJob, LiveTable
from actors.jobs import DEATHS
from runtime.errors import Conflict, Fenced
from runtime.leasing import Leasing
from runtime.limits import Limits
from runtime.store.jobs import LOST_AFTER_S


async def test_jobs_of_a_cell_that_let_its_lease_expire_are_worked_on_by_the_next_cell(shop: Shop) -> None:
    await shop.submit("d1")
    left = await shop.claim("cell-0-ingest:1")
    assert shop.cell.lease("acme").cell == "cell-0"

    shop.clock.advance(Limits().lease_ttl_s + 1)
    await Leasing("cell-1", shop.journal, shop.clock, Limits()).acquire("acme")

    taken = await shop.claim("cell-1-ingest:1")
    assert (taken.job_id, taken.attempt) == (left.job_id, 1)
    with pytest.raises(Fenced):
        await shop.jobs.progress(left, "embed", 1, 2)


async def test_what_another_cells_worker_fell_silent_over_is_worked_on_where_the_tenant_is_served(shop: Shop) -> None:
    await shop.submit("d1")
    late = await shop.claim("cell-1-ingest:1")  # its cell did not know yet that the tenant had moved
    await shop.jobs.progress(late, "embed", 1, 2)
    shop.jobs._claim_wait_s = 0.0
    assert await shop.jobs.claim("cell-0-ingest:1") is None

    shop.clock.advance(LOST_AFTER_S + 1)
    assert (await shop.claim("cell-0-ingest:1")).job_id == late.job_id
    with pytest.raises(Fenced):
        await shop.jobs.finish(late, found(late))


async def test_a_cell_that_was_restarted_leaves_its_worker_at_its_job(shop: Shop) -> None:
    await shop.submit("d1")
    kept = await shop.claim("cell-0-ingest:1")
    await Leasing("cell-0", shop.journal, shop.clock, Limits()).acquire("acme")

    await shop.jobs.progress(kept, "embed", 1, 2)


async def test_a_claimed_job_says_what_its_worker_must_know(shop: Shop) -> None:
    accepted = await shop.submit("d1")
    job = await shop.claim()

    assert (job.tenant, job.job_id, job.kind, job.document_id) == ("acme", accepted.job_id, "ingest", "d1")
    assert (job.version, job.blob_key, job.attempt) == (1, "uploads/d1", 0)
    assert (await shop.records().job(job.job_id)).state == "running"
    assert (await shop.records().document("d1")).state == "running"


async def test_tenants_take_turns_and_a_tenants_oldest_job_comes_first(shop: Shop) -> None:
    for n in range(3):
        await shop.submit(f"a{n}")
    await shop.submit("b0", tenant="other")
    order = []
    for _ in range(4):
        job = await shop.claim()
        order.append(job.document_id)
        await shop.jobs.finish(job, found(job))

    assert order == ["a0", "b0", "a1", "a2"]


async def test_a_claim_that_waits_is_told_of_new_work(shop: Shop) -> None:
    shop.jobs._claim_wait_s = 30.0
    waiting = asyncio.create_task(shop.jobs.claim("w:1"))
    await until(lambda: not shop.jobs._work.is_set())
    await shop.submit("d1")

    job = await waiting
    assert job is not None
    assert job.document_id == "d1"


async def test_what_a_dead_incarnation_held_goes_to_the_next_one_and_its_late_report_is_refused(shop: Shop) -> None:
    await shop.submit("d1")
    lost = await shop.claim("w:1")
    again = await shop.claim("w:2")

    assert (again.job_id, again.attempt) == (lost.job_id, 1)
    with pytest.raises(Fenced):
        await shop.jobs.progress(lost, "embed", 1, 2)
    with pytest.raises(Fenced):
        await shop.jobs.finish(lost, found(lost))
    with pytest.raises(Fenced):
        await shop.jobs.fail(lost, "late", True)
    await shop.jobs.finish(again, found(again))
    assert await shop.live() == {"d1": 1}


async def test_a_worker_of_another_name_takes_nothing_away(shop: Shop) -> None:
    await shop.submit("d1")
    await shop.submit("d2")
    mine = await shop.claim("a:1")
    other = await shop.claim("b:1")
    await shop.jobs.progress(mine, "parse", 0, 1)

    assert {mine.document_id, other.document_id} == {"d1", "d2"}


async def test_a_claim_whose_reply_was_lost_is_handed_out_again_and_spends_no_try(shop: Shop) -> None:
    await shop.submit("d1")
    lost = await shop.claim("w:1")
    shop.clock.advance(120)

    assert await shop.claim("w:1") == lost


async def test_a_job_that_is_being_worked_on_is_not_handed_out_again(shop: Shop) -> None:
    await shop.submit("d1")
    await shop.submit("d2")
    job = await shop.claim("w:1")
    await shop.jobs.progress(job, "parse", 0, 1)
    shop.clock.advance(1000)

    assert (await shop.claim("w:1")).document_id == "d2"


async def test_a_job_that_killed_every_worker_is_failed_with_that_reason(shop: Shop) -> None:
    accepted = await shop.submit("d1")
    for incarnation in range(DEATHS):
        await shop.claim(f"w:{incarnation}")
    job = await shop.claim("w:last")  # the job is given up; what comes is the removal of its traces

    assert job.kind == "collect"
    record = await shop.records().job(accepted.job_id)
    assert (record.state, "died" in record.error) == ("failed", True)
    assert (await shop.records().document("d1")).state == "failed"


async def test_a_worker_that_falls_with_its_cell_or_before_it_is_no_death_of_its_job(shop: Shop) -> None:
    accepted = await shop.submit("d1")
    for incarnation in range(2 * DEATHS):
        await shop.claim(f"w:{incarnation}")
        shop.clock.advance(1)
        shop.restart_board()

    job = await shop.claim("w:last")
    assert (job.job_id, job.attempt, job.deaths) == (accepted.job_id, 2 * DEATHS, 0)
    await shop.jobs.progress(job, "parse", 0, 1)
    assert (await shop.claim("w:after")).deaths == 1


async def test_a_retryable_failure_waits_and_comes_again_until_its_tries_are_spent(shop: Shop) -> None:
    accepted = await shop.submit("d1")
    for attempt in range(3):
        job = await shop.claim()
        assert (job.job_id, job.attempt) == (accepted.job_id, attempt)
        await shop.jobs.fail(job, "the store is away", True)
        if attempt < 2:
            assert (await shop.records().job(job.job_id)).state == "queued"
            assert await shop.jobs.claim("w:1") is None
            shop.clock.advance(60)

    record = await shop.records().job(accepted.job_id)
    assert (record.state, record.error) == ("failed", "the store is away")


async def test_a_job_whose_tenant_moves_from_cell_to_cell_spends_no_try_and_is_no_death(shop: Shop) -> None:
    accepted = await shop.submit("d1")
    for cell in range(2 * DEATHS):
        await shop.claim(f"cell-{cell}-ingest:1")
        shop.clock.advance(Limits().lease_ttl_s + 1)
        await Leasing(f"cell-{cell + 1}", shop.journal, shop.clock, Limits()).acquire("acme")

    job = await shop.claim(f"cell-{2 * DEATHS}-ingest:1")
    assert (job.job_id, job.attempt, job.failures) == (accepted.job_id, 2 * DEATHS, 0)


async def test_deaths_of_workers_leave_a_job_every_try_that_a_failure_has(shop: Shop) -> None:
    accepted = await shop.submit("d1")
    for incarnation in range(DEATHS - 1):
        await shop.claim(f"w:{incarnation}")
    for failed in range(2):
        job = await shop.claim(f"w:{DEATHS - 1}")
        assert (job.kind, job.failures) == ("ingest", failed)
        await shop.jobs.fail(job, "the store is away", True)
        shop.clock.advance(60)

    assert (await shop.records().job(accepted.job_id)).state == "queued"


async def test_a_hopeless_failure_says_why_and_its_traces_are_collected(shop: Shop) -> None:
    await shop.submit("d1")
    job = await shop.claim()
    await shop.jobs.fail(job, "Not a PDF.", False)

    document = await shop.records().document("d1")
    assert (document.state, document.error) == ("failed", "Not a PDF.")
    assert await shop.collect_everything() == [("d1", 1)]
    assert (await shop.records().document("d1")).error == "Not a PDF."  # the reason stays readable


async def test_progress_is_what_the_job_shows(shop: Shop) -> None:
    await shop.submit("d1")
    job = await shop.claim()
    await shop.jobs.progress(job, "embed", 3, 10)

    record = await shop.records().job(job.job_id)
    assert (record.stage, record.done, record.total) == ("embed", 3, 10)


async def test_joins_that_were_looked_for_in_other_tables_than_are_live_now_are_refused(shop: Shop) -> None:
    await shop.submit("orders")
    first = await shop.claim()
    await shop.submit("customers")
    second = await shop.claim()
    await shop.jobs.finish(second, _with_table(second, seen=()))

    with pytest.raises(Conflict):
        await shop.jobs.finish(first, _with_table(first, seen=()))
    assert await shop.live() == {"customers": 1}
    await shop.jobs.finish(first, _with_table(first, seen=(("customers", 1),)))
    assert [table.type.document_id for table in await shop.jobs.tables("acme")] == ["customers", "orders"]


async def test_a_worker_is_started_when_jobs_wait_and_not_asked_for_in_a_spin(shop: Shop) -> None:
    keeping = asyncio.create_task(shop.jobs.keep_worked())
    await asyncio.sleep(0)
    assert shop.woken == []
    await shop.submit("d1")
    await until(lambda: bool(shop.woken))
    assert not shop.jobs._unworked.is_set()
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)


def _with_table(job: IngestJob, seen: tuple[tuple[str, int], ...]) -> Ingested:
    made = found(job)
    table = EntityType(
        name=job.document_id, document_id=job.document_id, version=job.version, columns=(), key=None, label=None, rows=1
    )
    return Ingested(
        pages=made.pages, parsed_key=made.parsed_key, occurred_on=None, title=made.title, media_type=made.media_type,
        chunks=made.chunks, entities=1, relations=0, tables=(LiveTable(type=table, rows_key="rows"),), seen=seen,
    )  # fmt: skip
