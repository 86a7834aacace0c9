"""Rows for statements, and hops shared out fairly."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.ports import GraphEntity, GraphRelation, Hop, Support
from actors.stores.graph_rows import chunk_rows, entity_rows, fair, need_rows, relation_rows, source_of, state_rows
from runtime.errors import Invalid

BY = Support(document_id="d", version=1, chunk_id="c")


def hop(from_id: str, to_id: str) -> Hop:
    return Hop(
        from_id=from_id,
        from_name=from_id,
        relation="r",
        to_id=to_id,
        to_name=to_id,
        to_type="t",
        document_id="d",
        version=1,
        chunk_id="c",
    )


def test_equal_supports_make_one_chunk() -> None:
    assert len(chunk_rows("t", [BY, BY])) == 1


def test_the_last_of_equal_entities_counts_and_properties_are_readable() -> None:
    first = GraphEntity(entity_id="e", type="x", name="old", support=BY)
    last = GraphEntity(entity_id="e", type="x", name="new", support=BY, properties={"ü": 1})
    (row,) = entity_rows("t", [first, last])
    assert row["name"] == "new"
    assert json.loads(str(row["properties"])) == {"ü": 1}


def test_edges_differ_by_type_support_and_need() -> None:
    other = Support(document_id="d", version=2, chunk_id="c")
    relations = [
        GraphRelation(from_id="a", type="x", to_id="b", support=BY),
        GraphRelation(from_id="a", type="y", to_id="b", support=BY),
        GraphRelation(from_id="a", type="x", to_id="b", support=other),
        GraphRelation(from_id="a", type="x", to_id="b", support=BY, needs=("n", 1)),
    ]
    rows = relation_rows("t", [*relations, *relations])
    assert len({row["key"] for row in rows}) == len(rows) == 4
    assert len(state_rows(rows)) == 2
    assert need_rows(rows) == [{"version_key": "n@1", "chunk_key": "d@1#c"}]


def test_the_same_version_of_two_tenants_has_two_sources() -> None:
    assert source_of("a", "d", 1) != source_of("b", "d", 1)


def test_an_id_without_bounds_is_refused() -> None:
    for bad in ("", "x" * 2_001):
        with pytest.raises(Invalid):
            entity_rows("t", [GraphEntity(entity_id=bad, type="x", name="n", support=BY)])


@given(st.lists(st.integers(0, 30), min_size=1, max_size=6), st.integers(1, 60))
def test_a_fair_share_is_bounded_and_leaves_nobody_out_who_fits(sizes: list[int], limit: int) -> None:
    hops = [hop(f"e{entity}", f"o{n}") for entity, size in enumerate(sizes) for n in range(size)]
    chosen = fair(hops, limit)
    assert len(chosen) == min(limit, len(hops))
    having = sum(1 for size in sizes if size)
    assert len({h.from_id for h in chosen}) == min(having, limit)
