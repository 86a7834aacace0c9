"""Vectors against a real embedded Milvus."""

from __future__ import annotations

import asyncio
import math
import os
import signal
from pathlib import Path

import pytest

from actors.ports import VectorFilter, VectorRow
from actors.stores.milvus_vectors import Milvus, MilvusVectors, Mode
from cluster.embedded.milvus_lite import MilvusLite
from runtime.errors import Invalid, Retryable

DIMENSION = 384


def unit(angle: float) -> list[float]:
    return [math.cos(angle), math.sin(angle), *([0.0] * (DIMENSION - 2))]


def row(number: int, text: str, *, document: str = "doc_a", version: int = 1, day: int = 0) -> VectorRow:
    return VectorRow(
        chunk_id=f"{document}.{version}.{number}",
        document_id=document,
        version=version,
        ordinal=number,
        text=text,
        vector=unit(number / 10),
        start=number * 10,
        end=number * 10 + len(text),
        occurred_on=day,
    )


async def test_a_blank_tenant_answers_with_nothing(store: MilvusVectors) -> None:
    assert await store.dense(unit(0), 5) == []
    assert await store.keyword("anything", 5) == []
    assert await store.fetch(["c1"]) == []
    assert await store.count("doc_a", 1) == 0
    assert await store.delete_version("doc_a", 1) == 0
    assert await store.drop() == 0
    await store.flush()


async def test_dense_search_orders_by_cosine_and_returns_the_whole_row(store: MilvusVectors) -> None:
    await store.upsert([row(n, f"text {n}", day=n) for n in range(5)])
    hits = await store.dense(unit(0), 3)
    assert [hit.ordinal for hit in hits] == [0, 1, 2]
    assert hits[0].score == pytest.approx(1.0, abs=1e-4)
    assert hits[1].score == pytest.approx(math.cos(0.1), abs=1e-3)
    first = hits[1]
    assert (first.chunk_id, first.document_id, first.version) == ("doc_a.1.1", "doc_a", 1)
    assert (first.text, first.start, first.end, first.occurred_on) == ("text 1", 10, 16, 1)


async def test_keyword_search_finds_words_before_and_after_a_flush(store: MilvusVectors) -> None:
    texts = ["the courier lost my parcel", "a refund takes five days", "parcel parcel parcel", "opening hours"]
    await store.upsert([row(n, text) for n, text in enumerate(texts)])
    before = [hit.ordinal for hit in await store.keyword("Where is the parcel?", 4)]
    await store.flush()
    after = [hit.ordinal for hit in await store.keyword("Where is the parcel?", 4)]
    assert set(before) == set(after) == {0, 2}
    assert [hit.ordinal for hit in await store.keyword("refund", 4)] == [1]


@pytest.mark.parametrize("query", ["", "   ", "?!…", "()", '"', "\\", "\x00", "'; drop", "a" * 5_000, "日本語", "🙂"])
async def test_odd_queries_are_answered(store: MilvusVectors, query: str) -> None:
    await store.upsert([row(0, "plain words")])
    assert await store.keyword(query, 5) == []


async def test_a_row_with_the_same_id_replaces_the_old_one(store: MilvusVectors) -> None:
    await store.upsert([row(0, "before")])
    await store.upsert([row(0, "after")])
    await store.flush()
    await store.upsert([row(0, "later")])
    assert [hit.text for hit in await store.fetch(["doc_a.1.0"])] == ["later"]
    assert [hit.text for hit in await store.dense(unit(0), 5)] == ["later"]
    assert await store.keyword("before", 5) == []
    assert await store.count("doc_a", 1) == 1


async def test_filters_narrow_both_searches(store: MilvusVectors) -> None:
    await store.upsert(
        [row(0, "parcel", document="doc_a", day=10), row(1, "parcel", document="doc_b", day=20), row(2, "parcel")]
    )
    only_b = VectorFilter(document_ids=frozenset({"doc_b"}))
    june = VectorFilter(occurred=(10, 19))
    for where, expected in ((only_b, {"doc_b.1.1"}), (june, {"doc_a.1.0"})):
        assert {hit.chunk_id for hit in await store.dense(unit(0), 5, where)} == expected
        assert {hit.chunk_id for hit in await store.keyword("parcel", 5, where)} == expected
    assert await store.dense(unit(0), 5, VectorFilter(document_ids=frozenset())) == []


async def test_a_filter_value_cannot_leave_its_literal(store: MilvusVectors) -> None:
    await store.upsert([row(0, "secret")])
    for value in ('x"] or version > 0 or document_id in ["', "x\\", "x'", "line\nbreak", ""):
        with pytest.raises(Invalid):
            await store.dense(unit(0), 5, VectorFilter(document_ids=frozenset({value})))
        with pytest.raises(Invalid):
            await store.delete_version(value, 1)
    assert await store.count("doc_a", 1) == 1


