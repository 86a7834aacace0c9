"""Which Markdown is understood, and that no text takes long to read."""

from __future__ import annotations

import time

import pytest

from actors.channels.format.markdown import MOST_PARSED
from actors.channels.format.spans import Span, Style, spans_of
from actors.channels.format.web import web


@pytest.mark.parametrize(
    "text",
    [
        "<b>bold</b> <script>alert(1)</script>",
        "    four spaces before",
        "A title\n---",
        "[1]\n\n[1]: https://evil.example",
        "[click](javascript:alert(1)) [data](data:text/html,x) [file](file:///etc/passwd)",
        "&lt;b&gt; &copy;",
        "10*20*30 cm, a*b*c, größe*ü*ß, snake_case_name",
    ],
)
def test_what_quoted_text_happens_to_contain_stays_as_it_is(text: str) -> None:
    assert all(span.styles == frozenset() and not span.link for span in spans_of(text))
    for word in text.replace("---", "").split():
        assert word in "".join(span.text for span in spans_of(text))


def test_words_that_no_spaces_part_can_be_bold() -> None:
    assert spans_of("我们**免费**送货")[1] == Span("免费", frozenset({Style.BOLD}))


def test_a_picture_is_not_loaded() -> None:
    assert "<img" not in web("![pixel](https://spy.example/p.gif)")


@pytest.mark.parametrize("url", ["https://a.example", "http://a.example", "mailto:a@b.example", "tel:+4912"])
def test_links_to_the_web_mail_and_telephones_are_links(url: str) -> None:
    assert spans_of(f"[go]({url})") == [Span("go", frozenset(), url)]


def test_a_text_too_long_to_parse_is_taken_as_it_stands() -> None:
    text = "**a** " * MOST_PARSED

    assert spans_of(text) == [Span(text.strip())]
    assert "<strong>" not in web(text)


@pytest.mark.parametrize("piece", ["[", "![[", "**", "*a ", "_a*", "[a](", "`", "> ", "- ", "<", "~~a", "| "])
def test_no_text_takes_long(piece: str) -> None:
    text = (piece * MOST_PARSED)[:MOST_PARSED]
    began = time.process_time()
    spans_of(text)
    web(text)

    assert time.process_time() - began < 5.0


def test_styles_lie_within_one_another() -> None:
    assert spans_of("a **b *c*** ~~d~~ `e*`") == [
        Span("a "),
        Span("b ", frozenset({Style.BOLD})),
        Span("c", frozenset({Style.BOLD, Style.ITALIC})),
        Span(" "),
        Span("d", frozenset({Style.STRUCK})),
        Span(" "),
        Span("e*", frozenset({Style.CODE})),
    ]
