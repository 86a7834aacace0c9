from __future__ import annotations

from actors.database.answer import Rows, Value
from actors.database.answering.counted import counted


def rows(*found: tuple[Value, ...], columns: tuple[str, ...] = ("total",), truncated: bool = False) -> Rows:
    return Rows(columns=columns, rows=found, truncated=truncated)


def test_one_value_is_told_by_its_column() -> None:
    assert counted(rows((3,))) == "total: 3."
    assert counted(rows((None,))) == "total: nothing."


def test_more_are_counted_and_what_was_cut_is_said() -> None:
    assert counted(rows()) == "No rows."
    assert counted(rows((1, 2), columns=("a", "b"))) == "1 row."
    assert counted(rows((1,), (2,))) == "2 rows."
    assert counted(rows((1,), (2,), truncated=True)) == "The first 2 rows; there are more."