async def test_ids_of_people_who_do_not_write_english_are_kept(store: MilvusVectors) -> None:
    await store.upsert([row(0, "Vertrag", document="Verträge/2024 – März.pdf")])
    assert await store.count("Verträge/2024 – März.pdf", 1) == 1


async def test_deleting_a_version_leaves_the_other_versions(store: MilvusVectors) -> None:
    old = [row(n, f"old {n}", version=1) for n in range(700)]
    new = [row(n, f"new {n}", version=2) for n in range(3)]
    await store.upsert(old)
    await store.upsert(new)
    await store.flush()
    assert await store.delete_version("doc_a", 1) == 700
    assert await store.delete_version("doc_a", 1) == 0
    assert await store.count("doc_a", 1) == 0
    assert await store.count("doc_a", 2) == 3
    assert {hit.version for hit in await store.dense(unit(0), 50)} == {2}


@pytest.mark.parametrize("mode", ["embedded", "cluster"])
async def test_two_tenants_never_see_each_other(vector_server: MilvusLite, mode: Mode) -> None:
    milvus = Milvus(uri=vector_server.uri, dimension=DIMENSION, mode=mode)
    mine, other = milvus.bound("isolation_a"), milvus.bound("isolation_b")
    try:
        await mine.upsert([row(0, "mine parcel"), row(1, "mine letter", version=2)])
        await other.upsert([row(0, "other parcel")])
        await mine.flush()
        only_a = VectorFilter(document_ids=frozenset({"doc_a"}))
        assert [hit.text for hit in await mine.dense(unit(0), 5)] == ["mine parcel", "mine letter"]
        assert [hit.text for hit in await other.dense(unit(0), 5, only_a)] == ["other parcel"]
        assert [hit.text for hit in await mine.keyword("parcel", 5)] == ["mine parcel"]
        assert [hit.text for hit in await mine.fetch(["doc_a.1.0"])] == ["mine parcel"]
        assert (await mine.dense(unit(0), 1))[0].chunk_id == "doc_a.1.0"
        assert await mine.delete_version("doc_a", 1) == 1
        assert await other.count("doc_a", 1) == 1
        assert await mine.drop() == 1
        assert await other.count("doc_a", 1) == 1
        assert await other.drop() == 1
        assert await other.dense(unit(0), 5) == []
    finally:
        await milvus.close()


async def test_a_dropped_tenant_can_be_filled_again(store: MilvusVectors) -> None:
    await store.upsert([row(0, "first")])
    await store.drop()
    assert await store.keyword("first", 5) == []
    await store.upsert([row(0, "second")])
    assert [hit.text for hit in await store.keyword("second", 5)] == ["second"]


async def test_concurrent_writers_and_readers_lose_nothing(store: MilvusVectors) -> None:
    async def write(document: int) -> None:
        for number in range(0, 60, 20):
            await store.upsert([row(n, "parcel", document=f"doc_{document}") for n in range(number, number + 20)])
            await store.flush()

    async def read() -> None:
        seen = 0
        for _ in range(15):
            found = len(await store.fetch([f"doc_0.1.{n}" for n in range(60)]))
            assert found >= seen, "a row that was there disappeared"
            seen = found

    async with asyncio.TaskGroup() as group:
        for document in range(3):
            group.create_task(write(document))
        group.create_task(read())
    assert [await store.count(f"doc_{document}", 1) for document in range(3)] == [60, 60, 60]


async def test_rows_survive_a_kill_of_the_server_and_the_client_goes_on(tmp_path: Path) -> None:
    server = MilvusLite(tmp_path)
    await server.start()
    milvus = Milvus(uri=server.uri, dimension=DIMENSION)
    store = milvus.bound("kept")
    try:
        await store.upsert([row(n, f"flushed {n}") for n in range(10)])
        await store.flush()
        await store.upsert([row(n, f"unflushed {n}") for n in range(10, 15)])
        first = server.child.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await server.child.died()
        await server.child.wait_ready(60)
        assert server.child.pid != first
        assert await store.count("doc_a", 1) == 15
        assert len(await store.keyword("unflushed", 10)) == 5
        assert len(await store.dense(unit(0), 20)) == 15
    finally:
        await milvus.close()
        await server.close()


async def test_a_server_that_is_not_there_is_retryable() -> None:
    milvus = Milvus(uri="http://127.0.0.1:9", dimension=DIMENSION, deadline_s=1.0)
    try:
        with pytest.raises(Retryable):
            await milvus.bound("nobody").dense(unit(0), 1)
    finally:
        await milvus.close()


async def test_a_vector_of_another_length_is_refused(store: MilvusVectors) -> None:
    with pytest.raises(Invalid):
        await store.dense([1.0, 0.0], 1)
