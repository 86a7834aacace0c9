from __future__ import annotations

import pytest

from actors.ingest.kinds import kind_of, read_date
from actors.ports import Scalar


def read(cells: list[str], name: str = "c") -> tuple[str, list[Scalar]]:
    kind, reader = kind_of(name, cells)
    return kind, [reader(cell) for cell in cells]


@pytest.mark.parametrize(
    ("cells", "kind", "values"),
    [
        (["1", "20", "-3"], "number", [1, 20, -3]),
        (["1,234.50", "$3", "€ 7.25"], "number", [1234.5, 3, 7.25]),
        (["1.234,50", "3,99", "12"], "number", [1234.5, 3.99, 12]),
        (["1,500", "2,000"], "number", [1500, 2000]),
        (["0012", "0104"], "text", ["0012", "0104"]),
        (["yes", "No", "Y"], "boolean", ["yes", "no", "yes"]),
        (["Ann@Example.com", "Bob <bob@example.com>"], "email", ["ann@example.com", "bob@example.com"]),
        (["red", "12", "blue"], "text", ["red", "12", "blue"]),
        (["2026-01-31", "2026-02-28 10:15"], "date", ["2026-01-31", "2026-02-28"]),
        (["31/01/2026", "01/02/2026"], "date", ["2026-01-31", "2026-02-01"]),
        (["01/31/2026", "02/01/2026"], "date", ["2026-01-31", "2026-02-01"]),
        (["1.2.2026", "3.4.26"], "date", ["2026-02-01", "2026-04-03"]),
        (
            ["3 Oct 2026", "October 5, 2026", "Mon, 5th October 2026"],
            "date",
            ["2026-10-03", "2026-10-05", "2026-10-05"],
        ),
        (["+49 171 555", "0171"], "text", ["+49 171 555", "0171"]),
    ],
)
def test_a_column_s_kind_and_values(cells: list[str], kind: str, values: list[Scalar]) -> None:
    assert read(cells) == (kind, values)


def test_ambiguous_days_are_read_so_that_they_lie_close_together() -> None:
    assert read(["03/10/2026", "04/10/2026", "05/10/2026"])[1] == ["2026-10-03", "2026-10-04", "2026-10-05"]
    assert read(["10/03/2026", "10/04/2026", "10/05/2026"])[1] == ["2026-10-03", "2026-10-04", "2026-10-05"]


def test_eight_digits_are_a_date_only_where_the_column_says_so() -> None:
    assert read(["20261003", "20261004"], "order_date")[0] == "date"
    assert read(["20261003", "20261004"], "order_no")[0] == "number"


def test_a_few_odd_cells_do_not_change_a_column() -> None:
    assert read([*(str(n) for n in range(1, 60)), "unknown"]) == ("number", [*range(1, 60), "unknown"])


@pytest.mark.parametrize("cell", ["2026-13-01", "31/02/2026", "30 Foo 2026", "", "x"])
def test_no_day_is_made_up(cell: str) -> None:
    assert read_date(cell) is None
