from __future__ import annotations

from datetime import date, datetime

import pytest
from hostile_files import far_cell
from office_files import xlsx_of

from actors.ingest.parse import parse
from actors.ingest.sheet_regions import regions
from runtime.errors import Terminal

_STOCK = [["name", "price"], ["Lamp", "3"], ["Oil", "1"]]


def test_a_blank_row_within_a_table_does_not_end_it() -> None:
    assert regions([*_STOCK, ["", ""], ["Wick", "2"]]) == [[*_STOCK, ["Wick", "2"]]]


def test_another_header_after_a_blank_row_begins_another_table() -> None:
    below = [["order", "city"], ["7", "Graz"], ["8", "Linz"]]
    assert regions([*_STOCK, ["", ""], *below]) == [_STOCK, below]


def test_a_title_stays_with_its_table() -> None:
    assert len(regions([["Stock list", ""], ["", ""], *_STOCK])) == 1


def test_tables_side_by_side_are_two_where_they_do_not_share_their_rows() -> None:
    longer = [*([*row, "", *row] for row in _STOCK), ["Wick", "2", "", "", ""]]
    assert regions(longer) == [[*_STOCK, ["Wick", "2"]], _STOCK]


def test_a_narrow_blank_column_within_a_table_does_not_cut_its_rows() -> None:
    grid = [["name", "", "price"], ["Lamp", "", "3"], ["Oil", "", "1"]]
    assert len(regions(grid)) == 1


def test_cells_are_told_as_they_are_meant() -> None:
    rows = [
        ["name", "sold", "on", "at", "paid"],
        ["Lamp", 1200.0, date(2026, 10, 9), datetime(2026, 10, 9, 8, 30), True],
        ["Oil", 0.1 + 0.2, date(2026, 10, 10), datetime(2026, 10, 10, 9, 0), False],
    ]
    table = parse(xlsx_of({"Sales": rows}), "a.xlsx").tables[0]
    assert [list(row) for row in table.rows] == [
        ["Lamp", "1200", "2026-10-09", "2026-10-09 08:30", "TRUE"],
        ["Oil", "0.3", "2026-10-10", "2026-10-10 09:00", "FALSE"],
    ]


def test_a_sheet_is_a_page_under_its_name_and_hidden_ones_are_left_out() -> None:
    parsed = parse(xlsx_of({"Stock": _STOCK, "Draft": _STOCK, "Orders": _STOCK}, hidden="Draft"), "a.xlsx")
    assert [h.text for h in parsed.headings] == ["Stock", "Orders"]
    assert [page.number for page in parsed.pages] == [1, 3]
    assert [table.name for table in parsed.tables] == ["Stock", "Orders"]


def test_a_merged_cell_is_said_in_each_row_that_it_covers() -> None:
    rows = [["zone", "days"], ["", "2"], ["", "3"]]
    table = parse(xlsx_of({"Zones": rows}, merged={"A2:A3": "north"}), "a.xlsx").tables[0]
    assert [list(row) for row in table.rows] == [["north", "2"], ["north", "3"]]


def test_comments_and_charts_stand_below_their_sheet() -> None:
    data = xlsx_of({"Stock": [["name", "sold"], ["Lamp", 3], ["Oil", 1]]}, comments={"B2": "Too few."}, chart="Sold")
    parsed = parse(data, "a.xlsx")
    assert "Comment on B2 (Jo): Too few." in parsed.text
    assert "Bar chart: Sold" in parsed.text
    assert len(parsed.tables[0].rows) == 2
    assert parsed.remarks
    assert not parse(xlsx_of({"Stock": [["name"], ["Lamp"]]}, chart="Sold"), "a.xlsx").remarks


def test_a_sheet_with_a_cell_at_its_far_end_is_refused_with_what_to_do() -> None:
    data = far_cell(dimension='<dimension ref="A1:XFD1048576"/>')
    with pytest.raises(Terminal, match="reaches over") as refused:
        parse(data, "a.xlsx")
    assert "Delete" in (refused.value.do or "")
