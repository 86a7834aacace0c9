"""An answer for Telegram: messages in MarkdownV2, each of at most 4096 UTF-16 units once its markup is read. Pure.

Promises: what arrives is the text, with no mark of it taken for markup, whatever it holds.

https://core.telegram.org/bots/api#markdownv2-style.

Held by tests/unit/actors/channels/format/test_telegram.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from actors.channels.format.chat import answer_spans, bounded, marked_up
from actors.channels.format.spans import LITERAL, Span, Style
from actors.channels.format.split import split
from actors.messages import Citation

LIMIT = 4096
_ROOM = 1  # for the sign that there was more
_MARKS = {
    Style.BOLD: ("*", "*"),
    Style.ITALIC: ("_", "_"),
    Style.STRUCK: ("~", "~"),
    Style.CODE: ("`", "`"),
    Style.BLOCK: ("```\n", "```"),
}
_IN_TEXT = str.maketrans({each: "\\" + each for each in "_*[]()~`>#+-=|{}.!\\"})
_IN_CODE = str.maketrans({each: "\\" + each for each in "`\\"})
_IN_LINK = str.maketrans({each: "\\" + each for each in ")\\"})


def telegram(text: str, citations: Sequence[Citation] = ()) -> list[str]:
    """The messages that ``text`` becomes, in order; none where it is blank."""
    return [markdown_v2(part) for part in bounded(split(answer_spans(text, citations), LIMIT - _ROOM))]


def markdown_v2(spans: Sequence[Span]) -> str:
    return marked_up(spans, marks=_MARKS, escape=_escaped, linked=lambda url: ("[", f"]({url.translate(_IN_LINK)})"))


def _escaped(span: Span) -> str:
    return span.text.translate(_IN_CODE if span.styles & LITERAL else _IN_TEXT)
