"""What a chart says: its title and its points, as a table of categories by series (DrawingML charts, ISO/IEC 29500-1).

Promises: the values are the ones that the file itself keeps beside its drawing; their number is bounded. Pure.

Held by tests/unit/actors/ingest/test_parse_pptx.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from actors.ingest.ooxml import attribute, first, local, named, number
from actors.ingest.parse_table import row_line

_MAX_POINTS = 1_000
_MAX_SERIES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """``title`` begins with its kind ("Bar chart: Sales"); ``lines`` are its points, a line a category."""

    title: str
    lines: tuple[str, ...]


def read_chart(root: Element) -> Chart:
    """The chart of a chart part."""
    chart = first(root, "chart")
    titles = [_words(title) for title in (() if chart is None else named(chart, "title"))]
    told = [title for title in titles if title]
    own = _words(first(chart, "title"))
    series = [_series(each) for each in named(root, "ser")][:_MAX_SERIES]
    axes = [title for title in told if title != own]
    names = ["", *(name or f"Series {n}" for n, (name, _) in enumerate(series, start=1))]
    keys = list(dict.fromkeys(key for _, points in series for key in points))[:_MAX_POINTS]
    lines = [row_line(names, [key, *(points.get(key, "") for _, points in series)]) for key in keys]
    title = " – ".join(dict.fromkeys((*([own] if own else []), *axes)))
    return Chart(title=f"{_kind(root)}: {title}" if title else _kind(root), lines=tuple(lines))


def _kind(root: Element) -> str:
    """ "Bar chart" of a ``barChart``."""
    plot = first(root, "chart", "plotArea")
    found = next((local(each.tag) for each in (() if plot is None else plot) if local(each.tag).endswith("Chart")), "")
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[a-z])(?=3D)", " ", found).lower()
    return words[:1].upper() + words[1:] if words else "Chart"


def _series(series: Element) -> tuple[str, dict[str, str]]:
    """Its name, and its values by category; points without a category are numbered."""
    name = _words(first(series, "tx")) or " ".join(_points(first(series, "tx")).values())
    keys = _points(first(series, "cat") or first(series, "xVal"))
    values = _points(first(series, "val") or first(series, "yVal"))
    found: dict[str, str] = {}
    for place, value in values.items():
        key = keys.get(place, str(place + 1))
        found[key if key not in found else f"{key} ({place + 1})"] = value
    return name, found


def _points(holder: Element | None) -> dict[int, str]:
    """The cached points by their places; of several levels of categories, all in one."""
    found: dict[int, str] = {}
    for level in _levels(holder):
        for point in level:
            if local(point.tag) == "pt" and len(found) < _MAX_POINTS:
                place, value = number(attribute(point, "idx")), first(point, "v")
                text = _number((value.text if value is not None else "") or "")
                found[place] = f"{text} {found[place]}" if place in found else text
    return found


def _levels(holder: Element | None) -> Iterator[Element]:
    if holder is not None:
        yield from named(holder, "strCache", "numCache", "strLit", "numLit", "lvl")


def _number(text: str) -> str:
    """0.30000000000000004 is 0.3, as the drawing shows it."""
    try:
        return f"{float(text):.12g}" if "." in text else text
    except ValueError:
        return text


def _words(holder: Element | None) -> str:
    return "" if holder is None else " ".join("".join(t.text or "" for t in named(holder, "t")).split())
