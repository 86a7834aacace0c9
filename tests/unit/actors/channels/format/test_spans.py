"""Blocks laid out as characters, and styles as runs of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.channels.format.spans import Span, Style, merged, spans_of


def text_of(text: str) -> str:
    return "".join(span.text for span in spans_of(text))


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("one\ntwo\n\nthree", "one\ntwo\n\nthree"),
        ("# Title\ntext", "Title\n\ntext"),
        ("- a\n- b\n\nafter", "• a\n• b\n\nafter"),
        ("3. a\n4. b", "3. a\n4. b"),
        ("1. a\n   - b\n   - c\n2. d", "1. a\n   • b\n   • c\n2. d"),
        ("- a\n\n  second\n- b", "• a\n  second\n• b"),
        ("- - a", "• • a"),
        ("before\n\n> one\n> two\n\nafter", "before\n\n> one\n> two\n\nafter"),
        ("> one\n>\n> two", "> one\n>\n> two"),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n\nafter", "a | b\n1 | 2\n\nafter"),
        ("a\n\n---\n\nb", "a\n\n———\n\nb"),
        ("a\n```py\nx = 1\n\ny\n```\nb", "a\n\nx = 1\n\ny\n\nb"),
        ("- \n- a", "• a"),
        ("  \n ", ""),
    ],
)
def test_blocks_stand_below_one_another(markdown: str, shown: str) -> None:
    assert text_of(markdown) == shown


def test_code_keeps_its_lines_in_one_piece() -> None:
    (block,) = [span for span in spans_of("```\na\n\n  b\n```") if span.styles]

    assert block == Span("a\n\n  b", frozenset({Style.BLOCK}))


@given(st.text(st.characters(), max_size=300))
def test_any_text_can_be_stored_and_nothing_is_invented(text: str) -> None:
    shown = text_of(text)

    shown.encode()
    assert "\0" not in shown


@given(st.text("ab .\n\u200b\u202eאב😀", max_size=200))
def test_words_without_markup_are_all_there(text: str) -> None:
    assert text_of(text).split() == text.split()


def test_neighbours_of_one_kind_are_merged() -> None:
    assert merged([Span("a"), Span(""), Span("b"), Span("c", link="u")]) == [Span("ab"), Span("c", link="u")]
