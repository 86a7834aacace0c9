"""Spreadsheets (XLSX, XLS, XLSB, ODS) as tables: a page is a sheet, and a sheet may hold several tables.

Promises: what a merged cell says is said in each place that it covers; dates are ISO dates; hidden sheets are left out;
an XLSX's comments and charts are told below their sheet's tables. Cells are read by calamine, which takes a tenth of
the time and a fifth of the memory that kreuzberg and openpyxl take.

Held by tests/unit/actors/ingest/test_sheets.py.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from actors.ingest import detect
from actors.ingest.archive import not_what_it_says
from actors.ingest.parse_table import MAX_COLUMNS, MAX_ROWS, Section, render, table_of
from actors.ingest.parsed import Parsed, Table
from actors.ingest.sheet_notes import SheetNotes
from actors.ingest.sheet_regions import regions, trimmed
from actors.ingest.text import clean
from runtime.errors import Terminal

_NO_NAME = re.compile(r"(?i)(sheet|tabelle|feuil|hoja|foglio|planilha)\s*\d*")

Value = int | float | str | bool | time | date | datetime | timedelta


def parse_sheets(data: bytes, media_type: str, *, name: str, title: str) -> Parsed:
    """Raises Terminal with the reason where the file is encrypted, broken or too large."""
    notes = SheetNotes(data) if media_type == detect.XLSX else None
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [(number, sheet) for number, sheet in enumerate(book.sheets_metadata, start=1) if _is_shown(sheet)]
        sections = [_section(book, number, sheet, notes, name, title, len(sheets)) for number, sheet in sheets]
    except PasswordError as error:
        raise Terminal("The file is encrypted.", do="Remove its password and upload it again.") from error
    except (CalamineError, OSError, ValueError) as error:
        raise not_what_it_says() from error
    sections = [section for section in sections if section.tables]
    told = render(sections, media_type=media_type, title=title)
    return replace(told, remarks=notes is not None and notes.commented)


def _section(
    book: CalamineWorkbook,
    number: int,
    sheet: SheetMetadata,
    notes: SheetNotes | None,
    name: str,
    title: str,
    sheets: int,
) -> Section:
    named = not _NO_NAME.fullmatch(sheet.name)
    label = sheet.name if named else name
    tables = []
    if sheet.typ == SheetTypeEnum.WorkSheet:
        if notes is not None:
            notes.check_size(sheet.name)
        grid = _grid(book.get_sheet_by_name(sheet.name))
        made = (table_of(region, name=label, strict=True) for region in regions(grid))
        tables = [table for table in made if table.rows or table.notes]
    told = notes.lines(sheet.name) if notes is not None else ()
    if told:
        tables.append(Table(name=label, header=(), rows=(), notes=told))
    heading = sheet.name if named or sheets > 1 else title
    return Section(heading=heading, tables=tables, number=number)


def _grid(sheet: CalamineSheet) -> Sequence[Sequence[str]]:
    """The cells as text. Raises Terminal where there are too many."""
    if not sheet.height:
        return []
    if sheet.height > MAX_ROWS:
        raise Terminal(f"The table has more than {MAX_ROWS:,} rows.", do="Split it into smaller files.")
    grid = [[_text(value) for value in row] for row in sheet.iter_rows()]
    _spread(grid, sheet.merged_cell_ranges or [])
    filled = trimmed(grid)
    if filled and len(filled[0]) > MAX_COLUMNS:
        raise Terminal(f"The table has more than {MAX_COLUMNS} columns.", do="Split it into smaller files.")
    return filled


def _spread(grid: list[list[str]], merged: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """What a merged cell says, in each row that it covers; in each column too where it is one of several in its row."""
    for (top, left), (bottom, right) in merged[:100_000]:
        if top >= len(grid) or left >= len(grid[top]) or not grid[top][left]:
            continue
        text, width = grid[top][left], len(grid[top])
        alone = not any(grid[top][:left]) and not any(grid[top][right + 1 :])
        for row in range(top, min(bottom + 1, len(grid))):
            for column in range(left, left + 1 if alone else min(right + 1, width)):
                grid[row][column] = grid[row][column] or text


def _is_shown(sheet: SheetMetadata) -> bool:
    return sheet.visible == SheetVisibleEnum.Visible and sheet.typ in (
        SheetTypeEnum.WorkSheet,
        SheetTypeEnum.ChartSheet,
    )


def _text(value: Value) -> str:
    if isinstance(value, str):
        return " ".join(clean(value).split())
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    return value.isoformat("minutes") if isinstance(value, time) else str(value)
