"""A chart is drawn where the shape suits, is well-formed, and tells in words what it shows."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from actors.database.answer import Rows, Value
from actors.database.answering import chart

_SVG = "{http://www.w3.org/2000/svg}"


def drawn(*rows: tuple[Value, ...], truncated: bool = False) -> ElementTree.Element | None:
    columns = tuple(f"c{n}" for n in range(len(rows[0])))
    made = chart(Rows(columns=columns, rows=rows, truncated=truncated), "Orders <by> city & month\x00")
    return None if made is None else ElementTree.fromstring(made)


def test_names_and_numbers_are_bars_as_long_as_their_numbers() -> None:
    svg = drawn(("Chennai", 4), ("Madurai", 1), ("<b>&\x01", 2))
    assert svg is not None
    widths = [float(bar.attrib["width"]) for bar in svg.findall(f"{_SVG}rect")]
    assert widths[0] == pytest.approx(4 * widths[1]) == pytest.approx(2 * widths[2])
    assert svg.findtext(f"{_SVG}title") == "Orders <by> city & month"
    assert svg.findtext(f"{_SVG}desc") == "c1 by c0: Chennai 4, Madurai 1, <b>& 2"


def test_dates_and_numbers_are_a_line_in_the_order_of_the_dates() -> None:
    svg = drawn(("2026-03", 4), ("2026-01", 1), ("2026-02", 2))
    assert svg is not None
    line = svg.find(f"{_SVG}polyline")
    assert line is not None
    heights = [float(point.split(",")[1]) for point in line.attrib["points"].split()]
    assert heights == sorted(heights, reverse=True)


@pytest.mark.parametrize(
    "rows",
    [
        [("a", 1)],
        [("a", 1, 2), ("b", 1, 2)],
        [("a", "x"), ("b", "y")],
        [("a", None), ("b", 1)],
        [("a", -1), ("b", 1)],
        [(f"n{n}", n) for n in range(21)],
        [(1, 1), (2, 2)],
        [("a", True), ("b", False)],
    ],
)
def test_another_shape_gets_no_chart(rows: list[tuple[Value, ...]]) -> None:
    assert drawn(*rows) is None


def test_a_cut_answer_gets_no_chart() -> None:
    assert drawn(("a", 1), ("b", 2), truncated=True) is None


def test_zeros_alone_are_drawn() -> None:
    assert drawn(("a", 0), ("b", 0)) is not None
    assert drawn(("2026-01-01", 0), ("2026-01-02", 0)) is not None
