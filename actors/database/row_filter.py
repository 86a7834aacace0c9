"""Rows about one person alone: what a customer may read, put into the tree of a statement before it is written.

Promises: pure; each table that is read is replaced by a query for the person's own rows of it, under the same name, so
that joins, aggregates and subqueries can't reach further; a table of which nobody said whose its rows are is refused.
The person's identity is written as a text of the dialect, which nothing in it can end.

Held by tests/unit/actors/database/test_row_filter.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from actors.database.dialects import Family
from actors.database.names import TABLE_OF
from actors.database.refusal import Refused, Rule, place
from actors.database.schema import TableNames
from actors.database.scope import spelled

_LONGEST_WAY = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRows:
    """Whose a table's rows are: ``column`` holds the person's identity, or the ``key`` of one of the person's rows of
    the table ``of`` (orders.customer_id → customers.id)."""

    column: str
    of: TableNames | None = None
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFilters:
    """``me``: the verified identity. ``tables``: those that a person may read their own rows of; ``open``: those whose
    rows are everybody's (a price list)."""

    me: str
    tables: Mapping[TableNames, OwnRows]
    open: frozenset[TableNames] = frozenset()


def keep_own_rows(tree: exp.Expression, family: Family, own: RowFilters) -> None:
    """Change the checked tree. Raises Refused for a table that is not the person's to read."""
    if not own.me or "\0" in own.me:
        raise Refused(Rule.OWN_ROWS, "It is not known who is asking.")
    for node in [node for node in tree.find_all(exp.Table) if TABLE_OF in node.meta]:
        table = node.meta[TABLE_OF]
        if table in own.open:
            continue
        if table not in own.tables:
            raise Refused(Rule.OWN_ROWS, f"The rows of {table.name} are not about the person who asks.", place(node))
        inner = _rows(table, family, own, _LONGEST_WAY)
        replaced = exp.Subquery(this=inner, alias=node.args["alias"].copy(), joins=node.args.get("joins"))
        node.replace(replaced)


def _rows(table: TableNames, family: Family, own: RowFilters, way: int) -> exp.Select:
    columns: list[exp.Expression] = [exp.Column(this=spelled(column)) for column in table.columns]
    return _select(table, columns, _condition(table, family, own, way))


def _condition(table: TableNames, family: Family, own: RowFilters, way: int) -> exp.Expression:
    whose = own.tables.get(table)
    if whose is None or way == 0:
        raise Refused(Rule.OWN_ROWS, f"The rows of {table.name} are not about the person who asks.")
    column = exp.Column(this=spelled(whose.column))
    if whose.of is not None:
        key: list[exp.Expression] = [exp.Column(this=spelled(whose.key))]
        theirs = _select(whose.of, key, _condition(whose.of, family, own, way - 1))
        return exp.In(this=column, query=exp.Subquery(this=theirs))
    return _same(column, own.me, family)


def _same(column: exp.Column, me: str, family: Family) -> exp.Expression:
    same = exp.EQ(this=column, expression=exp.Literal.string(me))
    if family is not Family.MYSQL:
        return same
    # MySQL's collations hold José's address and Jose's for the same one; the bytes do not.
    binary = exp.DataType.build("binary")
    sides = (exp.Cast(this=side, to=binary.copy()) for side in (column.copy(), exp.Literal.string(me)))
    return exp.And(this=same, expression=exp.EQ(**dict(zip(("this", "expression"), sides, strict=True))))


def _select(table: TableNames, columns: list[exp.Expression], where: exp.Expression) -> exp.Select:
    named = exp.Table(this=spelled(table.name), db=spelled(table.schema) if table.schema else None)
    return exp.Select(expressions=columns, from_=exp.From(this=named), where=exp.Where(this=where))
