"""Does a file tell of people? Mails do, and tables with addresses, phone numbers or references to people in them.

Promises: pure; told by the values, whatever the columns are called; a name can only add to that. In doubt it says yes:
the owner says otherwise with ``audience``. Documents in running text (PDF, DOCX, HTML, Markdown) are not judged: a
policy names whom to write to.

Held by tests/unit/actors/ingest/test_people.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from actors.ingest import detect
from actors.ingest.kinds import is_empty
from actors.ingest.parsed import Parsed, Table
from actors.ingest.tables import column_name, singular, type_name

_SHARE = 0.3  # of a column's values that are addresses or phone numbers
_ADDRESSES = 3  # distinct addresses anywhere in a file of data: that many are no imprint
_MAILS = frozenset({detect.EML, detect.MSG})
_DATA = detect.SHEETS | {detect.CSV, detect.TSV, detect.JSON, detect.NDJSON, detect.SQLITE}
_ADDRESS = re.compile(r"[^\s@<>,;:\"'()\[\]]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
_PHONE = re.compile(
    r"""(?:tel:|phone:|\s)*(?:
      \+\d[\d\s().\-/]{5,20}\d                       # +44 20 7946 0958
    | 00\d[\d\s().\-/]{6,20}\d                       # 0044 20 7946 0958
    | \(\+?\d{1,5}\)[\s\-./]*\d[\d\s.\-/]{3,14}\d    # (020) 7946 0958
    | 0\d{1,4}[\s\-./][\d\s.\-/]{4,14}\d             # 020 7946 0958, 01.42.68.53.00
    | 0\d{9,10}                                      # 02079460958
    | (?:1[\s.-])?\d{3}[\s.-]\d{3}[\s.-]\d{4}        # 212-555-0147
    | \d{5}[\s-]\d{5}                                # 98450 12345
    )(?:\s*(?:x|ext\.?)\s*\d{1,6})?\s*""",
    re.VERBOSE | re.IGNORECASE,
)
_COUNT = re.compile(r"\d{1,4}(?:\s*[-–+]\s*\d{0,4})?")
_BARE = re.compile(r"\d{7,15}")
_PHONE_NAME = re.compile(r"(?:^|_)(?:tele)?(?:phone|tel|mobile|cell|cellphone|fax|whatsapp)(?:_|$)")
_PEOPLE = frozenset(
    re.findall(
        r"\w+",
        """customer client buyer patient guest employee person subscriber recipient applicant passenger resident
        cardholder policyholder attendee participant""",
    )
)
_REFERENCE = re.compile(r"(?:_(?:id|no|nr|num|number|key|ref|reference|code|name|full_name|email|address))+$")
_PRIVATE = re.compile(
    r"(?:^|_)(?:first_?name|last_?name|given_name|family_name|forename|surname|full_?name|maiden_name|date_of_birth|dob"
    r"|birthday|birth_date|iban|ssn|passport|national_id|social_security)(?:_|$)"
)


def tells_of_people(parsed: Parsed) -> bool:
    """Whether the file is a mail, or data that holds people or refers to them."""
    if parsed.mail is not None or parsed.media_type in _MAILS:
        return True
    if parsed.media_type not in _DATA:
        return False
    if any(_table(table) for table in parsed.tables):
        return True
    return len({found.casefold() for found in _ADDRESS.findall(parsed.text)}) >= _ADDRESSES


def _table(table: Table) -> bool:
    names = [column_name(header) for header in table.header]
    if type_name(table.name).rsplit("_", 1)[-1] in _PEOPLE:
        return True
    return any(_column(names[at], _cells(table.rows, at)) for at in range(len(names)))


def _names_people(column: str, cells: Sequence[str]) -> bool:
    """As "customer", "client_id" and "first_name" do; "customer_rating" is of a product, "guests" may be a number."""
    stem = _REFERENCE.sub("", column)
    if stem in _PEOPLE or _PRIVATE.search(column):
        return True
    return singular(stem) in _PEOPLE and not all(_COUNT.fullmatch(cell.strip()) for cell in cells)


def _column(name: str, cells: Sequence[str]) -> bool:
    if not cells:
        return False
    if _names_people(name, cells):
        return True
    if _share(cells, lambda cell: _ADDRESS.search(cell)) >= _SHARE:
        return True
    if _share(cells, lambda cell: _is_phone(cell)) >= _SHARE:
        return True
    return bool(_PHONE_NAME.search(name)) and _share(cells, lambda cell: _BARE.fullmatch(cell.strip())) >= _SHARE


def _is_phone(cell: str) -> bool:
    if not _PHONE.fullmatch(cell):
        return False
    return 7 <= sum(char.isdigit() for char in cell) <= 20


def _cells(rows: Iterable[Sequence[str]], at: int) -> list[str]:
    return [row[at] for row in rows if at < len(row) and not is_empty(row[at])]


def _share(cells: Sequence[str], fits: Callable[[str], object]) -> float:
    return sum(1 for cell in cells if fits(cell)) / len(cells)
