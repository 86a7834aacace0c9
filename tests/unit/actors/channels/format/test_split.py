"""Long texts in parts: cut where a reader would, and nothing lost but space."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.channels.format.spans import Span, Style, spans_of
from actors.channels.format.split import split, units


def parts(text: str, limit: int) -> list[str]:
    return ["".join(span.text for span in part) for part in split([Span(text)], limit)]


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 10, ["short"]),
        ("one two\n\nthree four. five", 16, ["one two", "three four. five"]),
        ("one two\nthree. four", 15, ["one two", "three. four"]),
        ("One two. Three four five", 18, ["One two.", "Three four five"]),
        ("one two three four", 12, ["one two", "three four"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("😀😀😀", 4, ["😀😀", "😀"]),
        ("😀😀😀", 3, ["😀", "😀", "😀"]),
        ("   \n ", 5, []),
        ("", 5, []),
    ],
)
def test_a_text_is_cut_at_the_best_place(text: str, limit: int, expected: list[str]) -> None:
    assert parts(text, limit) == expected


@pytest.mark.parametrize("together", ["e\u0301", "👩\u200d👧", "👍\U0001f3fd", "❤\ufe0f"])
def test_a_character_is_not_parted_from_its_marks(together: str) -> None:
    text = "abcd" + together + "efgh"
    for limit in range(units(together) + 1, units(text)):
        assert any(together in part for part in parts(text, limit))


def test_a_link_or_code_is_left_whole_where_it_fits() -> None:
    spans = spans_of("one two [three four five](https://a.example) six `seven eight nine` ten")
    for limit in range(17, 40):
        pieces = [span for part in split(spans, limit) for span in part]
        assert Span("three four five", frozenset(), "https://a.example") in pieces
        assert Span("seven eight nine", frozenset({Style.CODE})) in pieces


STYLES = st.sampled_from([frozenset(), frozenset({Style.BOLD}), frozenset({Style.CODE}), frozenset({Style.BLOCK})])
SPANS = st.lists(
    st.builds(Span, st.text("ab. \n😀\u0301\u200d\u202eש", max_size=60), STYLES, st.sampled_from(["", "https://a.b"])),
    max_size=8,
)


@given(SPANS, st.integers(min_value=2, max_value=50))
def test_parts_fit_and_nothing_but_space_is_lost(spans: list[Span], limit: int) -> None:
    found = split(spans, limit)
    shown = ["".join(span.text for span in part) for part in found]

    assert all(part.strip() and units(part) <= limit for part in shown)
    assert "".join("".join(shown).split()) == "".join("".join(span.text for span in spans).split())


@given(SPANS, st.integers(min_value=2, max_value=50))
def test_every_character_keeps_its_style(spans: list[Span], limit: int) -> None:
    def visible(found: list[Span]) -> list[tuple[str, frozenset[Style], str]]:
        return [(each, span.styles, span.link) for span in found for each in span.text if not each.isspace()]

    assert visible([span for part in split(spans, limit) for span in part]) == visible(spans)


def test_a_hundred_thousand_characters_are_cut_quickly() -> None:
    found = parts("a sentence of words. " * 5_000, 4096)

    assert len(found) == 26
    assert all(part.endswith(".") for part in found)
