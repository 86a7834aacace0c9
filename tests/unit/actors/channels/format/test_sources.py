"""What an answer rests on, in words."""

from __future__ import annotations

from actors.channels.format.sources import MOST_TITLE, source_lines, title_of, without_numbers
from actors.messages import Citation


def cited(n: int, title: str, document_id: str = "doc") -> Citation:
    return Citation(n=n, document_id=document_id, chunk_id="c", quote="q", title=title)


def test_each_document_is_named_once_with_all_its_numbers() -> None:
    assert source_lines([cited(1, "Policy"), cited(2, "Prices"), cited(3, "Policy"), cited(3, "Policy")]) == [
        "[1] [3] Policy",
        "[2] Prices",
    ]


def test_a_title_is_one_line_of_bounded_length_and_never_missing() -> None:
    assert title_of(cited(1, "A\ntitle \ud800")) == "A title \ufffd"
    assert title_of(cited(1, "", "prices.csv")) == "prices.csv"
    assert len(title_of(cited(1, "x" * 1_000))) == MOST_TITLE


def test_only_numbers_that_point_somewhere_are_taken_out() -> None:
    assert without_numbers("We ship [1] abroad [2][1]. Room [3].", [cited(1, ""), cited(2, "")]) == (
        "We ship abroad. Room [3]."
    )
