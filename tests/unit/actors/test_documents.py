"""Documents: one version at a time is live, and nothing of what went stays."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from shop import Shop, found
from toys import envelope

from actors.audience import Audience
from actors.messages import DeleteDocument
from runtime.errors import Conflict, Fenced, Forbidden, NotFound
from runtime.principal import Principal, Role


async def test_a_submitted_document_is_queued_with_its_job(shop: Shop) -> None:
    accepted = await shop.submit("d1")

    assert accepted.version == 1
    assert (await shop.records().document("d1")).state == "queued"
    assert (await shop.records().job(accepted.job_id)).state == "queued"
    assert await shop.live() == {}


async def test_the_same_submission_told_twice_is_one_version(shop: Shop) -> None:
    first = await shop.submit("d1", job_id="job_1")

    assert await shop.submit("d1", job_id="job_1") == first
    assert (await shop.claim()).job_id == "job_1"


async def test_another_file_under_the_same_submission_is_refused(shop: Shop) -> None:
    await shop.submit("d1", job_id="job_1")
    for other in ({"document_id": "d2"}, {"document_id": "d1", "sha256": "1" * 64}):
        with pytest.raises(Conflict):
            await shop.submit(job_id="job_1", **other)


async def test_the_file_that_is_live_sent_again_makes_no_version_and_no_work(shop: Shop) -> None:
    same = "a" * 64
    await shop.ingest("d1", sha256=same)
    again = await shop.submit("d1", sha256=same)

    assert (again.version, again.unchanged) == (1, True)
    assert (await shop.records().job(again.job_id)).state == "done"
    assert await shop.jobs.claim("w:1") is None
    assert await shop.live() == {"d1": 1}
    assert (await shop.records().document("d1")).state == "ready"


async def test_the_same_file_with_something_new_said_of_it_is_a_new_version(shop: Shop) -> None:
    same = "a" * 64
    await shop.ingest("d1", sha256=same)
    for number, new in enumerate([{"title": "Another"}, {"audience": Audience.STAFF}], start=2):
        again = await shop.submit("d1", sha256=same, **new)
        assert (again.version, again.unchanged) == (number, False)
        job = await shop.claim()
        await shop.jobs.finish(job, found(job))
        await shop.collect_everything()


async def test_a_file_that_failed_or_was_deleted_is_ingested_when_it_is_sent_again(shop: Shop) -> None:
    same = "a" * 64
    await shop.submit("d1", sha256=same)
    await shop.jobs.fail(await shop.claim(), "broken", False)
    await shop.collect_everything()
    assert (await shop.ingest("d1", sha256=same)) == 2
    await shop.delete("d1")
    assert not (await shop.submit("d1", sha256=same)).unchanged


async def test_submissions_at_the_same_time_get_versions_of_their_own(shop: Shop) -> None:
    accepted = await asyncio.gather(*(shop.submit("d1", job_id=f"job_{n}") for n in range(5)))

    assert sorted(each.version for each in accepted) == [1, 2, 3, 4, 5]


async def test_a_document_stays_readable_in_its_old_version_until_the_new_one_is_live(shop: Shop) -> None:
    await shop.ingest("d1")
    await shop.submit("d1")
    assert await shop.live() == {"d1": 1}
    job = await shop.claim()
    await shop.jobs.finish(job, found(job))

    assert await shop.live() == {"d1": 2}
    assert (await shop.records().document("d1")).title == "d1 v2"
    assert await shop.collect_everything() == [("d1", 1)]
    assert await shop.live() == {"d1": 2}


async def test_a_newer_version_that_was_ready_first_wins(shop: Shop) -> None:
    await shop.submit("d1")
    older = await shop.claim()
    await shop.submit("d1")
    newer = await shop.claim()
    await shop.jobs.finish(newer, found(newer))
    await shop.jobs.finish(older, found(older))

    assert await shop.live() == {"d1": 2}
    assert await shop.collect_everything() == [("d1", 1)]


async def test_a_replacement_that_failed_leaves_the_old_version_live_and_says_why(shop: Shop) -> None:
    await shop.ingest("d1")
    await shop.submit("d1")
    await shop.jobs.fail(await shop.claim(), "broken", False)

    document = await shop.records().document("d1")
    assert (document.state, document.version, document.error) == ("ready", 1, "broken")
    assert await shop.collect_everything() == [("d1", 2)]
    assert await shop.live() == {"d1": 1}


async def test_a_deleted_document_is_hidden_at_once_and_gone_when_collected(shop: Shop) -> None:
    await shop.ingest("d1")
    await shop.ingest("d2")
    deleted = await shop.delete("d1")
    assert await shop.live() == {"d2": 1}
    assert (await shop.records().document("d1")).state == "deleting"
    assert await shop.collect_everything() == [("d1", 1)]

    with pytest.raises(NotFound):
        await shop.records().document("d1")
    assert (await shop.records().job(deleted.job_id)).state == "done"
    with pytest.raises(NotFound):
        await shop.delete("d1")


async def test_a_document_deleted_while_it_is_ingested_never_becomes_live(shop: Shop) -> None:
    await shop.submit("d1")
    job = await shop.claim()
    await shop.delete("d1")

    with pytest.raises(Fenced):
        await shop.jobs.progress(job, "embed", 1, 2)
    with pytest.raises(Fenced):
        await shop.jobs.finish(job, found(job))
    await shop.collect_everything()
    assert await shop.live() == {}


async def test_a_document_submitted_again_after_its_deletion_lives_and_its_old_traces_still_go(shop: Shop) -> None:
    await shop.ingest("d1")
    await shop.delete("d1")
    accepted = await shop.submit("d1")
    assert accepted.version == 2  # never a version whose traces are still to be removed
    jobs = [await shop.claim(), await shop.claim()]
    for job in jobs:
        if job.kind == "collect":
            await shop.jobs.collected(job, {})
        else:
            await shop.jobs.finish(job, found(job))

    assert sorted((job.kind, job.version) for job in jobs) == [("collect", 1), ("ingest", 2)]
    assert await shop.live() == {"d1": 2}


async def test_every_version_that_left_traces_is_collected(shop: Shop) -> None:
    for _ in range(3):
        await shop.submit("d1")
    for _ in range(2):
        await shop.claim()
    await shop.delete("d1")

    assert sorted(await shop.collect_everything()) == [("d1", 1), ("d1", 2), ("d1", 3)]
    with pytest.raises(NotFound):
        await shop.records().document("d1")


async def test_another_tenants_document_does_not_exist(shop: Shop) -> None:
    await shop.ingest("d1")

    with pytest.raises(NotFound):
        await shop.records("other").document("d1")
    with pytest.raises(NotFound):
        await shop.cell.ask(envelope(DeleteDocument(document_id="d1"), shop.clock, kind="documents", tenant="other"))
    assert await shop.live("other") == {}
    assert await shop.live() == {"d1": 1}


async def test_a_customer_may_not_change_documents(shop: Shop) -> None:
    customer = Principal(tenant="acme", role=Role.CUSTOMER, identity="c", verified_by="session-token")
    message = envelope(DeleteDocument(document_id="d1"), shop.clock, kind="documents")
    with pytest.raises(Forbidden):
        await shop.cell.ask(replace(message, principal=customer))
