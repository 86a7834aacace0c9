"""The conditions of a reading in words, with every date resolved."""

from __future__ import annotations

from collections.abc import Iterator

from actors.database.facts import TableFacts
from actors.database.planner.reading import Filter, Order, Reading

_OPS = {"=": "is", ">": "is more than", ">=": "is at least", "<": "is less than", "<=": "is at most"}
_COUNTS = {"=": "exactly", ">": "more than", ">=": "at least", "<": "fewer than", "<=": "at most"}


def told_filters(reading: Reading, root: TableFacts) -> Iterator[str]:
    for each in reading.filters:
        yield _told(each)
    for counted in reading.counted:
        yield f"with {_COUNTS[counted.op]} {counted.number} {counted.table.name}"
    for name in dict.fromkeys(table.name for table in reading.present if table is not root):
        yield f"with {name}"
    for table in reading.absent:
        yield f"without {table.name}"


def told_order(order: Order) -> str:
    name = order.by.column.facts.name if order.by.column else "count"
    return f"{name}, {'largest' if order.descending else 'smallest'} first"


def _told(told: Filter) -> str:
    name = told.column.facts.name
    if told.period is not None:
        return f"{name} {told.period}"
    values = [str(value) for value in told.values]
    if told.op == "between":
        return f"{name} between {values[0]} and {values[1]}"
    if told.op == "in":
        return f"{name} {'is not' if told.negated else 'is'} {' or '.join(values)}"
    if told.op == "like":
        kind = {(True, True): "contains", (False, True): "starts with", (True, False): "ends with"}
        ends = values[0].startswith("%"), values[0].endswith("%")
        return f"{name} {'not: ' if told.negated else ''}{kind[ends]} “{values[0].strip('%')}”"
    return f"{name} {'is not' if told.negated and told.op == '=' else _OPS[told.op]} {values[0]}"
