"""A provider's JSON, however damaged, is read without harm."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.channels.wire import Fields, Ignored, clean, read_object
from runtime.errors import Invalid

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
    max_leaves=12,
)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"text"', b"\xff\xfe{}", b"[" * 100_000, b'{"a": ' * 50_000, b'{"n": ' + b"9" * 5_000 + b"}"],
    ids=["empty", "cut", "list", "text", "encoding", "deep list", "deep object", "long number"],
)
def test_what_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid):
        read_object(body)


@given(JSON)
def test_nothing_that_is_missing_or_of_another_type_raises(value: Any) -> None:
    fields = Fields({"a": value})
    for name in ("a", "b"):
        assert isinstance(fields.text(name), str)
        assert isinstance(fields.id(name), str)
        assert fields.number(name) is None or fields.number(name) == fields.number(name)
        assert isinstance(fields.fields(name).text("a"), str)
        assert all(isinstance(each, Fields) for each in fields.each(name))


@given(st.text(st.characters(), max_size=200))
def test_a_clean_text_can_be_stored_and_a_good_one_is_unchanged(text: str) -> None:
    cleaned = clean(text)

    cleaned.encode()
    assert "\0" not in cleaned
    assert clean(cleaned) == cleaned
    if not any(0xD800 <= ord(each) < 0xE000 or each == "\0" for each in text):
        assert cleaned == text


def test_halves_of_surrogate_pairs_are_replaced_and_marks_of_direction_are_kept() -> None:
    body = json.dumps({"a": "x\ud83dy", "b": "\ud83d\ude00 \u202bשלום\u202c a\u200bb"}).encode()
    fields = read_object(body)

    assert fields.text("a") == "x\ufffdy"
    assert fields.text("b") == "😀 \u202bשלום\u202c a\u200bb"


def test_a_text_is_cut_to_what_is_asked_for() -> None:
    assert len(Fields({"a": "😀" * 100_000}).text("a", most=8_000)) == 8_000


@pytest.mark.parametrize("value", ["with space", "line\n", "ünïcode", "x" * 201, "", None, 1.5, True])
def test_what_cannot_be_an_id_is_none(value: object) -> None:
    assert Fields({"a": value}).id("a") == ""


def test_an_id_may_be_a_number() -> None:
    assert Fields({"a": -100_123}).id("a") == "-100123"


def test_ignored_kinds_are_counted_by_name_and_strange_names_together() -> None:
    ignored = Ignored()
    for name in ("poll", "poll", "sys_tem2", "<b>", "x" * 100, "", "naïve"):
        ignored.add(name)

    assert ignored.counts() == {"poll": 2, "sys_tem2": 1, "unknown": 4}
