"""CSV is read back as the rows it was made of, and runs nothing in a spreadsheet."""

from __future__ import annotations

import csv
import io

from actors.database.answer import Rows
from actors.database.answering import csv_of


def test_csv_is_read_back_as_the_rows() -> None:
    rows = Rows(columns=("name", "n"), rows=(('a "b", c\nd', 3), ("é", None), ("x", -1.5)), truncated=False)
    read = list(csv.reader(io.StringIO(csv_of(rows), newline="")))
    assert read == [["name", "n"], ['a "b", c\nd', "3"], ["é", ""], ["x", "-1.5"]]


def test_a_text_that_a_spreadsheet_would_run_is_disarmed() -> None:
    rows = Rows(columns=("=a",), rows=(("=HYPERLINK(1)",), ("@x",), ("+1",)), truncated=False)
    assert csv_of(rows).split() == ["'=a", "'=HYPERLINK(1)", "'@x", "'+1"]
