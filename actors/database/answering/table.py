"""Rows as CSV (RFC 4180, UTF-8): what a person opens in a spreadsheet.

Promises: a text that a spreadsheet would run as a formula is written with an apostrophe before it.

Held by tests/unit/actors/database/answering/test_table.py.
"""

from __future__ import annotations

import csv
import io

from actors.database.answer import Rows, Value

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_of(rows: Rows) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_safe(column) for column in rows.columns])
    writer.writerows([_safe(value) for value in row] for row in rows.rows)
    return out.getvalue()


def _safe(value: Value) -> Value:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
