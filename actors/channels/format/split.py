"""A long text in parts that a provider takes: cut between paragraphs, lines, sentences or words, the first that fits.

Promises: nothing but the white space around a cut is lost; every part keeps its styles; a link or a piece of code is
cut only where it is longer than a part itself; a character is never parted from its marks.

Lengths count UTF-16 units, as Telegram does and WhatsApp at most.

Held by tests/unit/actors/channels/format/test_split.py.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import accumulate

from actors.channels.format.spans import Span, merged

_BETWEEN = tuple(re.compile(each) for each in (r"\n\n", r"\n", r"[.!?…。！？।؟][\"'”’)\]]*\s", r"\s"))
_AT_LEAST = 3  # a part is cut in its last two thirds, where it can be
_JOINER = "\u200d"


def units(text: str) -> int:
    """How long ``text`` is in UTF-16."""
    return len(text) + sum(each > "\uffff" for each in text)


def split(spans: Sequence[Span], limit: int) -> list[list[Span]]:
    """The parts of ``spans``, each of at most ``limit`` units and none blank."""
    text = "".join(span.text for span in spans)
    ends = list(accumulate((len(span.text) for span in spans), initial=0))
    wholes = [(ends[at], ends[at + 1]) for at, span in enumerate(spans) if span.whole]
    found = [list(_between(spans, start, end)) for start, end in _cuts(text, wholes, limit)]
    return [merged(part) for part in found if part]


def _cuts(text: str, wholes: Sequence[tuple[int, int]], limit: int) -> Iterator[tuple[int, int]]:
    start, last = _after_space(text, 0), len(text.rstrip())
    while start < last:
        end = min(_reach(text, start, limit), last)
        if end < last:
            end = _cut(text, wholes, start, end)
        yield start, start + len(text[start:end].rstrip())
        start = _after_space(text, end)


def _reach(text: str, start: int, limit: int) -> int:
    """As far as a part may go."""
    end, left = start, limit
    while end < len(text) and left > 0:
        left -= 2 if text[end] > "\uffff" else 1
        if left >= 0:
            end += 1
    return max(end, start + 1)


def _cut(text: str, wholes: Sequence[tuple[int, int]], start: int, end: int) -> int:
    least = start + (end - start) // _AT_LEAST
    for between in _BETWEEN:
        places = [found.end() for found in between.finditer(text, least, min(end + 1, len(text)))]
        for place in reversed(places):
            if place - 1 <= end and not _inside(wholes, place):
                return min(place, end)
    whole = next((a for a, b in wholes if start < a < end < b), None)
    return whole if whole is not None else _between_characters(text, start, end)


def _inside(wholes: Sequence[tuple[int, int]], place: int) -> bool:
    return any(a < place < b for a, b in wholes)


def _between_characters(text: str, start: int, end: int) -> int:
    at = end
    while at > start + 1 and (_is_mark(text[at]) or text[at - 1] == _JOINER or text[at] == _JOINER):
        at -= 1
    return at if at > start + 1 else end


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M") or "\U0001f3fb" <= character <= "\U0001f3ff"


def _after_space(text: str, start: int) -> int:
    return start + len(text[start:]) - len(text[start:].lstrip())


def _between(spans: Sequence[Span], start: int, end: int) -> Iterator[Span]:
    at = 0
    for span in spans:
        piece = span.text[max(0, start - at) : max(0, end - at)]
        at += len(span.text)
        if piece:
            yield Span(piece, span.styles, span.link)
