"""HTML in which nothing of a text is alive."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.channels.format.web import web
from actors.messages import Citation

ALLOWED = {
    *("p", "br", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "s", "code", "pre", "ul", "ol", "li", "hr"),
    *("blockquote", "table", "thead", "tbody", "tr", "th", "td", "a", "sup", "cite", "q"),
}
ATTRIBUTES = {"href", "rel", "target", "class", "data-n", "value", "start", "style", "title"}
PIECES = (
    *("<script>", "</p>", "<img src=x onerror=alert(1)>", '" onclick="x', "[a](javascript:x)", "[b](https://a.b"),
    *('[c](https://a.b "t\\" onx=y")', "**", "`", "\n\n", "> ", "- ", "[1]", "[2]", "&#60;b&#62;", "```x\n", "\ud800"),
    *("<https://a.b/<x>>", "|a|b|\n|:-|-|\n", "![x](https://a.b)", "\0", "word", "\u202e"),
)
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "a":
            self.links.append(dict(attrs))


def test_citations_are_numbers_to_point_with_and_a_list_to_read() -> None:
    citations = [Citation(n=1, document_id="d", chunk_id="c", quote='Say "yes" & <go>.', title="Policy")]

    assert web("We ship **abroad** [1], room [2].", citations) == (
        '<p>We ship <strong>abroad</strong> <sup class="cite" data-n="1">1</sup>, room [2].</p>\n'
        '<ol class="sources">\n'
        '<li value="1"><cite>Policy</cite>: <q>Say &quot;yes&quot; &amp; &lt;go&gt;.</q></li>\n</ol>\n'
    )


def test_links_open_elsewhere_and_tell_nobody() -> None:
    found = Elements()
    found.feed(web("[terms](https://a.example) and <https://b.example>"))

    assert [link["href"] for link in found.links] == ["https://a.example", "https://b.example"]
    assert all((link["rel"], link["target"]) == ("noopener noreferrer nofollow", "_blank") for link in found.links)


@given(HOSTILE, HOSTILE)
def test_nothing_of_a_text_is_alive(text: str, quote: str) -> None:
    found = Elements()
    found.feed(web(text, [Citation(n=1, document_id="d", chunk_id="c", quote=quote, title=quote)]))

    assert found.tags <= ALLOWED
    assert found.attributes <= ATTRIBUTES
    assert all(str(link["href"]).startswith(("https://", "http://", "mailto:", "tel:")) for link in found.links)


@pytest.mark.parametrize("piece", ["<script>alert(1)</script> ", "\u202eשלום\n\n", "😀"])
def test_a_hundred_thousand_characters_are_shown_as_they_are(piece: str) -> None:
    page = web((piece * 100_000)[:100_000])
    found = Elements()
    found.feed(page)

    assert found.tags <= {"p", "br"}
