"""The sentences of a passage that can be quoted as an answer, each with what a reader needs to understand it. Pure.

A sentence is judged under its lead: the heading above it, the question before it, the line that opens its list, or
what "it" refers to. Only the sentence itself is quoted, verbatim.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from actors.compose.orders import orders
from actors.compose.passages import Passage
from actors.retrieval.windows import Span, sentences

MAX_LIST_CHARS = 600
_MAX_LEAD_CHARS = 200
_MIN_WORDS = 3
_BULLET = re.compile(r"(?:[-*+•‣◦]|\d{1,3}[.)]|>)\s+")
_HEADING = re.compile(r"#{1,6}\s|\*\*[^*]+\*\*:?$|__[^_]+__:?$")
_CLOSING = "\"'”’)*_"
_POINTS_BACK = re.compile(r"(?:It|Its|This|That|They|Their|These|Those|He|She|His|Her)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """``text`` stands verbatim at ``start`` in the chunk of its passage; ``lead`` is what it is judged under."""

    passage: Passage
    start: int
    text: str
    lead: str = ""

    def judged(self) -> str:
        return f"{self.lead} {self.text}" if self.lead else self.text

    def overlaps(self, other: Sentence) -> bool:
        if self.passage.evidence.chunk_id != other.passage.evidence.chunk_id:
            return False
        return self.start < other.start + len(other.text) and other.start < self.start + len(self.text)


def quotable(question: str, passage: Passage) -> list[Sentence]:
    """The sentences of ``passage`` that could be an answer: no headings, questions, fragments, orders to the assistant.

    A line that opens a list ("We ship to:") is quoted with its list.
    """
    text, end = passage.evidence.text, passage.start + len(passage.text)
    spans = sentences(text)
    asked, barred = question.strip().casefold(), orders(text)
    found: list[Sentence] = []
    for at, span in enumerate(spans):
        if span.start < passage.start or span.end > end or any(b.start <= span.start < b.end for b in barred):
            continue
        quote = _unmarked(text, span)
        told = quote.of(text)
        if _ends(told, ":"):
            quote = _with_list(text, spans, at, quote)
            if quote.end == span.end:
                continue
        elif _is_heading(told) or _ends(told, "?？") or told.casefold() == asked or not _is_enough(told):
            continue
        lead = _lead(text, spans, at)[-_MAX_LEAD_CHARS:]
        found.append(Sentence(passage=passage, start=quote.start, text=quote.of(text), lead=lead))
    return found


def _unmarked(text: str, span: Span) -> Span:
    mark = _BULLET.match(span.of(text))
    return Span(span.start + (mark.end() if mark else 0), span.end)


def _with_list(text: str, spans: Sequence[Span], at: int, opening: Span) -> Span:
    end = opening.end
    for span in spans[at + 1 :]:
        if not _BULLET.match(span.of(text)) or span.end - opening.start > MAX_LIST_CHARS:
            break
        end = span.end
    return Span(opening.start, end)


def _lead(text: str, spans: Sequence[Span], at: int) -> str:
    """The nearest heading above, and the line right before where the sentence needs it."""
    heading, before = "", ""
    own = spans[at].of(text)
    for span in reversed(spans[:at]):
        line = span.of(text)
        if _is_heading(line):
            heading = line.strip("#*_ ")
            break
    if at > 0:
        previous = spans[at - 1].of(text)
        if _ends(previous, "?？") or _POINTS_BACK.match(own):
            before = previous
        elif _BULLET.match(own):
            before = _opening(text, spans, at)
    return " ".join(part for part in (heading, before if before.strip("#*_ ") != heading else "") if part)


def _opening(text: str, spans: Sequence[Span], at: int) -> str:
    """The line that opens the list which ``at`` is an item of."""
    for span in reversed(spans[:at]):
        line = span.of(text)
        if not _BULLET.match(line):
            return line if _ends(line, ":") else ""
    return ""


def _is_heading(line: str) -> bool:
    return bool(_HEADING.match(line))


def _ends(line: str, marks: str) -> bool:
    return line.rstrip(_CLOSING).endswith(tuple(marks))


def _is_enough(text: str) -> bool:
    return len(text.split()) >= _MIN_WORDS or (not text.isascii() and len(text) >= 2 * _MIN_WORDS)
