"""From a reading to a statement's tree: the root whose rows are counted or shown, joins to what each row has one of,
and subqueries for what it has many of, so that no row is counted twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlglot import exp

from actors.database.facts import TableFacts
from actors.database.planner.joins import Joins, Step, name_of
from actors.database.planner.reading import Counted, Filter, NotReadError, Reading, Shown
from actors.database.planner.vocabulary import Column, Vocabulary
from actors.dates import EARLIEST, LATEST

_COMPARE: dict[str, type[exp.Binary]] = {"=": exp.EQ, ">": exp.GT, ">=": exp.GTE, "<": exp.LT, "<=": exp.LTE}
_AGG: dict[str, type[exp.AggFunc]] = {
    "avg": exp.Avg,
    "sum": exp.Sum,
    "min": exp.Min,
    "max": exp.Max,
    "count": exp.Count,
}


class Building:
    """One reading's tree; made for it and used once. Raises NotReadError where its parts don't go together."""

    def __init__(self, reading: Reading, vocabulary: Vocabulary, joins: Joins) -> None:
        self._reading = reading
        self._vocabulary = vocabulary
        self._joins = joins
        self.shown: list[Shown] = []
        self.groups: list[Column] = []
        _check_possible(reading.filters)
        self._settle()
        self.root = self._root()

    def tree(self) -> exp.Select:
        reading = self._reading
        tree = exp.Select().from_(_table(self.root))
        tree = self._joined(tree)
        for condition in self._conditions():
            tree = tree.where(condition, copy=False)
        for shown in self.shown:
            tree = tree.select(self._expression(shown), copy=False)
        if self.groups:
            tree = tree.group_by(*(_column(column) for column in self.groups), copy=False)
            for counted in self._having():
                tree = tree.having(
                    _COMPARE[counted.op](this=exp.Count(this=exp.Star()), expression=_literal(counted.number)),
                    copy=False,
                )
        elif reading.distinct and not any(shown.agg for shown in self.shown):
            tree = tree.distinct(copy=False)
        for order in reading.orders:
            by = self._expression(order.by, alias=False)
            tree = tree.order_by(
                exp.Ordered(this=by, desc=order.descending, nulls_first=not order.descending), copy=False
            )
        return tree.limit(reading.limit, copy=False) if reading.limit else tree

    # ------------------------------------------------------------------------------------------------------- settling

    def _settle(self) -> None:
        """What is shown and by what it is grouped, made whole."""
        reading = self._reading
        shown = list(reading.shown)
        plain = [each.column for each in shown if not each.agg and each.column is not None]
        groups: list[Column] = []
        for group in reading.groups:
            if isinstance(group, TableFacts):
                of_it = [c for c in plain if c.table is group]
                name = self._vocabulary.name_column(group)
                if not of_it and name is None:
                    raise NotReadError(f"I don't know by which column to name {group.name}.")
                key = [c for c in self._of(group) if c.facts.name in group.key]
                groups += [*key, *(of_it or [name])]  # type: ignore[list-item]
                if not of_it and name is not None:
                    shown.insert(0, Shown(column=name))
            else:
                groups.append(group)
                if group not in plain:
                    shown.insert(0, Shown(column=group))
        aggregated = any(each.agg for each in shown)
        counts = [each for each in reading.orders if each.by.agg]
        if aggregated and plain and not groups:
            groups = self._with_keys(plain)
        if counts and not groups and not aggregated:
            groups = self._with_keys(plain)
        if self._own_counts(plain) and not groups:
            groups = list(plain)
        only_tables = bool(reading.groups) and all(isinstance(each, TableFacts) for each in reading.groups)
        if only_tables and not aggregated and not counts and not self._own_counts(plain):
            shown, groups = list(reading.shown), []  # "the names of every singer"
        if groups and not aggregated and not counts and not self._own_counts(plain):
            raise NotReadError("I don't see what to count or add up in each group.")
        self.shown, self.groups = shown, list(dict.fromkeys(groups))
        if self.groups and any(not each.agg and each.column not in self.groups for each in self.shown):
            for each in self.shown:
                if not each.agg and each.column is not None and each.column not in self.groups:
                    self.groups.append(each.column)
        for order in reading.orders:
            if aggregated and not self.groups:
                raise NotReadError("One number can't be ordered.")
            if self.groups and not order.by.agg and order.by.column not in self.groups:
                raise NotReadError("The groups have no such column to order them by.")

    def _with_keys(self, plain: list[Column]) -> list[Column]:
        """What is told by its name is told apart by its key, too, where others are counted for it."""
        counted = [each.table or (each.column and each.column.table) for each in
                   [*self._reading.shown, *(order.by for order in self._reading.orders)] if each.agg]  # fmt: skip
        keys: list[Column] = []
        for column in plain:
            if not any(table is column.table for table in counted):
                keys += [c for c in self._of(column.table) if c.facts.name in column.table.key]
        return [*keys, *plain]

    def _own_counts(self, plain: list[Column]) -> list[Counted]:
        """ "hometowns of at least two teachers": groups of the counted table's own rows."""
        if not plain or any(column.facts.name in column.table.key for column in plain):
            return []
        own = [each for each in self._reading.counted if all(c.table is each.table for c in plain)]
        return own if not self._reading.groups or own else []

    def _having(self) -> list[Counted]:
        return [each for each in self._reading.counted if each.table is self.root]

    def _of(self, table: TableFacts) -> list[Column]:
        return self._vocabulary.of_table[name_of(table)]

    def _root(self) -> TableFacts:
        """The table from which each other that is shown, grouped or ordered by is one step to a single row."""
        counted = [each.table for each in [*self.shown, *(order.by for order in self._reading.orders)] if each.table]
        columns = [each.column for each in [*self.shown, *(order.by for order in self._reading.orders)] if each.column]
        tables = _distinct([*counted, *(column.table for column in columns), *(c.table for c in self.groups)])
        aggregated = _distinct([*counted, *(s.column.table for s in self.shown if s.agg and s.column)])
        if len(aggregated) > 1:
            raise NotReadError("Two things are counted at once.")
        for root in aggregated or tables:
            if all(root is table or self._joins.to_one(root, table) for table in tables):
                return root
        if counted and not any(each.agg and each.column for each in self.shown):
            bridges = [
                t for t in self._joins.children(counted[0]) if all(self._joins.to_one(t, each) for each in tables)
            ]
            if len(bridges) == 1:
                return bridges[0]
        raise NotReadError("I can't tell whose rows are meant.")

    # ----------------------------------------------------------------------------------------------------- statement

    def _joined(self, tree: exp.Select) -> exp.Select:
        tables = [c.table for c in self.groups]
        tables += [each.column.table for each in self.shown if each.column]
        tables += [order.by.column.table for order in self._reading.orders if order.by.column]
        tables += [f.column.table for f in self._reading.filters if self._is_one(f.column.table)]
        tables += [table for table in self._reading.present if self._is_one(table)]
        done: set[tuple[str, str]] = {name_of(self.root)}
        for table in _distinct(tables):
            for step in self._joins.way(self.root, table):
                if step.end not in done:
                    done.add(step.end)
                    tree = tree.join(_named(step.end), on=_on(step), copy=False)
        return tree

    def _is_one(self, table: TableFacts) -> bool:
        return table is self.root or self._joins.to_one(self.root, table)

    def _conditions(self) -> Iterable[exp.Expr]:
        reading = self._reading
        many: dict[tuple[str, str], list[Filter]] = {}
        for each in reading.filters:
            if self._is_one(each.column.table):
                yield from _condition(each)
            else:
                many.setdefault(name_of(each.column.table), []).append(each)
        for table in reading.present:
            ends = [each.column.table for filters in many.values() for each in filters]
            if not self._is_one(table) and not any(self._is_between(table, end) for end in ends):
                many.setdefault(name_of(table), [])
        if len(many) > 1:
            raise NotReadError("Several things that there may be many of are asked at once.")
        for name, filters in many.items():
            yield self._some(name, filters)
        for table in reading.absent:
            if self._is_one(table):
                raise NotReadError(f"I don't understand “without {table.name}”.")
            yield exp.Not(this=self._some(name_of(table), []))
        for counted in reading.counted:
            if counted.table is not self.root:
                yield self._counted(counted)
            elif not self.groups:
                raise NotReadError(f"I don't see for what {counted.table.name} are counted.")
        if reading.limit and reading.orders:
            for order in reading.orders:
                if order.by.column is not None and not order.by.agg and order.by.column.facts.nullable:
                    yield exp.Not(this=exp.Is(this=_column(order.by.column), expression=exp.Null()))

    def _is_between(self, table: TableFacts, end: TableFacts) -> bool:
        return any(step.end == name_of(table) for step in self._joins.way(self.root, end))

    def _some(self, name: tuple[str, str], filters: list[Filter]) -> exp.Expr:
        """There is a row of ``name`` that belongs to the root's and meets the filters."""
        way = self._joins.way(self.root, self._facts(name))
        start, inner = self._inner(way)
        for each in filters:
            for condition in _condition(each):
                inner = inner.where(condition, copy=False)
        return self._in(start, inner)

    def _counted(self, counted: Counted) -> exp.Expr:
        way = self._joins.way(self.root, counted.table)
        if any(step.to_one for step in way):
            raise NotReadError(f"Rows of {counted.table.name} can't be counted for each.")
        start, inner = self._inner(way)
        if counted.op in ("<", "<=") or (counted.op == "=" and counted.number == 0):
            raise NotReadError("Those with none at all: do they count?")
        inner = inner.group_by(exp.column(way[0].keys[0], table=way[0].end[1], quoted=True), copy=False)
        compare = _COMPARE[counted.op](this=exp.Count(this=exp.Star()), expression=_literal(counted.number))
        return self._in(start, inner.having(compare, copy=False))

    def _inner(self, way: list[Step]) -> tuple[Step, exp.Select]:
        first = way[0]
        if len(first.columns) != 1:
            raise NotReadError(f"{first.end[1]} is linked by several columns at once.")
        key = exp.column(first.keys[0], table=first.end[1], quoted=True)
        inner = exp.Select().select(key).from_(_named(first.end))
        for step in way[1:]:
            inner = inner.join(_named(step.end), on=_on(step), copy=False)
        if not first.to_one and not self._is_key_required(first):
            inner = inner.where(exp.Not(this=exp.Is(this=key.copy(), expression=exp.Null())), copy=False)
        return first, inner

    def _is_key_required(self, step: Step) -> bool:
        return all(not c.facts.nullable for c in self._of(self._facts(step.end)) if c.facts.name in step.keys)

    def _in(self, step: Step, inner: exp.Select) -> exp.Expr:
        own = exp.column(step.columns[0], table=step.start[1], quoted=True)
        return exp.In(this=own, query=exp.Subquery(this=inner))

    def _facts(self, name: tuple[str, str]) -> TableFacts:
        return next(table for table in self._vocabulary.facts.tables if name_of(table) == name)

    def _expression(self, shown: Shown, *, alias: bool = True) -> exp.Expr:
        if not shown.agg:
            assert shown.column is not None
            return _column(shown.column)
        inner: exp.Expr = exp.Star() if shown.column is None else _column(shown.column)
        if shown.distinct:
            inner = exp.Distinct(expressions=[inner])
        made = _AGG[shown.agg](this=inner)
        return exp.alias_(made, alias_of(shown), quoted=True) if alias else made


