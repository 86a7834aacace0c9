"""A text as spans: runs of characters with one style, which every chat's markup is written from. Pure.

Blocks are already laid out: list markers, quotes and the cells of tables are characters like others.

Held by tests/unit/actors/channels/format/test_spans.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from markdown_it.token import Token

from actors.channels.format.markdown import said, tokens_of


class Style(StrEnum):
    """In the order in which they enclose one another. Code stands alone: no chat has it in other styles."""

    BOLD = "bold"
    ITALIC = "italic"
    STRUCK = "struck"
    CODE = "code"
    BLOCK = "block"


PLAIN: frozenset[Style] = frozenset()
LITERAL = frozenset({Style.CODE, Style.BLOCK})
_OPENS = {"strong_open": Style.BOLD, "em_open": Style.ITALIC, "s_open": Style.STRUCK}
_CLOSES = {"strong_close": Style.BOLD, "em_close": Style.ITALIC, "s_close": Style.STRUCK}


@dataclass(frozen=True, slots=True)
class Span:
    text: str
    styles: frozenset[Style] = PLAIN
    link: str = ""

    @property
    def whole(self) -> bool:
        """Whether it says less in two pieces."""
        return bool(self.link) or bool(self.styles & LITERAL)


def spans_of(text: str) -> list[Span]:
    """The spans of ``text`` in Markdown. Their characters together are the text that a reader sees."""
    text = said(text).strip()
    tokens = tokens_of(text)
    if tokens is None:
        return [Span(text)]
    page = _Page()
    for token in tokens:
        page.block(token)
    return merged(page.spans)


def merged(spans: Sequence[Span]) -> list[Span]:
    """Without empty spans, and neighbours of one kind as one."""
    found: list[Span] = []
    for span in spans:
        if not span.text:
            continue
        if found and (found[-1].styles, found[-1].link) == (span.styles, span.link):
            found[-1] = Span(found[-1].text + span.text, span.styles, span.link)
        else:
            found.append(span)
    return found


def link_ends(spans: Sequence[Span], at: int) -> bool:
    """Whether a link ends with the span at that place."""
    link = spans[at].link
    return bool(link) and (at + 1 == len(spans) or spans[at + 1].link != link)


class _Page:
    """Lays blocks out below one another."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self._margins: list[str] = []  # what each line begins with, from outside in
        self._marker = ""  # what the next line begins with instead of its innermost margin
        self._gap = 0  # lines to end before the next text
        self._numbers: list[int] = []  # of the lists that are open; 0: bullets
        self._cells = 0  # of the table's row
        self._last: list[str] = []  # the margins of the last line
        self._styles: frozenset[Style] = PLAIN

    def block(self, token: Token) -> None:
        match token.type:
            case "inline":
                self._inline(token.children or ())
            case "fence" | "code_block":
                self._space()
                self._put(token.content.rstrip("\n"), frozenset({Style.BLOCK}))
                self._space()
            case "hr":
                self._space()
                self._put("———")
                self._space()
            case "heading_open":
                self._space()
                self._styles = frozenset({Style.BOLD})
            case "heading_close":
                self._styles = PLAIN
                self._space()
            case "tr_open":
                self._end(1)
                self._cells = 0
            case "th_open" | "td_open":
                self._put(" | " if self._cells else "")
                self._cells += 1
                self._styles = frozenset({Style.BOLD}) if token.type == "th_open" else PLAIN
            case "th_close" | "td_close":
                self._styles = PLAIN
            case "bullet_list_open":
                self._open_list(0)
            case "ordered_list_open":
                self._open_list(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                self._numbers.pop()
                self._space()
            case "list_item_open":
                self._open_item()
            case "list_item_close" | "blockquote_close":
                self._margins.pop()
                self._marker = ""
                self._space()
            case "blockquote_open":
                self._space()
                self._margins.append("> ")
            case "paragraph_open" | "paragraph_close" | "table_open" | "table_close":
                self._space()

    def _open_list(self, number: int) -> None:
        self._space()
        self._numbers.append(number)

    def _open_item(self) -> None:
        number = self._numbers[-1]
        self._end(1)
        marker = f"{number}. " if number else "• "
        self._numbers[-1] += 1 if number else 0
        self._marker += marker
        self._margins.append(" " * len(marker))

    def _space(self) -> None:
        """A new block: after an empty line, or within a list on the next one."""
        self._end(1 if self._numbers else 2)

    def _end(self, lines: int) -> None:
        if self.spans:
            self._gap = max(self._gap, lines)

    def _inline(self, children: Sequence[Token]) -> None:
        styles, link = self._styles, ""
        for child in children:
            match child.type:
                case "text":
                    self._put(child.content, styles, link)
                case "code_inline":
                    self._put(child.content, frozenset({Style.CODE}))
                case "softbreak" | "hardbreak":
                    self._gap += 1
                case "link_open":
                    link = str(child.attrs.get("href", ""))
                case "link_close":
                    link = ""
                case _ if child.type in _OPENS:
                    styles |= {_OPENS[child.type]}
                case _ if child.type in _CLOSES:
                    styles = styles - {_CLOSES[child.type]} | self._styles

    def _put(self, text: str, styles: frozenset[Style] = PLAIN, link: str = "") -> None:
        if not text:
            return
        if self._gap or not self.spans:
            self._begin_line()
        literal = bool(styles & LITERAL)
        margin = "".join(self._margins)
        for at, line in enumerate(text.split("\n")):
            if at:
                self.spans.append(Span("\n" + margin, styles if literal and not margin else PLAIN))
            self.spans.append(Span(line, styles, link))

    def _begin_line(self) -> None:
        margins = self._margins
        margin = "".join(margins)
        if self._marker:
            margin = margin[: len(margin) - len(self._marker)] + self._marker
        both = [one for one, other in zip(margins, self._last, strict=False) if one == other]
        ends = ["\n" + "".join(both).rstrip()] * (self._gap - 1) + ["\n"] * (self._gap > 0)
        self.spans.append(Span("".join(ends) + margin))
        self._gap, self._marker, self._last = 0, "", list(margins)
