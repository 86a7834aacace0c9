"""Answers of the last seconds."""

from __future__ import annotations

from actors.database.answer import Rows
from actors.database.recent import Recent


def rows(text: str = "x") -> Rows:
    return Rows(columns=("a",), rows=((text,),), truncated=False)


def test_an_answer_is_given_again_while_it_is_fresh_and_never_after() -> None:
    recent = Recent(seconds=5)
    recent.put("s", rows(), 100.0)
    assert recent.get("s", 104.9) == rows()
    assert recent.get("other", 104.9) is None
    assert recent.get("s", 105.0) is None
    assert recent.get("s", 104.0) is None


def test_the_oldest_goes_where_there_are_too_many_and_large_ones_are_not_kept() -> None:
    recent = Recent(most=2, largest=10)
    for name in "abc":
        recent.put(name, rows(name), 0.0)
    recent.put("d", rows("x" * 11), 0.0)
    assert [name for name in "abcd" if recent.get(name, 1.0)] == ["b", "c"]
