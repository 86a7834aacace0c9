"""MarkdownV2 that Telegram accepts, and that says what the answer says."""

from __future__ import annotations

import pytest
from fakes.markdown_v2 import CannotParse, Entity, read
from hypothesis import given
from hypothesis import strategies as st

from actors.channels.format.chat import CUT, MOST_PARTS
from actors.channels.format.spans import Span, Style, merged, spans_of
from actors.channels.format.split import units
from actors.channels.format.telegram import LIMIT, markdown_v2, telegram
from actors.messages import Citation

KINDS = {
    Style.BOLD: "bold",
    Style.ITALIC: "italic",
    Style.STRUCK: "strikethrough",
    Style.CODE: "code",
    Style.BLOCK: "pre",
}
HOSTILE = st.text(st.sampled_from("_*[]()~`>#+-=|{}.!\\ \nab1😀\u202eש\u200b"), max_size=40)


def test_an_answer_is_marked_up_and_says_what_it_rests_on() -> None:
    citation = Citation(n=1, document_id="d", chunk_id="c", quote="We ship abroad.", title="Delivery_policy")

    assert telegram("We **ship** abroad [1].", [citation]) == [
        "We *ship* abroad \\[1\\]\\.\n\n_\\[1\\] Delivery\\_policy_"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "1. a_b\n2. c*d [x] (y) ~z~ `w` > # + - = | { } . !",
        "back\\slash \\* and `co\\de`",
        "[l(i)n]k](https://a.example/b_(c)?d=\\e)",
        "***a** b*",
        "*a***b**",
        "_a_**_b_**_c_",
        "```\n```inner`\\\n```",
    ],
)
def test_telegram_accepts_it_and_shows_the_same_characters(text: str) -> None:
    (message,) = telegram(text)

    assert read(message)[0] == "".join(span.text for span in spans_of(text))


SPANS = st.lists(
    st.one_of(
        st.builds(
            Span,
            HOSTILE,
            st.frozensets(st.sampled_from([Style.BOLD, Style.ITALIC, Style.STRUCK])),
            st.sampled_from(["", "https://a.example/(x)\\y"]),
        ),
        st.builds(Span, HOSTILE, st.sampled_from([frozenset({Style.CODE}), frozenset({Style.BLOCK})])),
    ),
    max_size=6,
)


@given(SPANS)
def test_every_text_in_every_style_arrives_as_it_is(spans: list[Span]) -> None:
    spans = merged(spans)
    text, entities = read(markdown_v2(spans))

    assert text == "".join(span.text for span in spans)
    assert _by_character(entities) == _wanted(spans)


@given(st.text(st.characters(), max_size=400))
def test_no_answer_is_refused_for_its_markup(text: str) -> None:
    for message in telegram(text, [Citation(n=1, document_id="d", chunk_id="c", quote="", title=text)]):
        read(message)


@pytest.mark.parametrize("piece", ["word. ", "**bold** _it_ ", "😀", "\u202eשלום ", "`x` ", "a" * 5_000])
def test_a_long_answer_comes_in_messages_that_fit(piece: str) -> None:
    messages = telegram((piece * 100_000)[:100_000])

    assert 1 < len(messages) <= MOST_PARTS
    assert all(0 < units(read(message)[0]) <= LIMIT for message in messages)
    assert read(messages[-1])[0].endswith(CUT)


def test_a_blank_answer_is_no_message() -> None:
    assert telegram(" \n\u0000 ") == []


@pytest.mark.parametrize("wrong", ["a.b", "*a", "_a*", "[a]", "[a](b", "`a", "a!", "*a_*_"])
def test_the_reader_of_these_tests_refuses_what_telegram_would(wrong: str) -> None:
    with pytest.raises(CannotParse):
        read(wrong)


def _by_character(entities: list[Entity]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for entity in entities:
        for at in range(entity.start, entity.end):
            found.setdefault(at, set()).add(f"{entity.kind} {entity.url}".strip())
    return found


def _wanted(spans: list[Span]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    at = 0
    for span in spans:
        kinds = {KINDS[style] for style in span.styles} | ({f"text_link {span.link}"} if span.link else set())
        for place in range(at, at + len(span.text)):
            if kinds:
                found[place] = kinds
        at += len(span.text)
    return found
