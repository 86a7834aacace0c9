"""What the vector port promises, on every server it is meant for: milvus-lite, and for dense search a real Milvus."""

from __future__ import annotations

import asyncio
import math

import pytest
from vector_rows import DIMENSION, row, unit

from actors.ports import VectorFilter
from actors.stores.milvus_vectors import Milvus, MilvusVectors
from runtime.errors import Invalid, Retryable

pytestmark = pytest.mark.vector_servers("milvus_lite", "milvus_lite_shared", "milvus")


async def test_a_blank_tenant_answers_with_nothing(store: MilvusVectors) -> None:
    assert await store.dense(unit(0), 5) == []
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


async def test_a_row_with_the_same_id_replaces_the_old_one(store: MilvusVectors) -> None:
    await store.upsert([row(0, "before")])
    await store.upsert([row(0, "after")])
    await store.flush()
    await store.upsert([row(0, "later")])
    assert [hit.text for hit in await store.fetch(["doc_a.1.0"])] == ["later"]
    assert [hit.text for hit in await store.dense(unit(0), 5)] == ["later"]
    assert await store.count("doc_a", 1) == 1


async def test_filters_narrow_a_search(store: MilvusVectors) -> None:
    await store.upsert(
        [row(0, "parcel", document="doc_a", day=10), row(1, "parcel", document="doc_b", day=20), row(2, "parcel")]
    )
    only_b = VectorFilter(document_ids=frozenset({"doc_b"}))
    june = VectorFilter(occurred=(10, 19))
    for where, expected in ((only_b, {"doc_b.1.1"}), (june, {"doc_a.1.0"})):
        assert {hit.chunk_id for hit in await store.dense(unit(0), 5, where)} == expected
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


async def test_two_tenants_never_see_each_other(vectors: Milvus) -> None:
    mine, other = vectors.bound("isolation_a"), vectors.bound("isolation_b")
    await mine.upsert([row(0, "mine parcel"), row(1, "mine letter", version=2)])
    await other.upsert([row(0, "other parcel")])
    await mine.flush()
    only_a = VectorFilter(document_ids=frozenset({"doc_a"}))
    assert [hit.text for hit in await mine.dense(unit(0), 5)] == ["mine parcel", "mine letter"]
    assert [hit.text for hit in await other.dense(unit(0), 5, only_a)] == ["other parcel"]
    assert [hit.text for hit in await mine.fetch(["doc_a.1.0"])] == ["mine parcel"]
    assert (await mine.dense(unit(0), 1))[0].chunk_id == "doc_a.1.0"
    assert await mine.delete_version("doc_a", 1) == 1
    assert await other.count("doc_a", 1) == 1
    assert await mine.drop() == 1
    assert await other.count("doc_a", 1) == 1
    assert await other.drop() == 1
    assert await other.dense(unit(0), 5) == []


async def test_a_dropped_tenant_can_be_filled_again(store: MilvusVectors) -> None:
    await store.upsert([row(0, "first")])
    await store.drop()
    assert await store.dense(unit(0), 5) == []
    await store.upsert([row(0, "second")])
    assert [hit.text for hit in await store.dense(unit(0), 5)] == ["second"]


async def test_what_was_written_is_found_by_every_search_after(store: MilvusVectors) -> None:
    for number in range(8):
        await store.upsert([row(number, f"text {number}")])
        assert number in {hit.ordinal for hit in await store.dense(unit(number / 10), 3)}


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
