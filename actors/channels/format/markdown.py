"""An answer's text as Markdown: which of it is understood, and the one parser that everything here is made with.

Promises: HTML in a text is text; a link leads to the web, a mail address or a telephone, or is none; pictures are not
loaded; what quoted documents happen to contain (indented lines, underlined ones, definitions of references, stars
within a word as in 10*20*30) changes nothing. A text too long to be parsed quickly is taken as it stands.

markdown-it-py is CommonMark's own algorithm, kept well, and installed with rich already; mistune and Python-Markdown
were looked at: the one has no token stream to render from, the other is no CommonMark.

Held by tests/unit/actors/channels/format/test_markdown.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token

from actors.channels.wire import clean

MOST_PARSED = 8_000  # characters; the worst text of that length takes a quarter of a second
_SCHEMES = ("https://", "http://", "mailto:", "tel:")
_LEFT_OUT = ("code", "lheading", "reference", "html_block", "html_inline", "entity", "image")


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802
        return url.lower().startswith(_SCHEMES) and super().validateLink(url)


@cache
def parser() -> MarkdownIt:
    """Configured once; parsing changes nothing in it."""
    made = _Parser("commonmark", {"html": False, "breaks": True})
    made.inline.ruler.at("emphasis", _emphasis)
    return made.enable(["table", "strikethrough"]).disable(list(_LEFT_OUT))


def _emphasis(state: StateInline, silent: bool) -> bool:
    """CommonMark's rule, but for stars between letters or digits of scripts that part their words with spaces."""
    at, source = state.pos, state.src
    marker = source[at]
    if silent or marker not in "*_":
        return False
    end = at + len(source[at:]) - len(source[at:].lstrip(marker))
    within_a_word = at > 0 and end < len(source) and _parted(source[at - 1]) and _parted(source[end])
    scanned = state.scanDelims(at, marker == "*" and not within_a_word)
    for _ in range(scanned.length):
        state.push("text", "", 0).content = marker
        state.delimiters.append(
            Delimiter(
                marker=ord(marker),
                length=scanned.length,
                token=len(state.tokens) - 1,
                end=-1,
                open=scanned.can_open,
                close=scanned.can_close,
            )
        )
    state.pos += scanned.length
    return True


def _parted(character: str) -> bool:
    return character.isalnum() and character < "\u2e80"  # from there on: CJK


def tokens_of(text: str) -> Sequence[Token] | None:
    """The tokens of ``text``; None where it is too long."""
    return parser().parse(text) if len(text) <= MOST_PARSED else None


def said(text: str) -> str:
    """``text`` as it can be stored and sent, its lines ended in one way."""
    return clean(text).replace("\r\n", "\n").replace("\r", "\n")