def _check_possible(filters: list[Filter]) -> None:
    """Two conditions on a column that no value meets were meant for two rows."""
    for n, one in enumerate(filters):
        for other in filters[n + 1 :]:
            if one.column is not other.column or one.negated or other.negated:
                continue
            ops = {one.op[0], other.op[0]}
            if one.op == other.op or ("=" in ops) or (ops == {"<", ">"} and not _overlap(one, other)):
                raise NotReadError(f"Two conditions on {one.column.facts.name} don't go together.")


def _overlap(one: Filter, other: Filter) -> bool:
    low, high = (one, other) if one.op[0] == ">" else (other, one)
    first, second = low.values[0], high.values[0]
    if isinstance(first, int | float) and isinstance(second, int | float):
        return first < second
    return str(first) < str(second)


def alias_of(shown: Shown) -> str:
    if shown.column is None:
        return "count"
    return f"{shown.agg}_{shown.column.facts.name}"


def _distinct(tables: Iterable[TableFacts]) -> list[TableFacts]:
    return list({name_of(table): table for table in tables}.values())


def _table(table: TableFacts) -> exp.Table:
    return _named(name_of(table))


def _named(name: tuple[str, str]) -> exp.Table:
    return exp.table_(name[1], db=name[0] or None, quoted=True)


