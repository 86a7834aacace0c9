"""Identifiers sort by time and never meet."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runtime.ids import new_id


@given(st.floats(0, 2**38), st.floats(0, 2**38), st.binary(min_size=10, max_size=10))
def test_ids_sort_by_their_time(first: float, second: float, entropy: bytes) -> None:
    older, newer = sorted((first, second))
    if int(older * 1000) < int(newer * 1000):
        assert new_id("msg", now=older, entropy=entropy) < new_id("msg", now=newer, entropy=entropy)


def test_ids_are_distinct_url_safe_and_named_by_what_they_are() -> None:
    made = {new_id("doc") for _ in range(1000)}

    assert len(made) == 1000
    assert all(name.startswith("doc_") and len(name) == 30 and name.replace("_", "").isalnum() for name in made)
