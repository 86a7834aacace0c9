"""A sentence for rows that were read for a plan: the number or the list, with what it was restricted to.

Promises: every number of it is a cell of the rows or their count; conditions and dates are told as they were read; a
cut list says so.

Held by tests/unit/actors/database/answering/test_phrase.py.
"""

from __future__ import annotations

from actors.database.answer import Rows, Value
from actors.database.planner import Planned

_LISTED = 10  # rows
_AGGREGATES = {"avg": "average", "sum": "sum of", "min": "smallest", "max": "largest"}


def phrase(planned: Planned, rows: Rows) -> str:
    where = f" ({'; '.join(planned.filters)})" if planned.filters else ""
    subject = planned.subject.replace("_", " ")
    if not rows.rows:
        return f"No {subject} were found{where}."
    if len(rows.rows) == 1 and not planned.groups and all(shown.agg for shown in planned.shown):
        if planned.shown[0].agg == "count" and len(planned.shown) == 1:
            return _counted(planned, rows.rows[0][0], subject, where)
        if all(value is None for value in rows.rows[0]):
            return f"No {subject} were found{where}."
        known = [(at, value) for at, value in enumerate(rows.rows[0]) if value is not None]
        told = ", ".join(f"the {_name(planned, at)} is {value_of(value)}" for at, value in known)
        return f"Of {subject}{where}, {told}."
    return _list(planned, rows, subject, where)


def value_of(value: Value) -> str:
    """A cell as it is read: thousands apart, no trailing zeros."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".") if abs(value) >= 0.01 else f"{value:g}"
    return value


def _counted(planned: Planned, number: Value, subject: str, where: str) -> str:
    shown = planned.shown[0]
    if shown.column is not None:
        return f"{value_of(number)} different values of {shown.column.facts.name} in {subject}{where}."
    return f"{value_of(number)} {subject}{where}."


def _name(planned: Planned, at: int) -> str:
    shown = planned.shown[at]
    if shown.column is None:
        return "count"
    name = shown.column.facts.name
    if shown.agg == "count":
        return f"number of different {name}"
    return f"{_AGGREGATES[shown.agg]} {name}" if shown.agg else name


def _list(planned: Planned, rows: Rows, subject: str, where: str) -> str:
    lines = []
    for row in rows.rows[:_LISTED]:
        cells = [_cell(planned, rows, at, value) for at, value in enumerate(row)]
        lines.append(cells[0] if len(cells) == 1 else f"{cells[0]}: {', '.join(cells[1:])}")
    more = len(rows.rows) - len(lines)
    rest = " and more than can be shown" if rows.truncated else f" and {more:,} more" if more else ""
    order = f", by {planned.order}" if planned.order else ""
    head = f"{subject[:1].upper()}{subject[1:]}{where}{order}"
    return f"{head}: {'; '.join(lines)}{rest}."


def _cell(planned: Planned, rows: Rows, at: int, value: Value) -> str:
    is_plain = at >= len(planned.shown) or not planned.shown[at].agg
    if is_plain and isinstance(value, int) and not isinstance(value, bool):
        return str(value)  # an id or a year
    name = f"{_name(planned, at)} " if not is_plain and len(rows.columns) > 2 else ""
    return f"{name}{value_of(value)}"
