"""Filter expressions: what goes into a literal cannot leave it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.ports import VectorFilter
from actors.stores.milvus_filters import any_of, check_id, expression, of_version, searchable
from runtime.errors import Invalid


def test_equal_sets_give_equal_expressions() -> None:
    assert any_of("f", ["b", "a", "b"]) == any_of("f", ["a", "b"]) == 'f in ["a", "b"]'


def test_an_empty_filter_narrows_nothing_and_an_impossible_one_is_none() -> None:
    assert expression(VectorFilter()) == ""
    assert expression(VectorFilter(document_ids=frozenset())) is None
    assert expression(VectorFilter(occurred=(5, 4))) is None


def test_filters_are_joined() -> None:
    where = VectorFilter(document_ids=frozenset({"d"}), occurred=(1, 2))
    assert expression(where) == 'document_id in ["d"] and occurred_on >= 1 and occurred_on <= 2'
    timely = VectorFilter(document_ids=frozenset({"d"}), occurred=(1, 2), undated=True)
    assert expression(timely) == (
        'document_id in ["d"] and (occurred_on == 0 or (occurred_on >= 1 and occurred_on <= 2))'
    )
    assert expression(VectorFilter(never_ids=frozenset({"d", "c"}))) == 'not (document_id in ["c", "d"])'


def test_a_version_is_a_number_even_where_a_caller_lies() -> None:
    assert of_version("d", 3) == 'document_id == "d" and version == 3'
    with pytest.raises(ValueError, match="invalid literal"):
        of_version("d", "1 or true")  # type: ignore[arg-type]


@given(st.text(max_size=300))
def test_an_accepted_id_cannot_end_its_literal(value: str) -> None:
    try:
        accepted = check_id(value)
    except Invalid:
        return
    assert accepted == value
    assert not set(value) & set("\"'\\\n\r\x00")


@given(st.text(max_size=3_000))
def test_a_searchable_query_is_bounded_printable_and_has_a_word(query: str) -> None:
    text = searchable(query)
    assert len(text) <= 2_000
    assert text.isprintable()
    assert text == "" or any(c.isalnum() or c == "_" for c in text)
