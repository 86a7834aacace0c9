"""Sentences and windows of a chunk, as spans of its text. Pure.

A window is a run of whole sentences of at most ``WINDOW_TOKENS`` (estimated) tokens: what a cross-encoder scores
and an answer quotes. Every span ``text[start:end]`` stands verbatim in the text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from actors.retrieval.terms import terms

WINDOW_TOKENS = 128

_PIECE = re.compile(r"[^\W_]+|[^\w\s]|_")
# A sentence ends at . ! ? … or their CJK/Indic sisters, with closing quotes, before white space.
_END = re.compile(r"(?:[.!?…]+|[。！？।])[\"'”’)\]]*(?=\s|$)|(?<=[。！？।])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|st|vs|etc|inc|ltd|co|corp|jr|sr|e\.g|i\.e|approx|dept|est)|(?:^|[\s(])[^\W\d_])\.$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\b(?:no|nr|fig|vol|art|sec|p|pp|ch)\.$", re.IGNORECASE)
_BULLET = re.compile(r"(?:[-*+•‣◦]|\d{1,3}[.)]|#{1,6}|>|\|)\s*")
_WRAPPED_FROM = 60  # a line this long that stops mid-sentence was wrapped by its writer, not ended


@dataclass(frozen=True, slots=True)
class Span:
    """``text[start:end]`` of the text that it was made from (code points)."""

    start: int
    end: int

    def of(self, text: str) -> str:
        return text[self.start : self.end]


def token_estimate(text: str) -> int:
    """About how many word pieces ``text`` is; errs upwards for long words, numbers and scripts without spaces."""
    total = 0
    for piece in _PIECE.findall(text):
        if not piece.isascii():
            total += len(piece) if len(piece) > 1 else 1
        elif piece[0].isdigit():
            total += math.ceil(len(piece) / 2)
        else:
            total += 1 if len(piece) <= 7 else math.ceil(len(piece) / 5)
    return total


def sentences(text: str) -> list[Span]:
    """The sentences of ``text``: by punctuation, and by lines that are items, headings or rows rather than wraps."""
    return [span for block in _blocks(text) for span in _split_block(text, block)]


def windows(text: str, *, limit: int = WINDOW_TOKENS, overlapping: bool = True) -> list[Span]:
    """Runs of whole sentences of at most ``limit`` tokens; overlapping ones by about half. Covers all of ``text``."""
    parts = _parts(text, limit)
    return [Span(parts[first].start, parts[last - 1].end) for first, last in _runs(text, parts, limit, overlapping)]


def sentence_ends(text: str, within: Span | None = None) -> Iterator[int]:
    """Where sentences end by punctuation (offsets after it); a full stop that an abbreviation needs is no end."""
    block = within or Span(0, len(text))
    start = block.start
    for match in _END.finditer(text, block.start, block.end):
        if match.end() > start and not _goes_on(text, start, match.end(), block.end):
            start = match.end()
            yield start


def best_window(query: str, text: str, rarity: Mapping[str, float] | None = None) -> Span:
    """The window that shares most of the query's meaning-carrying words, weighted by ``rarity`` where known.

    The first window wins ties, so a chunk that shares no word is represented by how it begins.
    """
    parts = _parts(text, WINDOW_TOKENS)
    runs = list(_runs(text, parts, WINDOW_TOKENS, True))
    if not runs:
        return Span(0, len(text))
    wanted = set(terms(query))
    shared = [wanted & set(terms(part.of(text))) for part in parts] if len(runs) > 1 else []

    def overlap(run: tuple[int, int]) -> float:
        found = set().union(*shared[run[0] : run[1]])
        return sum(1.0 if rarity is None else rarity.get(term, 1.0) for term in found)

    first, last = max(runs, key=overlap) if shared else runs[0]
    return Span(parts[first].start, parts[last - 1].end)


def rarity_among(query: str, texts: Sequence[str]) -> dict[str, float]:
    """Inverse document frequency of the query's words among ``texts``: a word that all of them have says little."""
    bags = [set(terms(text)) for text in texts]
    return {
        term: math.log(1.0 + (len(bags) + 1) / (1 + sum(term in bag for bag in bags))) for term in set(terms(query))
    }


def _parts(text: str, limit: int) -> list[Span]:
    """Sentences, each cut to fit a window."""
    return [piece for span in sentences(text) for piece in _fit(text, span, limit)]


def _runs(text: str, parts: Sequence[Span], limit: int, overlapping: bool) -> Iterator[tuple[int, int]]:
    """Windows as (first part, part after the last)."""
    costs = [token_estimate(span.of(text)) for span in parts]
    at = 0
    while at < len(parts):
        end, cost = at + 1, costs[at]
        while end < len(parts) and cost + costs[end] <= limit:
            cost += costs[end]
            end += 1
        yield at, end
        if end == len(parts):
            break
        at = _half_way(costs, at, end, cost) if overlapping else end


def _half_way(costs: Sequence[int], at: int, end: int, cost: int) -> int:
    passed, after = 0, at
    while after < end - 1 and passed < cost / 2:
        passed += costs[after]
        after += 1
    return max(after, at + 1)


def _fit(text: str, span: Span, limit: int) -> Iterator[Span]:
    """``span`` itself, or cut at words where one sentence alone is over the limit."""
    if token_estimate(span.of(text)) <= limit:
        yield span
        return
    start, cost, last = span.start, 0, span.start
    for match in re.finditer(r"\S{1,200}", span.of(text)):
        more = token_estimate(match.group())
        if cost and cost + more > limit:
            yield Span(start, last)
            start, cost = span.start + match.start(), 0
        cost += more
        last = span.start + match.end()
    if last > start:
        yield Span(start, last)


def _blocks(text: str) -> Iterator[Span]:
    """Lines, joined where a sentence was only wrapped."""
    start = end = -1
    for match in re.finditer(r"[^\n]*\n?", text):
        line = match.group().rstrip()
        if not line.strip():
            if start >= 0:
                yield Span(start, end)
                start = -1
            continue
        if start >= 0 and not _continues(text[start:end].rsplit("\n", 1)[-1], line):
            yield Span(start, end)
            start = -1
        if start < 0:
            start = match.start()
        end = match.start() + len(line)
    if start >= 0:
        yield Span(start, end)


def _continues(before: str, line: str) -> bool:
    first, last = line.lstrip()[0], before.rstrip()[-1]
    if _BULLET.match(line.lstrip()) or not (last.isalnum() or last in ",;-–(&/"):
        return False
    return first.islower() or (len(before) >= _WRAPPED_FROM and not before.lstrip().startswith(("#", "|")))


def _split_block(text: str, block: Span) -> Iterator[Span]:
    start = block.start
    for end in sentence_ends(text, block):
        yield from _trimmed(text, start, end)
        start = end
    yield from _trimmed(text, start, block.end)


def _goes_on(text: str, start: int, at: int, end: int) -> bool:
    """Whether the full stop before ``at`` is an abbreviation's."""
    if text[at - 1] != ".":
        return False
    after = text[at:end].lstrip()[:1]
    if after.islower() or _ABBREVIATION.search(text[start:at]):
        return True
    return after.isdigit() and _NUMBERED.search(text[start:at]) is not None


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if any(char.isalnum() for char in text[start:end]):
        yield Span(start, end)
