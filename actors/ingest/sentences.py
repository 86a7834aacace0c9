"""Where a text may be cut: sentences, lines and paragraphs, as spans with the strength of the boundary before each.

Promises: units are in order, do not overlap, hold no surrounding white space, and cover every other character. Pure.

Held by tests/unit/actors/ingest/test_chunk.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from actors.ingest.parsed import Heading

SENTENCE, LINE, PARAGRAPH, HEADING = 1, 2, 3, 10  # a heading of level n has strength HEADING + 6 - n
MAX_UNIT = 1_000  # characters; a longer sentence is cut between words

_END = re.compile(r"[.!?…][\"'”’)\]]*\s+(?=[\"'“‘(\[]?[A-Z0-9À-Þ])|[。！？]\s*")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|Inc|Ltd|Co|Corp|vs|etc|No|Nos|Fig|Vol|pp|approx|e\.g|i\.e|cf|al|Gen|Sen|Rep|Gov"
    r"|Capt|Lt|Col|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)|\b[A-Z]|\b\d{1,2})\.$"
)
_OWN_LINE = re.compile(r"\s*(?:[-*+•]\s|\d{1,3}[.)]\s|\||>|#{1,6}\s|```|~~~)")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Unit:
    """``text[start:end]``; ``strength`` tells how good a cut before it is; ``heading`` marks a heading's own line."""

    start: int
    end: int
    strength: int
    heading: bool = False


def units(text: str, headings: Sequence[Heading] = ()) -> list[Unit]:
    """The text's smallest pieces that should stay whole."""
    levels = {h.start: h.level for h in headings}
    found: list[Unit] = []
    strength = PARAGRAPH
    for start, end, blank_before in _blocks(text):
        level = levels.get(start)
        if level is None and found and found[-1].heading:
            strength = 0  # a heading stays with what it heads
        elif level is not None:
            strength = HEADING + 6 - min(level, 6)
        else:
            strength = PARAGRAPH if blank_before else LINE
        for number, (begin, stop) in enumerate(_sentences(text, start, end)):
            found.append(Unit(begin, stop, strength if number == 0 else SENTENCE, level is not None))
    return found


def _blocks(text: str) -> Iterator[tuple[int, int, bool]]:
    """Runs of lines that belong together: a paragraph, a list item, a table row; with whether a blank line leads."""
    at, begin, end = 0, -1, -1
    blank, led = True, True
    for line in text.split("\n"):
        stripped = line.strip()
        start = at + len(line) - len(line.lstrip())
        stop = start + len(stripped)
        at += len(line) + 1
        if not stripped:
            if begin >= 0:
                yield begin, end, led
            begin, blank = -1, True
            continue
        if begin >= 0 and _breaks(text[begin:end], line):
            yield begin, end, led
            begin = -1
        if begin < 0:
            begin, led = start, blank
        end, blank = stop, False
    if begin >= 0:
        yield begin, end, led


def _breaks(block: str, line: str) -> bool:
    """Whether ``line`` starts something of its own instead of going on with the paragraph before it."""
    if _OWN_LINE.match(line) or block.lstrip().startswith(("|", "#")):
        return True
    return not line.lstrip()[:1].islower() and (block[-1] in ".!?:;" or len(block.rsplit("\n", 1)[-1]) < 50)


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    begin = start
    for mark in _END.finditer(text, start, end):
        stop = mark.start() + len(mark.group(0).rstrip())
        if mark.end() >= end or _ABBREVIATION.search(text, max(begin, stop - 12), stop):
            continue
        yield from _bounded(text, begin, stop)
        begin = mark.end()
    if begin < end:
        yield from _bounded(text, begin, end)


def _bounded(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > MAX_UNIT:
        cut = max((m.start() for m in _SPACE.finditer(text, start + MAX_UNIT // 2, start + MAX_UNIT)), default=-1)
        if cut < 0:
            cut = start + MAX_UNIT
        yield start, cut
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if start < end:
        yield start, end
