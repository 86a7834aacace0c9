"""The columns of one SELECT: its list written out, its clauses' names resolved (:mod:`names` has the tables).

Held by tests/unit/actors/database/test_names.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlglot import exp

from actors.database.dialects import Family
from actors.database.refusal import Refused, Rule, place
from actors.database.schema import named
from actors.database.scope import Columns, Scope, Source, spelled, written

_SHOWN = 12


class ColumnNames:
    """``query`` resolves a query that stands inside of an expression, in the scope around it."""

    def __init__(self, family: Family, query: Callable[[exp.Expression, Scope], Columns]) -> None:
        self._family = family
        self._query = query

    def stars(self, node: exp.Select, scope: Scope) -> None:
        """Write out ``*`` and ``table.*``."""
        results: list[exp.Expression] = []
        for expression in node.expressions:
            if isinstance(expression, exp.Star):
                results.extend(self._star(expression, scope.sources, scope.merged))
            elif isinstance(expression, exp.Column) and isinstance(expression.this, exp.Star):
                source = scope.source(written(expression.args.get("table"), self._family))
                if source is None:
                    raise Refused(Rule.TABLE, f"{expression.table} names no table of this query.", place(expression))
                results.extend(self._star(expression, [source], set()))
            else:
                results.append(expression)
        if not results:
            raise Refused(Rule.COLUMN, "Nothing of these tables may be read.", place(node))
        node.set("expressions", results)

    def _star(self, star: exp.Expression, sources: list[Source], merged: set[str]) -> Iterator[exp.Expression]:
        if not sources:
            raise Refused(Rule.SYNTAX, "There is no table that * could mean.", place(star))
        if any(source.columns is None for source in sources):
            if isinstance(star, exp.Column):
                star.set("table", spelled(sources[0].name))
            yield star
            return
        given: set[str] = set()
        for source in sources:
            for column in source.columns or ():
                if column.lower() in merged:
                    if column.lower() not in given:
                        given.add(column.lower())
                        yield exp.Column(this=spelled(column))
                else:
                    yield _column(column, source)

    def result(self, expression: exp.Expression, number: int) -> str:
        """The name of a result; those that a query around it may use are written out."""
        if isinstance(expression, exp.Alias):
            name = written(expression.args["alias"], self._family)
            expression.set("alias", spelled(name))
            return name
        if isinstance(expression, exp.Column):
            return expression.name
        if self._family is Family.POSTGRES:
            inner = expression.this if isinstance(expression, exp.Cast) else expression
            if isinstance(inner, exp.Window | exp.Filter | exp.WithinGroup):
                inner = inner.find(exp.Anonymous) or inner
            if isinstance(inner, exp.Column):
                return inner.name
            if isinstance(inner, exp.Anonymous):
                return str(inner.this).lower()
            if isinstance(inner, exp.Func) and not isinstance(inner, exp.Case):
                return str(inner.sql_name()).lower()
        return ""

    # ------------------------------------------------------------------ clauses and columns

    def clause(self, clause: str, part: exp.Expression, select: exp.Select, scope: Scope) -> None:
        """WHERE, GROUP BY, HAVING, ORDER BY: where the results' own names mean something too, put in what they mean."""
        if clause in ("group", "order"):
            for item in list(part.find_all(exp.Column)):
                bare = item.parent is part or (isinstance(item.parent, exp.Ordered) and item.parent.parent is part)
                if bare and not item.args.get("table") and self._bare_result(clause, item, scope):
                    continue
        by_name = self._family is not Family.POSTGRES
        self.expressions(part, scope, select if by_name else None)

    def _bare_result(self, clause: str, item: exp.Column, scope: Scope) -> bool:
        """A result's name alone in GROUP BY or ORDER BY is written as the result's place."""
        name = written(item.this, self._family)
        result = named(name, scope.results)
        if result is None or (clause == "group" and (scope.having(name) or not scope.known())):
            return False
        if not scope.known() and clause == "order":
            item.replace(exp.Column(this=spelled(result)))
        else:
            item.replace(exp.Literal.number(scope.results[result] + 1))
        return True

    def expressions(self, node: exp.Expression, scope: Scope, select: exp.Select | None = None) -> None:
        """Resolve the columns under ``node``; queries inside get a scope of their own.

        ``select``: whose results' names may be used here as well.
        """
        waiting = [node]
        while waiting:
            here = waiting.pop()
            if isinstance(here, exp.Query | exp.Subquery):
                self._query(here, scope)
            elif isinstance(here, exp.Column):
                self._resolve(here, scope, select)
            else:
                if isinstance(here, exp.Window):
                    self._window_names(here)
                waiting.extend(here.iter_expressions())

    def _window_names(self, window: exp.Window) -> None:
        for part in ("this", "alias"):
            if isinstance(identifier := window.args.get(part), exp.Identifier):
                window.set(part, spelled(written(identifier, self._family)))

    def _resolve(self, column: exp.Column, scope: Scope, select: exp.Select | None) -> None:
        if isinstance(column.this, exp.Star):
            raise Refused(Rule.FORM, "table.* may stand in the list of SELECT only.", place(column))
        name = written(column.this, self._family)
        if column.args.get("table") is not None:
            self._of_table(column, name, scope)
            return
        here: Scope | None = scope
        while here is not None:
            found = here.having(name)
            if name.lower() in here.merged and found:
                column.set("this", spelled(found[0][1]))
                return
            if any(source.columns is None for source in here.sources):
                column.set("this", spelled(name))
                return
            if len(found) > 1:
                tables = " and ".join(source.name for source, _ in found)
                raise Refused(Rule.COLUMN, f"{name} is a column of {tables}; say which.", place(column))
            if found:
                column.replace(_column(found[0][1], found[0][0], column))
                return
            here = here.around
        self._no_column(column, name, scope, select)

    def _of_table(self, column: exp.Column, name: str, scope: Scope) -> None:
        table = written(column.args["table"], self._family)
        source = scope.source(table)
        if source is None:
            raise Refused(Rule.TABLE, f"{table} names no table of this query.", place(column.args["table"]))
        if source.columns is None:
            own: str | None = name
        else:
            own = named(name, source.columns)
        if own is None:
            raise self._missing(column, name, [source])
        column.replace(_column(own, source, column))

    def _no_column(self, column: exp.Column, name: str, scope: Scope, select: exp.Select | None) -> None:
        result = named(name, scope.results) if select is not None else None
        if select is not None and result is not None:
            meant = select.expressions[scope.results[result]]
            column.replace(exp.paren(meant.unalias().copy(), copy=False))
            return
        listed = isinstance(column.parent, exp.Select | exp.Alias)
        if self._family is Family.SQLITE and column.this.args.get("quoted") and not listed:
            column.replace(exp.Literal.string(name))  # what SQLite itself makes of it
            return
        raise self._missing(column, name, scope.sources)

    def _missing(self, column: exp.Column, name: str, sources: list[Source]) -> Refused:
        there = "; ".join(f"{s.name} has {', '.join((s.columns or ())[:_SHOWN])}" for s in sources[:4])
        said = f"There is no column {name} here that may be read." + (f" {there}." if there else "")
        return Refused(Rule.COLUMN, said, place(column))


def _column(name: str, source: Source, at: exp.Expression | None = None) -> exp.Column:
    made = exp.Column(this=spelled(name), table=spelled(source.name) if source.name else None)
    if at is not None:
        made.this.meta.update({**at.this.meta, **made.this.meta})
    return made
