"""Keyword search (BM25), which the embedded Milvus has, and what only an embedded one can be asked: to be killed."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from vector_rows import DIMENSION, row, unit

from actors.ports import VectorFilter
from actors.stores.milvus_vectors import Milvus, MilvusVectors, Mode
from cluster.embedded.milvus_lite import MilvusLite


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


async def test_a_blank_tenant_has_no_words(store: MilvusVectors) -> None:
    assert await store.keyword("anything", 5) == []


async def test_the_words_of_a_replaced_row_are_found_no_more(store: MilvusVectors) -> None:
    await store.upsert([row(0, "before")])
    await store.upsert([row(0, "after")])
    await store.flush()
    await store.upsert([row(0, "later")])
    assert await store.keyword("before after", 5) == []
    assert [hit.text for hit in await store.keyword("later", 5)] == ["later"]


async def test_the_words_of_a_dropped_tenant_are_found_no_more(store: MilvusVectors) -> None:
    await store.upsert([row(0, "first")])
    await store.drop()
    assert await store.keyword("first", 5) == []
    await store.upsert([row(0, "second")])
    assert [hit.text for hit in await store.keyword("second", 5)] == ["second"]


async def test_filters_narrow_a_keyword_search(store: MilvusVectors) -> None:
    await store.upsert(
        [row(0, "parcel", document="doc_a", day=10), row(1, "parcel", document="doc_b", day=20), row(2, "parcel")]
    )
    only_b = VectorFilter(document_ids=frozenset({"doc_b"}))
    june = VectorFilter(occurred=(10, 19))
    for where, expected in ((only_b, {"doc_b.1.1"}), (june, {"doc_a.1.0"})):
        assert {hit.chunk_id for hit in await store.keyword("parcel", 5, where)} == expected


@pytest.mark.parametrize("mode", ["embedded", "cluster"])
async def test_a_tenant_never_finds_anothers_words(milvus_lite_server: MilvusLite, mode: Mode) -> None:
    milvus = Milvus(uri=milvus_lite_server.uri, dimension=DIMENSION, mode=mode)
    mine, other = milvus.bound("words_a"), milvus.bound("words_b")
    try:
        await mine.upsert([row(0, "mine parcel")])
        await other.upsert([row(0, "other parcel")])
        assert [hit.text for hit in await mine.keyword("parcel", 5)] == ["mine parcel"]
    finally:
        await mine.drop()
        await other.drop()
        await milvus.close()


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
