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
from collections.abc import Callable, Iterable

from sqlglot import exp

from actors.database.column_names import ColumnNames
from actors.database.dialects import Family
from actors.database.functions import COLUMNS_OF, COLUMNS_OF_SQLITE
from actors.database.refusal import Refused, Rule, place
from actors.database.schema import Schema, TableNames, named
from actors.database.scope import SPELLED, Columns, Scope, Source, spelled, written

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
        self._columns = ColumnNames(family, self.query)
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
            self._columns.expressions(node, scope)
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
        self._columns.stars(node, scope)
        distinct = node.args.get("distinct")
        for expression in (*node.expressions, *([distinct] if distinct is not None else [])):
            if not expression.is_star:
                self._columns.expressions(expression, scope)
        columns = tuple(self._columns.result(expression, number) for number, expression in enumerate(node.expressions))
        scope.results = {name: number for number, name in reversed(list(enumerate(columns))) if name}
        for clause in ("where", "group", "having", "order"):
            if (part := node.args.get(clause)) is not None:
                self._columns.clause(clause, part, node, scope)
        for window in node.args.get("windows") or ():
            self._columns.expressions(window, scope)
        return None if any(expression.is_star for expression in node.expressions) else columns

    # ------------------------------------------------------------------ FROM

    def _join(self, join: exp.Join, scope: Scope) -> None:
        left = list(scope.sources)
        self._source(join.this, scope)
        if (on := join.args.get("on")) is not None:
            self._columns.expressions(on, scope)
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
            self._columns.expressions(node, Scope(around=scope.around))
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
            self._columns.expressions(argument, scope)
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
