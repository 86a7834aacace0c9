"""A small SVG for rows of a name and a number: bars for names, a line for dates.

Promises: well-formed XML whatever the cells hold, with a title and a description for those who can't see it; None
where the shape of the rows suits no chart.

Held by tests/unit/actors/database/answering/test_chart.py.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from html import escape

from actors.database.answer import Rows, Value
from actors.database.answering.phrase import value_of

FEWEST, MOST_BARS, MOST_POINTS = 2, 20, 400
_WIDTH, _ROW, _LABEL, _HEIGHT, _EDGE = 480, 22, 160, 200, 30  # pixels
_LONGEST = 22  # characters of a label
_DATE = re.compile(r"\d{4}-\d\d(-\d\d)?([T ].*)?$")
_CONTROL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def chart(rows: Rows, title: str) -> str | None:
    """``title`` is the question, or what stands for it."""
    if len(rows.columns) != 2 or rows.truncated or len(rows.rows) < FEWEST:
        return None
    names, numbers = [row[0] for row in rows.rows], [_number(row[1]) for row in rows.rows]
    known = [number for number in numbers if number is not None]
    if len(known) != len(numbers) or any(name is None for name in names):
        return None
    if all(isinstance(name, str) and _DATE.match(name) for name in names) and len(names) <= MOST_POINTS:
        points = sorted(zip(map(str, names), known, strict=True))
        return _svg(title, _told(rows, points), _HEIGHT, _line(points))
    if any(not isinstance(name, str) for name in names) or len(names) > MOST_BARS or min(known) < 0:
        return None
    bars = list(zip(map(str, names), known, strict=True))
    return _svg(title, _told(rows, bars), _ROW * len(bars) + 10, _bars(bars))


def _number(value: Value) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(float(value)) else None  # type: ignore[arg-type]


def _bars(bars: Sequence[tuple[str, float]]) -> str:
    most = max(number for _, number in bars) or 1.0
    parts = []
    for at, (name, number) in enumerate(bars):
        y, width = at * _ROW + 5, number / most * (_WIDTH - _LABEL - 80)
        parts.append(
            f'<text x="{_LABEL - 6}" y="{y + 13}" text-anchor="end">{_text(name)}</text>'
            f'<rect x="{_LABEL}" y="{y}" width="{width:.1f}" height="{_ROW - 6}" fill="#2563eb"/>'
            f'<text x="{_LABEL + width + 6:.1f}" y="{y + 13}">{value_of(number)}</text>'
        )
    return "".join(parts)


def _line(points: Sequence[tuple[str, float]]) -> str:
    low, high = min(0.0, *(number for _, number in points)), max(number for _, number in points)
    down, wide = (_HEIGHT - 2 * _EDGE) / ((high - low) or 1.0), (_WIDTH - 2 * _EDGE) / (len(points) - 1)
    places = [
        f"{_EDGE + wide * at:.1f},{_HEIGHT - _EDGE - down * (number - low):.1f}"
        for at, (_, number) in enumerate(points)
    ]
    return (
        f'<polyline points="{" ".join(places)}" fill="none" stroke="#2563eb" stroke-width="2"/>'
        f'<text x="{_EDGE}" y="{_HEIGHT - 8}">{_text(points[0][0])}</text>'
        f'<text x="{_WIDTH - _EDGE}" y="{_HEIGHT - 8}" text-anchor="end">{_text(points[-1][0])}</text>'
        f'<text x="{_EDGE}" y="16">{value_of(high)}</text>'
    )


def _told(rows: Rows, pairs: Sequence[tuple[str, float]]) -> str:
    return f"{rows.columns[1]} by {rows.columns[0]}: " + ", ".join(f"{n} {value_of(v)}" for n, v in pairs[:MOST_BARS])


def _svg(title: str, told: str, height: int, inside: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-labelledby="chart-title chart-desc" font-family="sans-serif" font-size="12">'
        f'<title id="chart-title">{_clean(title)}</title><desc id="chart-desc">{_clean(told)}</desc>{inside}</svg>'
    )


def _text(name: str) -> str:
    return _clean(name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…")


def _clean(text: str) -> str:
    return escape(_CONTROL.sub("", text))
