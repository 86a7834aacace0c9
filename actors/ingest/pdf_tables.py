"""The text of a PDF's pages, and the tables in it: its words have places and nothing else, so a table is lines whose
cells stand under one another.

Promises: only what has a header above columns of short cells, one of figures among them, is told under its columns'
names; a table that goes on over the page's end keeps its header; a page's text is changed only where the same letters
stand in it.

Held by tests/unit/actors/ingest/test_pdf_tables.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pypdfium2

from actors.ingest.archive import not_what_it_says
from actors.ingest.parse_table import is_header, row_line
from actors.ingest.reflow import SOFT_BREAK
from actors.ingest.text import clean

_MAX_PAGES = 300
_MAX_PIECES = 5_000  # of a page
_MIN_ROWS = 3  # with the header
_AIR = 0.9  # of a line's height: more stands between two cells than between two words
_APART = 3.5  # of a line's height: rows further apart are two tables
_MAX_CELL = 32  # characters of a cell, on an average of its column: longer ones are columns of prose
_HYPHEN = "\ufffe"  # pdfium's mark for a hyphen at the end of a line
_FIGURE = re.compile(r"\d")
_SAME_PLACE = 12.0  # points


class Piece(NamedTuple):
    """Words that stand together on a line. Points from the page's lower left corner."""

    left: float
    bottom: float
    right: float
    top: float
    text: str

    @property
    def height(self) -> float:
        return max(self.top - self.bottom, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfTable:
    """``letters`` is all that is printed in it, without white space; ``told`` a line for each of its rows."""

    letters: str
    told: Sequence[str]


def pdf_pages(data: bytes) -> list[str]:
    """The text of each page, with its tables told row by row. Raises Terminal where the file cannot be opened.

    kreuzberg's own text of a page runs cells of one digit together (2, 4 and 6 are 246), and tells no tables.
    """
    try:
        document = pypdfium2.PdfDocument(data)
        try:
            found: list[str] = []
            above: Columns | None = None
            for number in range(len(document)):
                text, pieces = _read(document, number)
                tables, above = page_tables(pieces, above) if number < _MAX_PAGES else ([], None)
                found.append(told_page(text, tables))
            return found
        finally:
            document.close()
    except pypdfium2.PdfiumError as error:
        raise not_what_it_says() from error


def told_page(text: str, tables: Sequence[PdfTable]) -> str:
    """A page's text with the rows of its tables told under their columns' names."""
    if not tables:
        return text
    places = [i for i, char in enumerate(text) if not char.isspace()]
    letters = "".join(text[i] for i in places)
    pieces, done, at = [], 0, 0
    for table in tables:
        begin = letters.find(table.letters, at)
        if begin >= 0:
            at = begin + len(table.letters)
            pieces += [text[done : places[begin]], "\n", *(f"- {row}\n" for row in table.told)]
            done = places[at - 1] + 1
    return "".join((*pieces, text[done:]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Where a table's columns stand, and what they are called."""

    places: Sequence[tuple[float, float]]
    names: Sequence[str]

    def go_on_in(self, places: Sequence[tuple[float, float]]) -> bool:
        """Whether columns on the next page are the same ones."""
        return len(places) == len(self.places) and all(
            left < b + _SAME_PLACE and a < right + _SAME_PLACE
            for (left, right), (a, b) in zip(places, self.places, strict=True)
        )


def page_tables(pieces: Sequence[Piece], above: Columns | None) -> tuple[list[PdfTable], Columns | None]:
    """The tables of a page, and the columns of one that reaches its end; ``above`` reached the last page's. Pure."""
    found: list[PdfTable] = []
    last: Columns | None = None
    blocks = list(_blocks(_rows(pieces)))
    for number, (block, at_end) in enumerate(blocks):
        places = _columns(block)
        if len(places) < 2 or not all(_fits(row, places) for row in block):
            last = None
            continue
        grid = [_cells(row, places) for row in block]
        goes_on = number == 0 and above is not None and above.go_on_in(places)
        last = None
        if _is_prose(grid):
            continue
        names: Sequence[str] = ()
        if len(grid) >= _MIN_ROWS and is_header(grid[0], grid[1:], len(places)) and _is_told_by(grid[0], grid[1:]):
            names, told = grid[0], [row_line(grid[0], row) for row in grid[1:]]
        elif goes_on and above is not None:
            names, told = above.names, [row_line(above.names, row) for row in grid]
        elif len(grid) >= _MIN_ROWS and len(places) > 2 and _has_figures(grid):
            told = [" | ".join(row).strip(" |") for row in grid]
        else:
            continue
        letters = "".join("".join(cell.text.split()) for row in block for cell in row)
        found.append(PdfTable(letters=letters, told=told))
        last = Columns(places=places, names=names) if at_end and names else None
    return found, last


def _read(document: pypdfium2.PdfDocument, number: int) -> tuple[str, list[Piece]]:
    page = document[number]
    text = page.get_textpage()
    try:
        whole = clean(text.get_text_range()).replace(_HYPHEN, SOFT_BREAK)
        places = [text.get_rect(i) for i in range(min(text.count_rects(), _MAX_PIECES))] if number < _MAX_PAGES else []
        told = [(place, " ".join(text.get_text_bounded(*place).split())) for place in places]
    finally:
        text.close()
        page.close()
    return whole, [Piece(left, low, right, top, words) for (left, low, right, top), words in told if words]


def _rows(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Lines from the top down, each of cells from the left: pieces with only a word's space between are one."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: -(p.top + p.bottom)):
        if rows and _on_one_line(rows[-1][0], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [_joined(sorted(row, key=lambda p: p.left)) for row in rows]


def _on_one_line(one: Piece, other: Piece) -> bool:
    common = min(one.top, other.top) - max(one.bottom, other.bottom)
    return common > 0.4 * min(one.height, other.height)


def _joined(row: Sequence[Piece]) -> list[Piece]:
    cells: list[Piece] = []
    for piece in row:
        last = cells[-1] if cells else None
        if last is not None and piece.left - last.right < _AIR * max(last.height, piece.height):
            top, bottom = max(last.top, piece.top), min(last.bottom, piece.bottom)
            cells[-1] = Piece(last.left, bottom, max(last.right, piece.right), top, f"{last.text} {piece.text}")
        else:
            cells.append(piece)
    return cells


def _blocks(rows: Sequence[list[Piece]]) -> Iterator[tuple[list[list[Piece]], bool]]:
    """Runs of lines of several cells, close to one another, and whether a run ends the page."""
    run: list[list[Piece]] = []
    for row in rows:
        near = bool(run) and run[-1][0].bottom - row[0].top < _APART * row[0].height
        if run and (len(row) < 2 or not near):
            yield run, False
            run = []
        if len(row) > 1:
            run.append(row)
    if run:
        yield run, True


def _columns(block: Sequence[Sequence[Piece]]) -> list[tuple[float, float]]:
    """Stretches of the page's width that cells stand in, one under the other."""
    found: list[tuple[float, float]] = []
    for left, right in sorted((cell.left, cell.right) for row in block for cell in row):
        if found and left < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], right))
        else:
            found.append((left, right))
    return found


def _fits(row: Sequence[Piece], places: Sequence[tuple[float, float]]) -> bool:
    """Whether no two cells of a row are in one column."""
    columns = [next(i for i, (_, right) in enumerate(places) if cell.left < right) for cell in row]
    return len(set(columns)) == len(columns)


def _cells(row: Sequence[Piece], places: Sequence[tuple[float, float]]) -> list[str]:
    return [next((cell.text for cell in row if left <= cell.left < right), "") for left, right in places]


def _is_prose(grid: Sequence[Sequence[str]]) -> bool:
    """Whether its columns are lines of text: in a table at most one is, the others hold short cells."""
    widths = [sum(len(cell) for cell in column) / len(grid) for column in zip(*grid, strict=True)]
    return max(widths) > 2 * _MAX_CELL or sum(width > _MAX_CELL for width in widths) > 1


def _is_told_by(names: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether a line names columns: a few words each, above a column of figures, dates or codes at the least."""
    if any(len(name) > _MAX_CELL or name[-1] in ".:;,?!" or not re.search(r"\w", name) for name in names if name):
        return False
    return _has_figures(rows) and sum(1 for name in names if _FIGURE.search(name)) < len(names) / 2


def _has_figures(rows: Sequence[Sequence[str]]) -> bool:
    """Whether most rows of some column have a digit in it."""
    return any(sum(1 for cell in c if _FIGURE.search(cell)) > len(rows) / 2 for c in zip(*rows, strict=True))
