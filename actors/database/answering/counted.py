"""Rows of a statement that a person wrote, in a sentence. Pure.

Held by tests/unit/actors/database/answering/test_counted.py.
"""

from __future__ import annotations

from actors.database.answer import Rows


def counted(rows: Rows) -> str:
    """The value where it is one, else how many rows there are."""
    if len(rows.rows) == 1 and len(rows.columns) == 1:
        value = rows.rows[0][0]
        return f"{rows.columns[0]}: {'nothing' if value is None else value}."
    count = len(rows.rows)
    if rows.truncated:
        return f"The first {count} rows; there are more."
    return f"{'No rows' if not count else '1 row' if count == 1 else f'{count} rows'}."
