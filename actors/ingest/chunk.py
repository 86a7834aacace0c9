"""A parsed text cut into chunks for embedding and citation.

Promises: ``parsed.text[chunk.start:chunk.end] == chunk.text``; a chunk has at most the configured tokens; cuts fall on
headings and sentences where those fit; a table is cut between rows, each run of which is told under its columns'
names; equal input gives equal chunks. No I/O after
construction, CPU-bound.

Held by tests/unit/actors/ingest/test_chunk.py.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tokenizers import Tokenizer

from actors.ingest.parsed import Heading, Page, Parsed
from actors.ingest.sentences import HEADING, LINE, Unit, units
from actors.ingest.text import markdown_tables

_SPECIAL_TOKENS = 2  # what the embedder adds at the ends of a passage
_TRAIL = " › "
_MAX_TRAIL = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A piece of the parsed text. ``context`` is what its reader would lack: title, headings, column names."""

    chunk_id: str
    ordinal: int
    text: str
    start: int
    end: int
    page: int | None
    heading: str
    context: str

    def passage(self) -> str:
        """What is embedded: the piece under its title and headings."""
        return f"{self.context}\n{self.text}" if self.context else self.text


class Chunker:
    """Cuts by the tokens of the embedder's own tokenizer, read from ``tokenizer_file`` (Hugging Face JSON).

    Each sentence is tokenized once and its count reused (word pieces never cross white space, so counts add up);
    semantic-text-splitter, which counts anew for every cut it tries, took a fifth of an embedding's time per chunk.
    """

    def __init__(self, tokenizer_file: Path, *, tokens: int, overlap: int) -> None:
        tokenizer = Tokenizer.from_file(str(tokenizer_file))
        tokenizer.no_truncation()  # a truncating tokenizer would count every long text as short
        tokenizer.no_padding()
        self._tokenizer = tokenizer
        self._capacity = max(16, tokens - _SPECIAL_TOKENS)
        self._overlap = min(overlap, self._capacity // 4)

    def chunks(self, parsed: Parsed, *, document_id: str, version: int, title: str = "") -> list[Chunk]:
        """All chunks in order. ``title`` stands in their context where the document has one worth telling."""
        spans = self._spans(parsed)
        trails = _Trails(parsed.headings)
        pages = _Pages(parsed.pages)
        heads = _Heads(parsed)
        found = []
        for ordinal, (start, end) in enumerate(spans):
            trail = trails.at(start)
            found.append(
                Chunk(
                    chunk_id=f"{document_id}.{version}.{ordinal}",
                    ordinal=ordinal,
                    text=parsed.text[start:end],
                    start=start,
                    end=end,
                    page=pages.at(start),
                    heading=_TRAIL.join(trail)[:_MAX_TRAIL],
                    context=_context((title, *trail, heads.at(start)), parsed.text[start : start + 300]),
                )
            )
        return found

    def _spans(self, parsed: Parsed) -> list[tuple[int, int]]:
        """Rows apart from running text: a mail may have a table attached."""
        rows = sorted(self._row_spans(parsed))
        found, at = list(rows), 0
        for start, end in (*rows, (len(parsed.text), len(parsed.text))):
            if parsed.text[at:start].strip():
                found.extend(self._text_spans(parsed, at, start, before_rows=bool(rows)))
            at = max(at, end)
        return sorted(found)

    def _text_spans(self, parsed: Parsed, start: int, end: int, *, before_rows: bool) -> Iterator[tuple[int, int]]:
        """Of a stretch without rows. Headings that nothing follows there head rows, which have them as context."""
        headings = [replace(h, start=h.start - start) for h in parsed.headings if start <= h.start < end]
        found = units(parsed.text[start:end], headings)
        while before_rows and found and found[-1].heading:
            found.pop()
        if start:
            found = [replace(unit, start=unit.start + start, end=unit.end + start) for unit in found]
        pieces, counts = self._measured(parsed.text, found)
        for a, b in pack(pieces, counts, self._capacity, self._overlap):
            yield pieces[a].start, pieces[b - 1].end

    def _row_spans(self, parsed: Parsed) -> Iterator[tuple[int, int]]:
        """Rows say little each: groups of half a chunk, without overlap, keep a single row findable."""
        for table in parsed.tables:
            lines = sorted((*table.note_spans, *table.spans))
            pieces, counts = self._measured(parsed.text, [Unit(a, b, LINE) for a, b in lines])
            for a, b in pack(pieces, counts, self._capacity // 2, 0):
                yield pieces[a].start, pieces[b - 1].end

    def _measured(self, text: str, pieces: Sequence[Unit]) -> tuple[list[Unit], list[int]]:
        """Units with their token counts; a unit that is too long by itself is cut in halves until it fits."""
        found: list[Unit] = []
        counts: list[int] = []
        limit = self._capacity // 2
        todo = list(pieces)
        while todo:
            sizes = self._counts([text[u.start : u.end] for u in todo])
            if all(size <= limit for size in sizes) and not found:
                return todo, sizes
            again: list[Unit] = []
            for unit, size in zip(todo, sizes, strict=True):
                if size <= limit or unit.end - unit.start < 2:
                    found.append(unit)
                    counts.append(size)
                else:
                    again.extend(_halves(text, unit))
            todo = again
        order = sorted(range(len(found)), key=lambda i: found[i].start)
        return [found[i] for i in order], [counts[i] for i in order]

    def _counts(self, texts: Sequence[str]) -> list[int]:
        return [len(e) for e in self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False)]


def pack(pieces: Sequence[Unit], counts: Sequence[int], capacity: int, overlap: int) -> list[tuple[int, int]]:
    """Runs of units of at most ``capacity`` tokens, as (first, after last), cut at the strongest boundaries.

    The next run repeats up to ``overlap`` tokens of the last one, unless a heading begins it. No unit may be longer
    than ``capacity``.
    """
    runs: list[tuple[int, int]] = []
    begin = 0
    while begin < len(pieces):
        total, stop = 0, begin
        while stop < len(pieces) and (total + counts[stop] <= capacity or stop == begin):
            total += counts[stop]
            stop += 1
        if stop < len(pieces):
            stop = _best_cut(pieces, counts, begin, stop, capacity)
        runs.append((begin, stop))
        if stop >= len(pieces):
            break
        begin = _step_back(pieces, counts, begin, stop, overlap)
    return runs


def _best_cut(pieces: Sequence[Unit], counts: Sequence[int], begin: int, stop: int, capacity: int) -> int:
    """Of the cuts that leave the run full enough, the strongest; of equals, the last."""
    best, best_strength = stop, pieces[stop].strength
    total = 0
    for cut in range(begin + 1, stop):
        total += counts[cut - 1]
        strength = pieces[cut].strength
        enough = total >= capacity * (0.4 if strength >= HEADING else 0.6)
        if enough and strength > best_strength:
            best, best_strength = cut, strength
        elif enough and strength == best_strength and best < stop:
            best = cut
    return best


def _step_back(pieces: Sequence[Unit], counts: Sequence[int], begin: int, stop: int, overlap: int) -> int:
    if pieces[stop].strength >= HEADING:
        return stop
    at, total = stop, 0
    while at - 1 > begin and total + counts[at - 1] <= overlap:
        at -= 1
        total += counts[at]
    return at


def _halves(text: str, unit: Unit) -> Iterator[Unit]:
    """Both without white space at their ends; cut at some near the middle, where there is any before it."""
    middle = (unit.start + unit.end) // 2
    cut = next((at for at in range(middle - 1, unit.start, -1) if text[at].isspace()), middle)
    end, begin = cut, cut
    while end > unit.start and text[end - 1].isspace():
        end -= 1
    while begin < unit.end and text[begin].isspace():
        begin += 1
    if unit.start < end:
        yield Unit(unit.start, end, unit.strength, unit.heading)
    if begin < unit.end:
        yield Unit(begin, unit.end, 0, unit.heading)


class _Trails:
    """The headings above a place in the text, outermost first."""

    def __init__(self, headings: Sequence[Heading]) -> None:
        self._starts: list[int] = []
        self._trails: list[tuple[str, ...]] = []
        stack: list[Heading] = []
        for heading in sorted(headings, key=lambda h: h.start):
            while stack and stack[-1].level >= heading.level:
                stack.pop()
            stack.append(heading)
            self._starts.append(heading.start)
            self._trails.append(tuple(h.text for h in stack))

    def at(self, offset: int) -> tuple[str, ...]:
        place = bisect.bisect_right(self._starts, offset) - 1
        return self._trails[place] if place >= 0 else ()


class _Pages:
    def __init__(self, pages: Sequence[Page]) -> None:
        self._pages = sorted(pages, key=lambda p: p.start)
        self._starts = [p.start for p in self._pages]

    def at(self, offset: int) -> int | None:
        place = bisect.bisect_right(self._starts, offset) - 1
        return self._pages[place].number if place >= 0 and offset < self._pages[place].end else None


class _Heads:
    """The names of the columns above a place within the rows of a Markdown table; elsewhere nothing."""

    def __init__(self, parsed: Parsed) -> None:
        self._tables = list(markdown_tables(parsed.text)) if parsed.markdown and not parsed.tables else []
        self._starts = [table.rows_start for table in self._tables]

    def at(self, offset: int) -> str:
        place = bisect.bisect_right(self._starts, offset) - 1
        if place < 0 or offset >= self._tables[place].end:
            return ""
        return " | ".join(cell for cell in self._tables[place].cells[0] if cell)[:_MAX_TRAIL]


def _context(above: Sequence[str], beginning: str) -> str:
    """Title, headings and column names that the piece itself does not begin with."""
    told: list[str] = []
    for words in above:
        if words and words not in told and words not in beginning:
            told.append(words)
    return _TRAIL.join(told)[: 2 * _MAX_TRAIL]
