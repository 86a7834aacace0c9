"""A text as it is being written by a reader of office files: headings, paragraphs, lists, tables and pages, in order.

Promises: a table's row is a line that stands by itself: under a header it says its columns' names ("- name: Lamp;
price: 3"), so that a cut between rows loses nothing, and what a merged cell says is said in each row that it covers;
white space within a line is single; a text that grows without end ends; headings and lists have Markdown's marks.

Held by tests/unit/actors/ingest/test_written.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from actors.ingest.allowance import MAX_TEXT, too_long
from actors.ingest.parse_table import MAX_COLUMNS, row_line, table_of
from actors.ingest.parsed import Heading, Page, Parsed
from actors.ingest.text import clean

PAGE_BREAK = "\f"  # within a paragraph: the next page begins here
_MAX_ROWS = 500_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell's text, and how many columns and rows it covers."""

    text: str
    columns: int = 1
    rows: int = 1


class Written:
    """Call its methods in the order of the document; ``parsed`` is what was written."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._in_list = False
        self._headings: list[Heading] = []
        self._pages = [0]  # where each begins
        self._remarks = False

    def heading(self, text: str, level: int) -> None:
        level, told = max(1, min(level, 6)), " ".join(clean(text).split())
        if PAGE_BREAK in text:
            self.page()
        if told:
            self._end_list()
            self._headings.append(Heading(start=self._length, level=level, text=told))
            self._put(f"{'#' * level} {told}\n\n")

    def paragraph(self, text: str) -> None:
        for words in self._by_page(text):
            told = _lines(words)
            if told:
                self._end_list()
                self._put("\n".join(told) + "\n\n")

    def comment(self, author: str, day: str, text: str) -> None:
        """What somebody has said of the document. ``day`` begins with an ISO date; both may be empty."""
        if text.strip():
            self._remark(told_comment("Comment", author, day, text))

    def notes(self, texts: Iterable[str]) -> None:
        """A speaker's notes, a paragraph each."""
        for count, text in enumerate(text for text in texts if text.strip()):
            self._remark(text if count else f"Notes: {text}")

    def item(self, text: str, *, mark: str = "-", depth: int = 0) -> None:
        """A list's item; items that follow one another stand close."""
        lead = f"{'  ' * min(depth, 8)}{mark} "
        for words in self._by_page(text):
            told = " ".join(_lines(words))
            if told:
                self._in_list = True
                self._put(f"{lead}{told}\n")
                lead = ""

    def table(self, rows: Sequence[Sequence[Cell]]) -> None:
        """``rows`` hold each cell where it begins."""
        if any(PAGE_BREAK in cell.text for row in rows for cell in row):
            self.page()
        self._end_list()
        for line in told_rows(rows):
            self.item(line)
        self._end_list()

    def page(self) -> None:
        """What follows stands on the next page."""
        self._end_list()
        self._pages.append(self._length)

    @property
    def empty(self) -> bool:
        return not self._length

    def parsed(self, media_type: str, *, title: str = "") -> Parsed:
        """What was written. A document of one page has no pages to tell."""
        self._end_list()
        ends = [*self._pages[1:], self._length]
        pages = [Page(number=n, start=a, end=b) for n, (a, b) in enumerate(zip(self._pages, ends, strict=True), 1)]
        first = self._headings[0].text if self._headings and self._headings[0].start < 400 else ""
        return Parsed(
            text="".join(self._pieces),
            media_type=media_type,
            title=title or first,
            markdown=True,
            pages=pages if len(pages) > 1 else (),
            headings=self._headings,
            remarks=self._remarks,
        )

    def _remark(self, text: str) -> None:
        """A paragraph that is not for everybody who reads the document."""
        self._remarks = True
        self.paragraph(text)

    def _by_page(self, text: str) -> Iterable[str]:
        for number, part in enumerate(text.split(PAGE_BREAK)):
            if number:
                self.page()
            yield part

    def _end_list(self) -> None:
        if self._in_list:
            self._in_list = False
            self._put("\n")

    def _put(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)
        if self._length > MAX_TEXT:
            raise too_long()


def told_comment(what: str, author: str, day: str, text: str) -> str:
    """``what`` says it, and of which place: "Comment on B2 (Jo, 2026-10-01): Too few."."""
    by = ", ".join(part for part in (author, day[:10]) if part)
    return f"{what} ({by}): {text}" if by else f"{what}: {text}"


def told_rows(rows: Sequence[Sequence[Cell]]) -> list[str]:
    """A line a row: "column: value" pairs where the table has a header, else its cells."""
    grid, own = spread(rows)
    table = table_of(grid, name="", strict=True)
    told = [row_line(table.header, row) for row in table.rows]
    above = len(grid) - len(told) - 1 if told else len(grid)
    plain = [[cell if mine else "" for cell, mine in zip(grid[i], own[i], strict=True)] for i in range(above)]
    return [line for line in (*(" ".join(" | ".join(row).strip(" |").split()) for row in plain), *told) if line]


def spread(rows: Sequence[Sequence[Cell]]) -> tuple[list[list[str]], list[list[bool]]]:
    """The grid of a table whose cells may cover several columns and rows, each place with the covering cell's text.

    Beside it, whether a place is its cell's own in its row (its first column). Empty rows are left out.
    """
    grid: list[list[str]] = []
    own: list[list[bool]] = []
    above: dict[int, tuple[str, int, bool]] = {}  # column → text, rows it still covers, whether it is the first
    for row in rows[:_MAX_ROWS]:
        places: dict[int, tuple[str, bool]] = {}
        below: dict[int, tuple[str, int, bool]] = {}
        for column, (text, left, first) in above.items():
            places[column] = (text, first)
            if left > 1:
                below[column] = (text, left - 1, first)
        at = 0
        for cell in row:
            while at in places:
                at += 1
            if at >= MAX_COLUMNS:
                break
            text = " ".join(clean(cell.text).split())
            for offset in range(max(1, min(cell.columns, MAX_COLUMNS - at))):
                places[at + offset] = (text, offset == 0)
                if cell.rows > 1:
                    below[at + offset] = (text, cell.rows - 1, offset == 0)
            at += max(1, cell.columns)
        above = below
        width = max(places, default=-1) + 1
        filled = [places.get(column, ("", True)) for column in range(width)]
        if any(text for text, _ in filled):
            grid.append([text for text, _ in filled])
            own.append([mine for _, mine in filled])
    widest = max((len(row) for row in grid), default=0)
    for line, mine in zip(grid, own, strict=True):
        mine.extend([True] * (widest - len(line)))
        line.extend([""] * (widest - len(line)))
    return grid, own


def _lines(text: str) -> list[str]:
    return [words for line in clean(text).split("\n") if (words := " ".join(line.split()))]
