from __future__ import annotations

import asyncio

import pytest

from actors.ingest.ports import IngestJob
from actors.ingest.progress import Progress
from runtime.errors import Fenced, RagleapError, Unavailable

JOB = IngestJob(tenant="t", job_id="j", kind="ingest", document_id="d", version=1, blob_key="b")


class Hand:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = 100.0

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.time


class Heard:
    """The part of a job board that hears of progress."""

    def __init__(self, *raises: RagleapError) -> None:
        self.reports: list[tuple[str, int, int]] = []
        self.twice = asyncio.Event()
        self._raises = list(raises)

    async def progress(self, job: IngestJob, stage: str, done: int, total: int) -> None:
        self.reports.append((stage, done, total))
        if len(self.reports) == 2:
            self.twice.set()
        if self._raises:
            raise self._raises.pop(0)


async def test_a_quick_document_is_reported_once() -> None:
    heard, clock = Heard(), Hand()
    progress = Progress(heard, JOB, clock)  # type: ignore[arg-type]
    for stage in ("parsing", "chunking", "embedding", "linking"):
        await progress.at(stage)
    assert heard.reports == [("parsing", 0, 0)]
    clock.time += 0.5
    await progress.at("embedding", 64, 100)
    assert heard.reports[1:] == [("embedding", 64, 100)]


async def test_what_was_too_early_to_tell_is_told_beside_the_work() -> None:
    heard, clock = Heard(), Hand()
    progress = Progress(heard, JOB, clock)  # type: ignore[arg-type]
    await progress.at("parsing")
    await progress.at("embedding", 0, 9)
    clock.time += 1
    beating = asyncio.create_task(progress.beat())
    async with asyncio.timeout(5):
        await heard.twice.wait()
    beating.cancel()
    assert heard.reports[1] == ("embedding", 0, 9)


async def test_a_cell_that_is_away_is_told_later_and_a_lost_job_ends() -> None:
    heard, clock = Heard(Unavailable("away"), Fenced("taken")), Hand()
    progress = Progress(heard, JOB, clock)  # type: ignore[arg-type]
    await progress.at("parsing")
    clock.time += 1
    with pytest.raises(Fenced):
        await progress.at("embedding")
