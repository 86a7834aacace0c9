"""The one statement that SQLite and PostgreSQL are given in different words: INSERT … ON CONFLICT.

Held by tests/unit/runtime/test_inbox.py and tests/unit/runtime/test_reminders.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def upsert(connection: Connection, table: Table) -> Any:
    """An INSERT with ``on_conflict_do_nothing`` / ``on_conflict_do_update`` for the connection's dialect."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def upsert_once(table: Table, finish: Callable[[Any], Any]) -> Callable[[Connection], Any]:
    """:func:`upsert` for a statement that is executed for every message: ``finish`` builds it once for each dialect,
    because building statements is most of what a message costs (measured)."""
    built = {"sqlite": finish(sqlite.insert(table)), "postgresql": finish(postgresql.insert(table))}
    return lambda connection: built[connection.dialect.name]
