"""Every name of a statement resolved as the database would, and written out: which table, which column.

Promises: a table is one of the schema's or one that the statement itself makes (WITH, FROM); a column is one of those
that may be read, and is written with its table, so that it can mean nothing else; ``*`` becomes the columns that may
be read. Without a schema any table passes but the catalogs, and names stay as they are. The tree is changed in place.

Sources: PostgreSQL 7.2-7.8 and SELECT's "GROUP BY" and "ORDER BY" clauses, MySQL "SELECT Statement" and "Problems with
Column Aliases", sqlite.org/lang_select.html: a name in ORDER BY is a result's first; in GROUP BY a column's first.

Held by tests/unit/actors/database/test_names.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from sqlglot import exp

from actors.database.dialects import Family
from actors.database.functions import COLUMNS_OF, COLUMNS_OF_SQLITE
from actors.database.refusal import Refused, Rule, place
from actors.database.schema import Schema, TableNames, named
from actors.database.scope import SPELLED, Scope, Source, spelled, written

Columns = tuple[str, ...] | None

TABLE_OF = "ragleap_table"  # a Table node's meta: the TableNames that it reads

_CATALOGS = re.compile(
    r"(pg_.*|information_schema|performance_schema|mysql|sys|sqlite_.*|pragma_.*|dbstat|bytecode|tables_used|temp)",
    re.IGNORECASE,
)
_MAX_TABLES = 40
_SHOWN = 12


def resolve(tree: exp.Expression, family: Family, schema: Schema | None) -> None:
    """Raises Refused for a name that means nothing that may be read."""
    _Names(family, schema).query(tree, Scope())


def check_spelled(nodes: Iterable[exp.Expression]) -> None:
    """Raises Refused for a name in a place that :func:`resolve` does not reach."""
    for node in nodes:
        if isinstance(node, exp.Identifier) and SPELLED not in node.meta:
            raise Refused(Rule.FORM, f"It is not clear what the name {node.name} means here.", place(node))


class _Names:
    def __init__(self, family: Family, schema: Schema | None) -> None:
        self._family = family
        self._schema = schema
        self._tables = 0

    # ------------------------------------------------------------------ queries

    def query(
        self, node: exp.Expression, scope: Scope, first: Callable[[Columns], None] = lambda columns: None
    ) -> Columns:
        """A query inside ``scope``; its columns. ``first`` is told those of a union's first part before the others."""
        if isinstance(node, exp.Subquery):
            return self._parenthesised(node, scope, first)
        if isinstance(node, exp.SetOperation):
            return self._set_operation(node, scope, first)
        if isinstance(node, exp.Values):
            self._expressions(node, scope)
            return self._values_columns(node)
        if not isinstance(node, exp.Select):
            raise Refused(Rule.FORM, "A query must be a SELECT.", place(node))
        columns = self._select(node, scope)
        first(columns)
        return columns

    def _parenthesised(self, node: exp.Subquery, scope: Scope, first: Callable[[Columns], None]) -> Columns:
        inner = scope.inner()
        self._with(node, inner)
        columns = self.query(node.this, inner, first)
        self._order_by_results(node, inner, columns)
        return columns

    def _set_operation(self, node: exp.SetOperation, scope: Scope, first: Callable[[Columns], None]) -> Columns:
        inner = scope.inner()
        self._with(node, inner)
        columns = self.query(node.this, inner, first)
        self.query(node.expression, inner)
        self._order_by_results(node, inner, columns)
        return columns

    def _order_by_results(self, node: exp.Expression, scope: Scope, columns: Columns) -> None:
        """ORDER BY of a union sees the names of its results and nothing else."""
        order = node.args.get("order")
        if order is None:
            return
        scope.sources = [Source("", columns)]
        for column in list(order.find_all(exp.Column)):
            name = written(column.this, self._family)
            found = name if columns is None else named(name, columns)
            if column.args.get("table") is not None or found is None:
                raise Refused(Rule.COLUMN, f"{name} is no column of the results that are ordered.", place(column))
            column.set("this", spelled(found))

    def _with(self, node: exp.Expression, scope: Scope) -> None:
        with_ = node.args.get("with_")
        if with_ is None:
            return
        for cte in with_.expressions:
            alias = cte.args["alias"]
            name = written(alias.this, self._family)
            own = [written(column, self._family) for column in alias.args.get("columns") or ()]

            def known(columns: Columns, name: str = name, own: list[str] = own) -> None:
                scope.ctes[name] = _renamed(columns, own)

            recursive = with_.args.get("recursive") or self._family is Family.SQLITE
            columns = self.query(cte.this, scope, known if recursive else lambda columns: None)
            known(columns)
            self._spell_alias(alias)

    def _select(self, node: exp.Select, around: Scope) -> Columns:
        scope = around.inner()
        self._with(node, scope)
        from_ = node.args.get("from_")
        if from_ is not None:
            self._source(from_.this, scope)
        for join in node.args.get("joins") or ():
            self._join(join, scope)
        for lateral in node.args.get("laterals") or ():
            self._source(lateral, scope)
        self._stars(node, scope)
        distinct = node.args.get("distinct")
        for expression in (*node.expressions, *([distinct] if distinct is not None else [])):
            if not expression.is_star:
                self._expressions(expression, scope)
        columns = tuple(self._result(expression, number) for number, expression in enumerate(node.expressions))
        scope.results = {name: number for number, name in reversed(list(enumerate(columns))) if name}
        for clause in ("where", "group", "having", "order"):
            if (part := node.args.get(clause)) is not None:
                self._clause(clause, part, node, scope)
        for window in node.args.get("windows") or ():
            self._expressions(window, scope)
        return None if any(expression.is_star for expression in node.expressions) else columns

    # ------------------------------------------------------------------ FROM

    def _join(self, join: exp.Join, scope: Scope) -> None:
        left = list(scope.sources)
        self._source(join.this, scope)
        if (on := join.args.get("on")) is not None:
            self._expressions(on, scope)
        using = join.args.get("using") or []
        for number, identifier in enumerate(using):
            name = written(identifier, self._family)
            right = scope.sources[len(left) :]
            on_both = [Scope(sources=side).having(name) for side in (left, right)]
            if not all(on_both):
                raise Refused(Rule.COLUMN, f"USING needs a column {name} on both sides.", place(identifier))
            using[number] = spelled(on_both[0][0][1])
            scope.merged.add(on_both[0][0][1].lower())
        join.set("using", using)

    def _source(self, node: exp.Expression, scope: Scope) -> None:
        """Something that FROM names; what it brings is in reach afterwards."""
        if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
            self._table(node, scope)
        elif isinstance(node, exp.Subquery) and isinstance(node.this, exp.Table | exp.Subquery) and _holds_joins(node):
            self._source(node.this, scope)
            for join in node.args.get("joins") or ():
                self._join(join, scope)
        elif isinstance(node, exp.Subquery):
            self._derived(node, node.this, Scope(around=scope.around, ctes=scope.ctes), scope)
        elif isinstance(node, exp.Lateral) and isinstance(node.this, exp.Subquery):
            self._derived(node, node.this, scope, scope)
        elif isinstance(node, exp.Values):
            self._expressions(node, Scope(around=scope.around))
            self._bring(node, self._values_columns(node), scope)
        else:
            self._function(node, scope)
        for join in node.args.get("joins") or () if isinstance(node, exp.Table) else ():
            self._join(join, scope)

    def _table(self, node: exp.Table, scope: Scope) -> None:
        self._tables += 1
        if self._tables > _MAX_TABLES:
            raise Refused(Rule.SIZE, f"A statement may read {_MAX_TABLES} tables.", place(node))
        name, schema = written(node.this, self._family), written(node.args.get("db"), self._family)
        if not schema:
            cte = scope.cte(name)
            if cte is not None:
                node.set("this", spelled(cte.name))
                self._bring(node, cte.columns, scope, name)
                return
        if _CATALOGS.fullmatch(name) or _CATALOGS.fullmatch(schema):
            raise Refused(Rule.CATALOG, f"{name} is the database's own; such tables are not read.", place(node))
        if self._schema is None:
            node.set("this", spelled(name))
            node.set("db", spelled(schema) if schema else None)
            self._bring(node, None, scope, name)
            return
        table = self._found(node, name, schema, self._schema)
        node.set("this", spelled(table.name))
        node.set("db", spelled(table.schema) if table.schema else None)
        node.meta[TABLE_OF] = table
        if (alias := node.args.get("alias")) is not None and alias.args.get("columns"):
            raise Refused(Rule.FORM, "The columns of a table may not be renamed in FROM.", place(alias))
        self._bring(node, table.columns, scope, name)

    def _found(self, node: exp.Table, name: str, schema: str, tables: Schema) -> TableNames:
        found = tables.find(name, schema)
        if len(found) == 1:
            return found[0]
        if found:
            raise Refused(Rule.TABLE, f"There is more than one table {name}; name its schema too.", place(node))
        there = ", ".join(sorted(table.name for table in tables.tables)[:_SHOWN])
        raise Refused(Rule.TABLE, f"There is no table {name} that may be read. There is: {there}.", place(node))

    def _derived(self, node: exp.Expression, query: exp.Expression, seen: Scope, scope: Scope) -> None:
        inner = seen.inner()
        if isinstance(node, exp.Subquery):
            self._with(node, inner)
        columns = self.query(query, inner)
        self._order_by_results(node, Scope(), columns)
        self._bring(node, columns, scope)

    def _function(self, node: exp.Expression, scope: Scope) -> None:
        """A function in FROM: its arguments see what stands before it."""
        call = node.this if isinstance(node, exp.Table | exp.Lateral) else node
        if not isinstance(call, exp.Anonymous | exp.Unnest):
            raise Refused(Rule.FORM, "Only tables, queries and functions may stand in FROM.", place(node))
        for argument in call.expressions:
            self._expressions(argument, scope)
        name = "unnest" if isinstance(call, exp.Unnest) else str(call.this).lower()
        known = (COLUMNS_OF_SQLITE if self._family is Family.SQLITE else COLUMNS_OF).get(name, (name,))
        alias = node.args.get("alias")
        if alias is not None and known == (name,) and alias.this is not None:
            known = (written(alias.this, self._family),)
        if node.args.get("ordinality") or node.args.get("offset"):
            known = (*known, "ordinality")
        self._bring(node, known, scope, name)

    def _bring(self, node: exp.Expression, columns: Columns, scope: Scope, name: str = "") -> None:
        alias = node.args.get("alias")
        if alias is None and name:
            alias = exp.TableAlias(this=spelled(name))
            node.set("alias", alias)
        elif alias is None:
            if self._family is not Family.SQLITE:
                raise Refused(Rule.SYNTAX, "A query in FROM needs a name: (…) AS name.", place(node))
            scope.sources.append(Source("", columns))
            return
        own = [written(column, self._family) for column in alias.args.get("columns") or ()]
        self._spell_alias(alias)
        if named(alias.this.name, scope.names()) is not None:
            raise Refused(Rule.TABLE, f"Two tables are called {alias.this.name} here.", place(node))
        scope.sources.append(Source(alias.this.name, _renamed(columns, own)))

    def _spell_alias(self, alias: exp.Expression) -> None:
        alias.set("this", spelled(written(alias.this, self._family)))
        columns = alias.args.get("columns") or []
        alias.set("columns", [spelled(written(column, self._family)) for column in columns])

    def _values_columns(self, node: exp.Values) -> Columns:
        rows = node.expressions
        width = len(rows[0].expressions) if rows and isinstance(rows[0], exp.Tuple) else 1
        start = 0 if self._family is Family.MYSQL else 1
        named_by = "column_" if self._family is Family.MYSQL else "column"
        return tuple(f"{named_by}{number + start}" for number in range(width))

    # ------------------------------------------------------------------ SELECT's list

    def _stars(self, node: exp.Select, scope: Scope) -> None:
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

    def _result(self, expression: exp.Expression, number: int) -> str:
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

    def _clause(self, clause: str, part: exp.Expression, select: exp.Select, scope: Scope) -> None:
        """WHERE, GROUP BY, HAVING, ORDER BY: where the results' own names mean something too, put in what they mean."""
        if clause in ("group", "order"):
            for item in list(part.find_all(exp.Column)):
                bare = item.parent is part or (isinstance(item.parent, exp.Ordered) and item.parent.parent is part)
                if bare and not item.args.get("table") and self._bare_result(clause, item, scope):
                    continue
        by_name = self._family is not Family.POSTGRES
        self._expressions(part, scope, select if by_name else None)

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

    def _expressions(self, node: exp.Expression, scope: Scope, select: exp.Select | None = None) -> None:
        """Resolve the columns under ``node``; queries inside get a scope of their own.

        ``select``: whose results' names may be used here as well.
        """
        waiting = [node]
        while waiting:
            here = waiting.pop()
            if isinstance(here, exp.Query | exp.Subquery):
                self.query(here, scope)
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


def _renamed(columns: Columns, own: list[str]) -> Columns:
    if columns is None:
        return tuple(own) or None
    return (*own, *columns[len(own) :])


def _holds_joins(node: exp.Subquery) -> bool:
    """(a JOIN b): parentheses around tables, not around a query."""
    inner = node.this
    while isinstance(inner, exp.Subquery):
        inner = inner.this
    return isinstance(inner, exp.Table)
