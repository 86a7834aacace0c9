from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ingest_memory import (
    Fuse,
    Here,
    Killed,
    Lengths,
    MemoryBlobs,
    MemoryBoard,
    MemoryGraph,
    MemoryVectors,
    word_tokenizer,
)

from actors.ingest.chunk import Chunker
from actors.ingest.extract import Extractor
from actors.ingest.loop import IngestLoop
from actors.ingest.parsed import Parsed
from actors.ingest.pipeline import Pipeline
from actors.ingest.ports import IngestJob
from runtime.errors import Fenced, Overloaded, RagleapError, Unavailable

CUSTOMERS = b"id,name,email\n" + b"".join(b"C-%d,Ann Lee %d,u%d@x.co\n" % (n, n, n) for n in range(30))
ORDERS = b"order_id,customer\n" + b"".join(b"A-%d,C-%d\n" % (n, n % 30) for n in range(40))
LETTER = b"# Note\n\n" + b"".join(b"Ann Lee %d wrote to Bo Ray about order A-%d. " % (n, n) for n in range(40))
MAIL = b"From: Ann <u1@x.co>\nSubject: Late\nMessage-ID: <7@x>\n\nWhere is A-3?"
FILES = [("customers.csv", CUSTOMERS), ("orders.csv", ORDERS), ("note.md", LETTER), ("m.eml", MAIL)]


class Names:
    """Finds "Bo Ray"."""

    def find(self, texts: Sequence[str]) -> Iterator[list[tuple[str, str]]]:
        return iter([[("Bo Ray", "PERSON")] if "Bo Ray" in text else [] for text in texts])


class Works:
    """A pipeline over stores in memory."""

    def __init__(self, tokenizer: Path) -> None:
        self.fuse = Fuse()
        self.blobs = MemoryBlobs(self.fuse)
        self.vectors = MemoryVectors(self.fuse)
        self.graph = MemoryGraph(self.fuse)
        self.board = MemoryBoard()
        self.pipeline = Pipeline(
            blobs_for=lambda tenant: self.blobs,
            vectors_for=lambda tenant: self.vectors,  # type: ignore[arg-type, return-value]
            graph_for=lambda tenant: self.graph,  # type: ignore[arg-type, return-value]
            embedder=Lengths(),
            parser=Here(),
            chunker=Chunker(tokenizer, tokens=40, overlap=8),
            extractor=Extractor(Names()),
        )

    def upload(self, document_id: str, filename: str, data: bytes, version: int = 1) -> IngestJob:
        key = f"uploads/{document_id}/{version}"
        self.blobs.files[key] = data
        return IngestJob(
            tenant="t",
            job_id=f"j{document_id}",
            kind="ingest",
            document_id=document_id,
            version=version,
            blob_key=key,
            filename=filename,
        )

    async def work(self, *jobs: IngestJob, parallel: int = 3) -> None:
        self.board.queue.extend(jobs)
        await IngestLoop(self.board, self.pipeline, worker="w:1", idle_s=0, parallel=parallel).run()

    def everything(self) -> tuple[object, ...]:
        return (self.blobs.files, self.vectors.rows, self.graph.entities, self.graph.relations)


@pytest.fixture(scope="session")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return word_tokenizer(tmp_path_factory.mktemp("words"))


@pytest.fixture
def works(tokenizer: Path) -> Works:
    return Works(tokenizer)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 40), st.permutations(range(len(FILES))))
async def test_a_run_killed_at_any_write_ends_after_all_as_an_undisturbed_one(
    tokenizer: Path, at: int, order: list[int]
) -> None:
    calm, disturbed = Works(tokenizer), Works(tokenizer)
    for number in order:
        await calm.work(calm.upload(f"d{number}", *FILES[number]))
    disturbed.fuse.left = at
    for number in order:
        job = disturbed.upload(f"d{number}", *FILES[number])
        try:
            draft = await disturbed.pipeline.prepare(job, disturbed.board)
            made = await disturbed.pipeline.link(draft, disturbed.board)
        except Killed:
            made = await disturbed.pipeline.run(job, disturbed.board)
        await disturbed.board.finish(job, made)
    assert disturbed.everything() == calm.everything()
    assert {d: made for d, (_, made) in disturbed.board.live.items()} == {
        d: made for d, (_, made) in calm.board.live.items()
    }


