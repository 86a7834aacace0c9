"""An answer for WhatsApp: messages in its light markup, each of at most 4096 characters with it. Pure.

WhatsApp has no way to say that a star is a star: text that looks like markup is shown as such. Its marks stand at the
edges of words and end with the line; a link is its address in brackets.

https://faq.whatsapp.com/539178204879377 (formatting); text messages: 4096 characters.

Held by tests/unit/actors/channels/format/test_whatsapp.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from actors.channels.format.chat import answer_spans, bounded, marked_up
from actors.channels.format.spans import LITERAL, Span, Style, link_ends, merged
from actors.channels.format.split import split, units
from actors.messages import Citation

LIMIT = 4096
_ROOM = 1  # for the sign that there was more
_MARKS = {
    Style.BOLD: ("*", "*"),
    Style.ITALIC: ("_", "_"),
    Style.STRUCK: ("~", "~"),
    Style.CODE: ("`", "`"),
    Style.BLOCK: ("```\n", "\n```"),
}


def whatsapp(text: str, citations: Sequence[Citation] = ()) -> list[str]:
    """The messages that ``text`` becomes, in order; none where it is blank."""
    spans = merged(list(_shown(answer_spans(text, citations))))
    room = LIMIT - _ROOM
    while True:
        parts = [_marked(part) for part in bounded(split(spans, room))]
        if all(units(part) <= LIMIT for part in parts):
            return parts
        room = room * 3 // 4  # the marks take their part of it


def _shown(spans: Sequence[Span]) -> Iterator[Span]:
    """Links in words: as they stand where they are their own text, else behind it."""
    for at, span in enumerate(spans):
        yield Span(span.text, span.styles)
        if link_ends(spans, at) and not _tells(span):
            yield Span(f" ({span.link})")


def _tells(span: Span) -> bool:
    return span.text in (span.link, span.link.partition(":")[2].lstrip("/"))


def _marked(spans: Sequence[Span]) -> str:
    pieces = merged([piece for span in spans for piece in _within_lines(span)])
    return marked_up(pieces, marks=_MARKS, escape=lambda span: span.text, linked=lambda url: ("", ""))


def _within_lines(span: Span) -> Iterator[Span]:
    """Styles end with their line and leave the space around their words out."""
    if not span.styles or span.styles & LITERAL:
        yield span
        return
    for at, line in enumerate(span.text.split("\n")):
        words = line.strip()
        begins = line.index(words) if words else len(line)
        yield Span(("\n" if at else "") + line[:begins])
        yield Span(words, span.styles)
        yield Span(line[begins + len(words) :])