def _column(column: Column) -> exp.Column:
    return exp.column(column.facts.name, table=column.table.name, quoted=True)


def _on(step: Step) -> exp.Expr:
    pairs = [
        exp.EQ(
            this=exp.column(one, table=step.start[1], quoted=True),
            expression=exp.column(other, table=step.end[1], quoted=True),
        )
        for one, other in zip(step.columns, step.keys, strict=True)
    ]
    return exp.and_(*pairs, copy=False)


def _condition(told: Filter) -> Iterable[exp.Expr]:
    if told.period is not None:
        first, last = told.period.first, told.period.last
        if first != EARLIEST:
            yield exp.GTE(this=_column(told.column), expression=exp.Literal.string(first.isoformat()))
        if last != LATEST:
            until = (last + timedelta(days=1)).isoformat()
            yield exp.LT(this=_column(told.column), expression=exp.Literal.string(until))
        return
    made = _compared(told)
    yield exp.Not(this=exp.Paren(this=made)) if told.negated else made


def _compared(told: Filter) -> exp.Expr:
    column = _column(told.column)
    values = [_literal(value) for value in told.values]
    if told.op == "between":
        return exp.Between(this=column, low=values[0], high=values[1])
    if told.op == "in":
        return exp.In(this=column, expressions=values)
    if told.op == "like":
        return exp.Like(this=column, expression=values[0])
    return _COMPARE[told.op](this=column, expression=values[0])


def _literal(value: object) -> exp.Expr:
    if isinstance(value, str):
        return exp.Literal.string(value)
    if isinstance(value, int | float):
        return exp.Neg(this=exp.Literal.number(-value)) if value < 0 else exp.Literal.number(value)
    raise NotReadError("That value can't be written.")
