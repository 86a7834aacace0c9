"""An answer as one says it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.channels.format.speech import speech
from actors.messages import Citation


def cited(n: int, title: str) -> Citation:
    return Citation(n=n, document_id="d", chunk_id="c", quote="q", title=title)


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("We **ship** `abroad`.", "We ship abroad."),
        ("# Colours\n\n- red\n- blue!", "Colours. red. blue!"),
        ("See https://a.example/x?y=z. Now", "See a link. Now."),
        ("[terms](https://a.example)", "terms."),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "a, b. 1, 2."),
        ("> quoted\n\n---\n\nend", "quoted. end."),
        ("", ""),
    ],
)
def test_markup_is_not_spoken(text: str, spoken: str) -> None:
    assert speech(text) == spoken


def test_sources_are_named_once_at_the_end_and_numbers_left_out() -> None:
    citations = [cited(1, "Policy"), cited(2, "Prices"), cited(3, "Policy"), cited(4, "Hours")]

    assert speech("We ship [1]. It costs 5 [2][3].", citations) == (
        "We ship. It costs 5. This is from Policy and Prices."
    )


@given(st.text(st.characters(), max_size=300))
def test_any_text_is_one_line_that_can_be_handed_on(text: str) -> None:
    spoken = speech(text)

    spoken.encode()
    assert "\n" not in spoken
