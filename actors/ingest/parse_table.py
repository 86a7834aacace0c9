"""CSV and spreadsheets to tables, rendered so that each row is a readable line of its own.

Promises: ``spans[i]`` quotes row i whole ("name: Brass lantern; price: 39.00"); the delimiter is found, not assumed.

Held by tests/unit/actors/ingest/test_parse.py.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from actors.ingest.parsed import Heading, Page, Parsed, Table
from runtime.errors import Terminal

MAX_COLUMNS = 500
MAX_ROWS = 500_000
_DELIMITERS = ",;\t|"
_MAX_FIELD = 1 << 20
_MAX_NAME = 120  # characters of a column's name
_UNNAMED = re.compile(r"column \d+")
_NUMERIC = re.compile(r"[^A-Za-z\u00c0-\uffff]*\d[^A-Za-z\u00c0-\uffff]*")
_YEAR = re.compile(r"(?:19|20)\d\d")


def parse_csv(text: str, *, media_type: str, name: str, title: str) -> Parsed:
    """A delimited file. Raises Terminal where it has no row under its header."""
    grid = read_csv(text)
    table = table_of(grid, name=name)
    if not table.rows:
        raise Terminal("The table has no rows.", do="The first line must name the columns; rows follow below.")
    return render([Section(heading=title, tables=[table])], media_type=media_type, title=title)


def read_csv(text: str) -> list[list[str]]:
    """Rows of trimmed cells, empty rows left out."""
    csv.field_size_limit(_MAX_FIELD)
    delimiter = find_delimiter(text)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True):
            cells = [" ".join(cell.split()) for cell in row]
            if any(cells):
                rows.append(cells)
            if len(rows) > MAX_ROWS:
                raise Terminal(f"The table has more than {MAX_ROWS:,} rows.", do="Split it into smaller files.")
    except csv.Error as error:
        raise Terminal(f"The table cannot be read: {error}.", do="Save it again as CSV in UTF-8.") from error
    return rows


def find_delimiter(text: str) -> str:
    """The delimiter that splits the first lines into the most columns of one even width (outside quotes)."""
    sample = "\n".join(text[:65_536].split("\n")[:50])
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        try:
            rows = [row for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if any(row)]
        except csv.Error:
            continue
        if not rows or len(rows[0]) < 2:
            continue
        width = len(rows[0])
        score = sum(len(row) == width for row in rows) / len(rows) + min(width, 20) / 100
        if score > best_score:
            best, best_score = delimiter, score
    return best


def table_of(grid: Sequence[Sequence[str]], *, name: str, strict: bool = False) -> Table:
    """The table in a grid of cells: its header is the first row that fills most of the width; rows above are notes.

    ``strict`` takes only what looks like a table, a row of words above rows of values: a sheet may be a form or a
    report. What is no table has notes and no rows.
    """
    width = max((len(row) for row in grid), default=0)
    if width > MAX_COLUMNS:
        raise Terminal(f"The table has more than {MAX_COLUMNS} columns.")
    at = next((i for i, row in enumerate(grid[:20]) if _fills(row, width)), len(grid))
    if at + 1 >= len(grid) or (strict and not is_header(grid[at], grid[at + 1 :], width)):
        return Table(name=name, header=(), rows=(), notes=_notes(grid))
    rows = [(*row[:width], *[""] * (width - len(row))) for row in grid[at + 1 :] if any(row)]
    return Table(name=name, header=_header(grid[at], width), rows=rows, notes=_notes(grid[:at]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Tables under one heading: a sheet with its number, or a file's one table."""

    heading: str
    tables: Sequence[Table]
    number: int = 0  # of the sheet; 0 counts them as they come


def render(sections: Sequence[Section], *, media_type: str, title: str) -> Parsed:
    """One text of all: a heading each, for each table its notes, then a line a row of "column: value" pairs."""
    text = _Text()
    pages, headings, placed = [], [], []
    for number, section in enumerate(sections, start=1):
        begin = text.length
        if section.heading:
            headings.append(Heading(start=begin, level=1, text=section.heading))
            text.line(f"# {section.heading}")
            text.line("")
        for table in section.tables:
            note_spans = [text.line(note) for note in table.notes]
            if note_spans and table.rows:
                text.line("")
            spans = [text.line(row_line(table.header, row)) for row in table.rows]
            placed.append(replace(table, spans=spans, note_spans=note_spans))
            text.line("")
        pages.append(Page(number=section.number or number, start=begin, end=text.length))
    return Parsed(
        text=text.whole(),
        media_type=media_type,
        title=title,
        markdown=True,
        pages=pages if len(pages) > 1 else (),
        headings=headings,
        tables=placed,
    )


class _Text:
    """A text that grows line by line and knows where each line stands."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self.length = 0

    def line(self, text: str) -> tuple[int, int]:
        begin = self.length
        self._lines.append(text + "\n")
        self.length += len(text) + 1
        return begin, begin + len(text)

    def whole(self) -> str:
        return "".join(self._lines)


def row_line(header: Sequence[str], row: Sequence[str]) -> str:
    """One row as a sentence a person can read and a search can match; a column without a name says its cell alone."""
    return "; ".join(
        cell if not name or _UNNAMED.fullmatch(name) else f"{name}: {cell}"
        for name, cell in zip(header, row, strict=False)
        if cell
    )


def _fills(row: Sequence[str], width: int) -> bool:
    filled = sum(1 for cell in row if cell)
    return filled >= max(1, (width + 1) // 2) and (width < 2 or filled >= 2)


def is_header(row: Sequence[str], below: Sequence[Sequence[str]], width: int) -> bool:
    """Whether a row is a header: words or years, each once, over most of the width, with filled rows below.

    The first column may be without a name: it has the names of the rows.
    """
    words = [cell for cell in row if cell]
    if any(len(word) > _MAX_NAME for word in words):
        return False
    width_named = width if row[0] else width - 1
    if width < 2 or len(words) < max(2, 0.8 * width_named) or len(set(words)) < len(words):
        return False
    if any(_NUMERIC.fullmatch(cell) and not _is_year_name(i, row, below) for i, cell in enumerate(row) if cell):
        return False
    full = [sum(1 for cell in each if cell) / width for each in below if any(each)]
    return bool(full) and sum(full) / len(full) >= 0.5


def _is_year_name(column: int, row: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a number heads a column of other things as its year."""
    under = next((each[column] for each in below if column < len(each) and each[column]), "")
    return bool(_YEAR.fullmatch(row[column])) and not _YEAR.fullmatch(under)


def _notes(grid: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """A line a row. The same words side by side are one merged cell's, and are said once."""
    return tuple(
        " | ".join(
            cell for cell, before in zip(row, ("", *row), strict=False) if cell and (cell != before or " " not in cell)
        )
        for row in grid
        if any(row)
    )


def _header(row: Sequence[str], width: int) -> tuple[str, ...]:
    names: list[str] = []
    for i in range(width):
        name = row[i] if i < len(row) and row[i] else f"column {i + 1}"
        while name in names:
            name += " 2"
        names.append(name)
    return tuple(names)
