"""CSV and spreadsheets to tables, rendered so that each row is a readable line of its own.

Promises: ``spans[i]`` quotes row i whole ("name: Brass lantern; price: 39.00"); the delimiter is found, not assumed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from actors.ingest.parsed import Heading, Page, Parsed, Table
from runtime.errors import Terminal

MAX_COLUMNS = 500
MAX_ROWS = 500_000
_DELIMITERS = ",;\t|"
_MAX_FIELD = 1 << 20


def parse_csv(text: str, *, media_type: str, name: str, title: str) -> Parsed:
    """A delimited file. Raises Terminal where it has no row under its header."""
    grid = read_csv(text)
    table = table_of(grid, name=name)
    if table is None:
        raise Terminal("The table has no rows.", do="The first line must name the columns; rows follow below.")
    return render([(title, table)], media_type=media_type, title=title)


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


def table_of(grid: Sequence[Sequence[str]], *, name: str) -> Table | None:
    """The table in a grid of cells: its header is the first row that fills most of the width. None without rows."""
    width = max((len(row) for row in grid), default=0)
    if width > MAX_COLUMNS:
        raise Terminal(f"The table has more than {MAX_COLUMNS} columns.")
    at = next((i for i, row in enumerate(grid[:20]) if _fills(row, width)), None)
    if at is None or at + 1 >= len(grid):
        return None
    header = _header(grid[at], width)
    rows = [(*row[:width], *[""] * (width - len(row))) for row in grid[at + 1 :] if any(row)]
    return Table(name=name, header=header, rows=rows, spans=()) if rows else None


def render(tables: Sequence[tuple[str, Table]], *, media_type: str, title: str) -> Parsed:
    """One text of all tables: a heading each, then a line a row of "column: value" pairs."""
    parts: list[str] = []
    pages, headings, placed = [], [], []
    at = 0
    for number, (heading, table) in enumerate(tables, start=1):
        begin = at
        if heading:
            headings.append(Heading(start=at, level=1, text=heading))
            parts.append(f"# {heading}\n\n")
            at += len(parts[-1])
        spans = []
        for row in table.rows:
            line = row_line(table.header, row)
            spans.append((at, at + len(line)))
            parts.append(line + "\n")
            at += len(line) + 1
        placed.append(Table(name=table.name, header=table.header, rows=table.rows, spans=spans))
        pages.append(Page(number=number, start=begin, end=at))
        parts.append("\n")
        at += 1
    return Parsed(
        text="".join(parts).rstrip("\n") + "\n",
        media_type=media_type,
        title=title,
        markdown=True,
        pages=pages if len(tables) > 1 else (),
        headings=headings,
        tables=placed,
    )


def row_line(header: Sequence[str], row: Sequence[str]) -> str:
    """One row as a sentence a person can read and a search can match."""
    return "; ".join(f"{name}: {cell}" for name, cell in zip(header, row, strict=False) if cell)


def _fills(row: Sequence[str], width: int) -> bool:
    filled = sum(1 for cell in row if cell)
    return filled >= max(1, (width + 1) // 2) and (width < 2 or filled >= 2)


def _header(row: Sequence[str], width: int) -> tuple[str, ...]:
    names: list[str] = []
    for i in range(width):
        name = row[i] if i < len(row) and row[i] else f"column {i + 1}"
        while name in names:
            name += " 2"
        names.append(name)
    return tuple(names)