async def test_rows_that_are_there_are_not_embedded_again(works: Works) -> None:
    job = works.upload("d", *FILES[2])
    await works.pipeline.run(job, works.board)
    first = works.fuse.writes
    rows = dict(works.vectors.rows)
    works.vectors.rows.pop("d.1.0")
    await works.pipeline.run(job, works.board)
    assert works.vectors.rows == rows
    assert works.fuse.writes - first <= first


@given(st.permutations(range(len(FILES))), st.integers(1, 4))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_documents_done_at_once_are_joined_like_documents_one_by_one(
    tokenizer: Path, order: list[int], parallel: int
) -> None:
    one, many = Works(tokenizer), Works(tokenizer)
    for number in range(len(FILES)):
        await one.work(one.upload(f"d{number}", *FILES[number]))
    await many.work(*(many.upload(f"d{number}", *FILES[number]) for number in order), parallel=parallel)
    assert many.everything() == one.everything()


async def test_collecting_removes_every_trace(works: Works) -> None:
    for number, (name, data) in enumerate(FILES):
        await works.work(works.upload(f"d{number}", name, data))
    for number in range(len(FILES)):
        job = works.upload(f"d{number}", "x", b"x")
        await works.work(IngestJob(tenant="t", job_id="c", kind="collect", document_id=job.document_id, version=1, blob_key=job.blob_key))  # fmt: skip  # noqa: E501
    assert works.everything() == ({}, {}, {}, set())


async def test_a_file_at_fault_is_told_apart_from_a_store_at_fault(works: Works) -> None:
    await works.work(works.upload("bad", "a.txt", b" "), works.upload("good", *FILES[2]))
    assert works.board.failed["bad"] == ("The file is empty. Upload a file with text in it.", False)
    works.board.raises["finish"] = [Unavailable("The cell is restarting.")]
    await works.work(works.upload("late", *FILES[3]))
    assert works.board.failed["late"][1] is True
    assert set(works.board.live) == {"good"}


async def test_what_has_killed_workers_before_is_done_alone(works: Works) -> None:
    at_work: set[str] = set()
    beside: dict[str, set[str]] = {}

    class Watched(Here):
        async def parse(self, data: bytes, filename: str, media_type: str) -> Parsed:
            at_work.add(filename)
            for _ in range(20):  # for as long as others need to come in beside it
                await asyncio.sleep(0)
                beside.setdefault(filename, set()).update(at_work)
            at_work.discard(filename)
            return await super().parse(data, filename, media_type)

    works.pipeline._parser = Watched()
    jobs = [works.upload(name, f"{name}.md", b"Open from nine to five.") for name in ("a", "b", "suspect", "c")]
    jobs[2] = replace(jobs[2], deaths=2)
    await works.work(*jobs)
    assert beside["suspect.md"] == {"suspect.md"}
    assert beside["a.md"] == {"a.md", "b.md"}
    assert set(works.board.live) == {"a", "b", "suspect", "c"}


async def test_a_job_that_was_taken_away_is_left_without_a_word(works: Works) -> None:
    works.board.raises["finish"] = [Fenced("Another worker has it.")]
    await works.work(works.upload("d", *FILES[2]))
    assert works.board.failed == {}
    assert works.board.live == {}


async def test_a_cell_that_is_away_for_a_moment_disturbs_nothing(works: Works) -> None:
    works.board.raises["progress"] = [Unavailable("The cell is restarting.")] * 2
    await works.work(works.upload("d", *FILES[2]))
    assert set(works.board.live) == {"d"}


async def test_a_claim_that_fails_for_whatever_reason_is_made_again(works: Works) -> None:
    works.board.raises["claim"] = [Overloaded("Too many writes wait."), RagleapError("The cell failed: TypeError.")]
    for _ in range(3):  # each ends when it is idle, which here is at once
        await works.work(*([] if works.board.queue else [works.upload("d", *FILES[2])]))
    assert set(works.board.live) == {"d"}


async def test_what_was_stored_is_made_fast_to_search(works: Works) -> None:
    await works.work(works.upload("d", *FILES[2]))
    assert works.vectors.flushed == 1


async def test_a_title_comes_from_the_sender_the_document_or_the_file(works: Works) -> None:
    named = works.upload("a", "x.md", b"no heading")
    await works.work(
        named, works.upload("b", "y.md", b"# Own title\n\ntext"), works.upload("c", "care_guide.txt", b"text")
    )
    assert {d: made.title for d, (_, made) in works.board.live.items()} == {
        "a": "X",
        "b": "Own title",
        "c": "Care guide",
    }
