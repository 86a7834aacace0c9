"""What keeps a statement small: rows that it may give, recursion that ends, text that does not grow without measure.

The database's own limits (statement timeout, the guard on EXPLAIN's cost) stop what these rules cannot see.

Held by tests/unit/actors/database/test_bounds.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlglot import exp

from actors.database.dialects import Family
from actors.database.refusal import Refused, Rule, place

_SERIES = 100_000
_GROWTH = 100_000
_MAX_SOURCES = 16
# Which argument says how long the result becomes.
_GROWING = {"repeat": 1, "space": 0, "lpad": 1, "rpad": 1}
_WIDE = re.compile(r"%[^%a-zA-Z]*(\d{4,}|\*)")
_CONDITIONS = (exp.LT, exp.LTE, exp.GT, exp.GTE, exp.EQ, exp.NEQ, exp.Is, exp.In, exp.Between, exp.Like, exp.Not)


def bound_rows(tree: exp.Expression, nodes: Iterable[exp.Expression], most: int) -> None:
    """Write a LIMIT of ``most`` into the tree where it has none or a larger one. Raises Refused."""
    for limit in nodes:
        if isinstance(limit, exp.Limit | exp.Fetch | exp.Offset):
            _plain(limit)
    own = tree.args.get("limit")
    wanted = most if own is None else min(most, int(own.expression.name))
    tree.set("limit", exp.Limit(expression=exp.Literal.number(wanted)))


def _plain(limit: exp.Expression) -> None:
    """A number as LIMIT; FETCH FIRST becomes one, LIMIT ALL none."""
    if isinstance(limit, exp.Fetch):
        options = limit.args.get("limit_options")
        if options is not None and (options.args.get("percent") or options.args.get("with_ties")):
            raise Refused(Rule.LIMIT, "FETCH takes a number of rows only.", place(limit))
        count = limit.args.get("count") or exp.Literal.number(1)
    else:
        count = limit.expression
    if isinstance(limit, exp.Limit) and (isinstance(count, exp.Null) or count.name.upper() == "ALL"):
        limit.pop()
    elif not isinstance(count, exp.Literal) or not re.fullmatch(r"\d{1,18}", count.name) or count.is_string:
        raise Refused(Rule.LIMIT, "LIMIT and OFFSET take a plain number.", place(limit))
    elif isinstance(limit, exp.Fetch):
        limit.replace(exp.Limit(expression=count.copy()))


def check_size(nodes: Iterable[exp.Expression], family: Family) -> None:
    """Raises Refused for what a few words make large."""
    growth = 1
    for node in nodes:
        if isinstance(node, exp.Anonymous):
            growth *= _call(node, family)
            if growth > _GROWTH:
                raise Refused(Rule.SIZE, "The text that this statement makes would be too long.", place(node))
        elif isinstance(node, exp.Select):
            sources = len(node.args.get("joins") or ()) + 1
            if sources > _MAX_SOURCES:
                raise Refused(Rule.SIZE, f"A query may join {_MAX_SOURCES} tables; this one joins {sources}.")
        elif isinstance(node, exp.CTE):
            _check_recursion(node)


def _call(call: exp.Anonymous, family: Family) -> int:
    """How many times longer than its arguments the result may be."""
    name, arguments = str(call.this), call.expressions
    if name == "generate_series":
        _check_series(call)
    elif name in ("format", "printf") and family is not Family.MYSQL:
        if arguments and not (isinstance(arguments[0], exp.Literal) and arguments[0].is_string):
            raise Refused(Rule.SIZE, f"The first argument of {name} must be a text written here.", place(call))
        if arguments and _WIDE.search(arguments[0].name):
            raise Refused(Rule.SIZE, "This format makes texts that are too long.", place(call))
    elif name in _GROWING:
        at = _GROWING[name]
        count = arguments[at] if len(arguments) > at else None
        if not isinstance(count, exp.Literal) or not count.name.isdigit():
            raise Refused(Rule.SIZE, f"{name} takes a plain number that says how long the text becomes.", place(call))
        return max(1, int(count.name))
    return 1


def _check_series(call: exp.Anonymous) -> None:
    numbers = [_number(argument) for argument in call.expressions]
    if len(numbers) < 2 or any(number is None for number in numbers):
        return  # by dates, or by what is in the tables
    start, stop, step = numbers[0], numbers[1], (numbers[2] if len(numbers) > 2 else 1.0)
    if not step or (stop - start) / step > _SERIES:  # type: ignore[operator]
        raise Refused(Rule.SIZE, f"A series may have {_SERIES} members.", place(call))


def _number(node: exp.Expression) -> float | None:
    sign = 1
    while isinstance(node, exp.Neg | exp.Paren | exp.Cast):
        sign, node = (-sign if isinstance(node, exp.Neg) else sign), node.this
    if isinstance(node, exp.Literal) and not node.is_string:
        return sign * float(node.name)
    return None


def _check_recursion(cte: exp.CTE) -> None:
    """The part that names its own CTE needs a condition on what it reads, or it never ends."""
    name = cte.alias
    repeating = [table for table in cte.this.find_all(exp.Table) if table.name == name and not table.args.get("db")]
    for select in {
        id(each): each for each in (table.find_ancestor(exp.Select) for table in repeating) if each
    }.values():
        asked = [select.args.get("where")]
        for join in select.find_all(exp.Join):
            asked.append(join.args.get("on"))
            if join.args.get("using"):
                break
        else:
            if not any(part is not None and _asks(part) for part in asked):
                said = f"The part of {name} that repeats has no condition that ends it."
                raise Refused(Rule.RECURSION, said, place(select))


def _asks(part: exp.Expression) -> bool:
    return any(condition.find(exp.Column) is not None for condition in part.find_all(*_CONDITIONS))
