"""A database's tables, columns, types, keys, comments and examples, read over a connection that can only read.

Promises: bounded in tables, columns, examples and time; a table that can't be read (a view over something that has
gone) is left without examples; nothing private becomes an example.

Held by tests/integration/database/test_introspect.py.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, column, func, inspect, select, table
from sqlalchemy.engine.reflection import Inspector, ObjectKind
from sqlalchemy.exc import SQLAlchemyError

from actors.database.answer import plain
from actors.database.dialects import Family
from actors.database.facts import ColumnFacts, DatabaseFacts, Link, TableFacts
from actors.database.privacy import Privacy, privacy_of

MAX_TABLES = 500
MAX_COLUMNS = 200
SECONDS = 30.0
_WITH_EXAMPLES = 100
_FIRST_ROWS = 5_000
_FEW = 30
_LONGEST = 60
_OWN = ("pg_", "information_schema")
_ORDERED = ("int", "numeric", "decimal", "real", "double", "float", "date", "time")
_TEXTS = ("char", "text", "enum")


def read_facts(connection: Connection, family: Family, allowed: Collection[str] = ()) -> DatabaseFacts:
    """Blocking. ``connection`` is in a reading transaction (:meth:`Reader.work`). ``allowed`` as
    :meth:`DatabaseFacts.schema` has it: tables that it does not name are not looked at."""
    inspector = inspect(connection)
    tables: list[TableFacts] = []
    for schema in _schemas(connection, inspector, family):
        tables.extend(table for table in _tables(inspector, schema) if not allowed or table.is_named_in(allowed))
    told = sorted(tables, key=lambda each: (each.schema, each.name))[:MAX_TABLES]
    until = time.monotonic() + SECONDS / 2
    with_examples = [
        _exampled(connection, each) if number < _WITH_EXAMPLES and time.monotonic() < until else each
        for number, each in enumerate(told)
    ]
    return DatabaseFacts(tables=tuple(with_examples), left_out=len(tables) - len(told))


def _schemas(connection: Connection, inspector: Inspector, family: Family) -> list[str]:
    if family is Family.SQLITE:
        return ["main"]
    if family is Family.MYSQL:
        return [str(connection.engine.url.database)]
    return [name for name in inspector.get_schema_names() if not name.startswith(_OWN)]


def _tables(inspector: Inspector, schema: str) -> list[TableFacts]:
    try:
        return list(_read(inspector, schema))
    except SQLAlchemyError:
        if inspector.dialect.name == "postgresql":  # its transaction is over
            raise
    found: list[TableFacts] = []
    for name in (*inspector.get_table_names(schema), *inspector.get_view_names(schema)):
        with contextlib.suppress(SQLAlchemyError):  # a view over something that has gone
            found.extend(_read(inspector, schema, [name]))
    return found


def _read(inspector: Inspector, schema: str, only: list[str] | None = None) -> Iterator[TableFacts]:
    kind = ObjectKind.ANY
    keys: Mapping[Any, Any] = inspector.get_multi_pk_constraint(schema=schema, filter_names=only, kind=kind)
    links = inspector.get_multi_foreign_keys(schema=schema, filter_names=only, kind=kind)
    try:
        comments: Mapping[Any, Any] = inspector.get_multi_table_comment(schema=schema, filter_names=only, kind=kind)
    except NotImplementedError:
        comments = {}
    for name, columns in inspector.get_multi_columns(schema=schema, filter_names=only, kind=kind).items():
        yield TableFacts(
            name=name[1],
            schema=schema,
            columns=tuple(_column(told) for told in columns[:MAX_COLUMNS]),
            key=tuple((keys.get(name) or {}).get("constrained_columns") or ()),
            links=tuple(_link(told, schema) for told in links.get(name) or ()),
            comment=str((comments.get(name) or {}).get("text") or ""),
        )


def _column(told: Mapping[str, Any]) -> ColumnFacts:
    type_ = str(told["type"]).lower()
    return ColumnFacts(
        name=told["name"],
        type=type_,
        nullable=bool(told.get("nullable", True)),
        comment=str(told.get("comment") or ""),
        privacy=privacy_of(told["name"], type_),
    )


def _link(told: Mapping[str, Any], schema: str) -> Link:
    return Link(
        columns=tuple(told["constrained_columns"]),
        schema=told.get("referred_schema") or schema,
        table=told["referred_table"],
        keys=tuple(told["referred_columns"]),
    )


def _exampled(connection: Connection, facts: TableFacts) -> TableFacts:
    try:
        with connection.begin_nested() if connection.dialect.name == "postgresql" else contextlib.nullcontext():
            return replace(facts, columns=tuple(_with_examples(connection, facts)))
    except SQLAlchemyError:
        return facts  # a view over something that has gone, a table of somebody else's


def _with_examples(connection: Connection, facts: TableFacts) -> Iterator[ColumnFacts]:
    """Text columns with few values get them, columns with an order their ends; one statement a column."""
    source = table(facts.name, schema=facts.schema)
    for each in facts.columns:
        is_text, is_ordered = (any(word in each.type for word in words) for words in (_TEXTS, _ORDERED))
        if each.privacy is not Privacy.OPEN or not (is_text or is_ordered) or each.name in facts.key:
            yield each
            continue
        first = select(column(each.name).label("it")).select_from(source).limit(_FIRST_ROWS).subquery()
        if is_ordered:
            low, high = connection.execute(select(func.min(first.c.it), func.max(first.c.it))).one()
            yield replace(each, low=plain(low), high=plain(high))
            continue
        few = select(first.c.it).where(first.c.it.is_not(None)).distinct().order_by(first.c.it).limit(_FEW + 1)
        values = [str(value) for value in connection.execute(few).scalars()]
        fits = len(values) <= _FEW and all(len(value) <= _LONGEST for value in values)
        yield replace(each, values=tuple(values)) if fits else each
