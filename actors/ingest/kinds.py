"""What a column holds: number, date, e-mail address, boolean or text, and its cells as typed values.

Promises: pure and independent of row order; a value that does not fit its column's kind stays the text it is.

Held by tests/unit/actors/ingest/test_kinds.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date

from actors.ports import ColumnKind, Scalar

FITS = 0.95  # share of a column's values that must fit its kind

_EMPTY = frozenset({"", "-", "–", "—", "n/a", "na", "null", "none", "nan", "#n/a"})
_EMAIL = re.compile(r"[^\s@<>,;]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
_MAILBOX = re.compile(r"(?:[^<>@]*<)?([^\s@<>,;]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+)>?", re.IGNORECASE)
_BOOLEANS = {"true": "yes", "yes": "yes", "y": "yes", "false": "no", "no": "no", "n": "no"}
_NUMBER = re.compile(r"([-+]?)\s*(?:[$€£¥]|[A-Z]{3}\b)?\s*([-+]?)(\d[\d.,'\u00a0 ]*)\s*(?:[$€£¥%]|[A-Z]{3}\b)?")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]\d{1,2}:\d{2}.*)?")
_PARTS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?:[T ,]+\d{1,2}:\d{2}.*)?")
_COMPACT = re.compile(r"(?:19|20)\d{6}")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}
_WORDED = re.compile(
    r"(?:[a-z]{3,9},?\s+)?(?:(?P<d1>\d{1,2})(?:st|nd|rd|th)?[\s.-]+(?P<m1>[a-z]{3,9})|(?P<m2>[a-z]{3,9})[\s.-]+(?P<d2>\d{1,2})(?:st|nd|rd|th)?)"
    r"[\s.,-]+(?P<y>\d{4})(?:[T ,]+\d{1,2}:\d{2}.*)?",
    re.IGNORECASE,
)


def is_empty(cell: str) -> bool:
    """Whether a cell says nothing."""
    return cell.strip().casefold() in _EMPTY


def kind_of(name: str, cells: Sequence[str]) -> tuple[ColumnKind, Callable[[str], Scalar]]:
    """The kind of a column and how to read a cell of it. ``cells`` are its values, empty ones left out."""
    if not cells:
        return "text", _text
    if _share(cells, lambda c: _EMAIL.fullmatch(c) or _MAILBOX.fullmatch(c)) >= FITS:
        return "email", _email
    if _share(cells, lambda c: c.casefold() in _BOOLEANS) == 1.0:
        return "boolean", lambda c: _BOOLEANS.get(c.casefold(), c)
    reader = _date_reader(name, cells)
    if reader is not None:
        return "date", reader
    if any(re.match(r"0\d", c) for c in cells):
        return "text", _text  # leading zeros belong to a code, not to a number
    comma = _decimal_comma(cells)
    if _share(cells, lambda c: _number(c, comma) is not None) >= FITS:
        return "number", lambda c: _read_number(c, comma)
    return "text", _text


def _share(cells: Sequence[str], fits: Callable[[str], object]) -> float:
    return sum(1 for cell in cells if fits(cell)) / len(cells)


def _text(cell: str) -> Scalar:
    return cell


def _email(cell: str) -> Scalar:
    found = _MAILBOX.fullmatch(cell)
    return found.group(1).casefold() if found else cell


# ---------------------------------------------------------------------------------------------------------- numbers


def _read_number(cell: str, comma: bool) -> Scalar:
    number = _number(cell, comma)
    return cell if number is None else number


def _number(cell: str, comma: bool) -> float | int | None:
    found = _NUMBER.fullmatch(cell.strip())
    if not found:
        return None
    digits = re.sub(r"['\u00a0 ]", "", found.group(3))
    digits = digits.replace(".", "").replace(",", ".") if comma else digits.replace(",", "")
    if digits.count(".") > 1 or digits.endswith(".") or len(digits) > 18:
        return None
    value = float(digits) if "." in digits else int(digits)
    return -value if "-" in (found.group(1), found.group(2)) else value


def _decimal_comma(cells: Iterable[str]) -> bool:
    """Whether "1,50" is one and a half here: a comma comes last, and not before exactly three digits each time."""
    told = False
    for cell in cells:
        if re.search(r"\.\d{1,2}\D*$|\.\d{4,}|,\d{3}\.", cell):
            return False
        if re.search(r",(\d{1,2}|\d{4,})\D*$", cell):
            told = True
    return told


# ---------------------------------------------------------------------------------------------------------- dates


def _date_reader(name: str, cells: Sequence[str]) -> Callable[[str], Scalar] | None:
    compact = bool(re.search(r"date|day|datum|fecha|jour", name, re.IGNORECASE))
    day_first = _day_first(cells)

    def read(cell: str) -> str | None:
        return read_date(cell, day_first=day_first, compact=compact)

    if _share(cells, read) < FITS:
        return None
    return lambda cell: read(cell) or cell


def read_date(cell: str, *, day_first: bool = True, compact: bool = False) -> str | None:
    """The ISO date that a cell says, or None."""
    cell = cell.strip()
    found = _ISO.fullmatch(cell)
    if found:
        return _iso(int(found[1]), int(found[2]), int(found[3]))
    found = _PARTS.fullmatch(cell)
    if found:
        first, second, year = int(found[1]), int(found[3]), _year(found[4])
        return _iso(year, second, first) if day_first or found[2] == "." else _iso(year, first, second)
    found = _WORDED.fullmatch(cell)
    if found:
        month = _MONTHS.get((found["m1"] or found["m2"]).casefold())
        return _iso(int(found["y"]), month, int(found["d1"] or found["d2"])) if month else None
    if compact and _COMPACT.fullmatch(cell):
        return _iso(int(cell[:4]), int(cell[4:6]), int(cell[6:]))
    return None


def _day_first(cells: Iterable[str]) -> bool:
    """Whether 03/04/2026 is the third of April here.

    A part over 12 decides. Where none is, the reading under which the dates lie closer together: rows of one table
    mostly come from one period. A tie is read day first, as most of the world does.
    """
    parts = [(int(m[1]), int(m[3]), _year(m[4])) for m in (_PARTS.fullmatch(c.strip()) for c in cells) if m]
    if any(first > 12 for first, _, _ in parts):
        return True
    if any(second > 12 for _, second, _ in parts):
        return False
    spans = []
    for day_first in (True, False):
        days = sorted(date(y, b, a) if day_first else date(y, a, b) for a, b, y in parts if a and b)
        spans.append((days[-1] - days[0]).days if days else 0)
    return spans[0] <= spans[1]


def _iso(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _year(digits: str) -> int:
    year = int(digits)
    return year if year > 99 else 2000 + year if year < 70 else 1900 + year
