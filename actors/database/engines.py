"""Pools of connections that can only read: each family's own walls, beside the gate's.

PostgreSQL: READ ONLY transactions with a statement timeout, and no search path but the catalog's, so that a bare
name of a function is the built-in one. MySQL and MariaDB: READ ONLY transactions and the server's own time limit.
SQLite: the file opened read-only, ``query_only``, an authorizer that knows reading alone, a limit on the length of
values, and a clock that is looked at every 10,000 steps.

Sources: PostgreSQL "SET TRANSACTION" and 20.11; MySQL "START TRANSACTION" and ``max_execution_time``; MariaDB
``max_statement_time`` (seconds); sqlite.org/c3ref/set_authorizer.html and c3ref/progress_handler.html.

Held by tests/integration/database/test_reader.py.
"""

from __future__ import annotations

import contextlib
import math
import sqlite3
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Dialect, Engine, create_engine, event
from sqlalchemy.pool import NullPool, QueuePool

from actors.database.dialects import Family
from actors.database.functions import FUNCTIONS
from actors.database.route import Route
from actors.database.target import Target

_CONNECT_S = 5
UNTIL = "ragleap_until"  # a connection's info: when SQLite's clock stops it
_NAME = "ragleap-reads"
_RECYCLE_S = 600
_GRACE_S = 5
_LONGEST_VALUE = 8 * 1024 * 1024
_STEPS = 10_000
_ACTIONS = frozenset((sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE))
_CALLS = FUNCTIONS[Family.SQLITE] | {"->", "->>", "match", "regexp", "sqlite_version"}
_PRAGMAS = frozenset(
    ("table_info", "table_xinfo", "table_list", "foreign_key_list", "index_list", "index_info", "index_xinfo")
)


def open_reading(target: Target, *, connections: int, seconds: float, route: Route | None = None) -> Engine:
    """At most ``connections`` of them; whoever finds none free within ``seconds`` gets SQLAlchemy's TimeoutError.
    ``route``: where connections may lead; None: anywhere."""
    more: dict[str, Any] = {}
    if target.family is Family.POSTGRES:
        more["connect_args"] = {"connect_timeout": _CONNECT_S, "application_name": _NAME}
    elif target.family is Family.MYSQL:
        more["connect_args"] = {
            "connect_timeout": _CONNECT_S,
            "read_timeout": math.ceil(seconds) + _GRACE_S,
            "charset": "utf8mb4",
            "local_infile": False,
            "program_name": _NAME,
        }
    else:
        more["creator"] = _sqlite(target)
    engine = create_engine(
        target.url,
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=seconds,
        pool_recycle=_RECYCLE_S,
        pool_pre_ping=True,
        hide_parameters=True,
        **more,
    )
    if target.family is Family.SQLITE:
        event.listen(engine, "connect", _only_read)
    elif route is not None:
        _keep_to(engine, route)
    return engine


def begin_reading(connection: Connection, family: Family, seconds: float) -> None:
    """Make what follows on this connection, until its rollback, read-only and short."""
    if family is Family.POSTGRES:
        for statement in (
            "SET TRANSACTION READ ONLY",
            f"SET LOCAL statement_timeout = {math.ceil(seconds * 1000)}",
            "SET LOCAL lock_timeout = 1000",
            "SET LOCAL idle_in_transaction_session_timeout = 30000",
            "SET LOCAL standard_conforming_strings = on",
            "SET LOCAL search_path = pg_catalog",
            "SET LOCAL max_parallel_workers_per_gather = 0",
        ):
            connection.exec_driver_sql(statement)
    elif family is Family.MYSQL:
        maria = getattr(connection.dialect, "is_mariadb", False)
        limit = f"max_statement_time = {seconds:.3f}" if maria else f"max_execution_time = {math.ceil(seconds * 1000)}"
        # MariaDB would end a recursion after some rounds and give what it has, with no word about it.
        whole = ("max_recursive_iterations = 4294967295",) if maria else ()
        for setting in (limit, *whole, "lock_wait_timeout = 2", "sql_mode = 'NO_ENGINE_SUBSTITUTION'"):
            connection.exec_driver_sql(f"SET SESSION {setting}")
        connection.exec_driver_sql("START TRANSACTION READ ONLY")
    else:
        connection.info[UNTIL] = time.monotonic() + seconds


def end_statement(target: Target, thread: int, route: Route | None = None) -> None:
    """MySQL and MariaDB: stop what a connection of the same user is at, from a connection beside it."""
    limits = {"connect_timeout": 2, "read_timeout": 2}
    engine = create_engine(target.url, poolclass=NullPool, connect_args=limits)
    if route is not None:
        _keep_to(engine, route)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"KILL QUERY {thread:d}")
    finally:
        engine.dispose()


def _keep_to(engine: Engine, route: Route) -> None:
    """Each connection goes to an address that was checked for it; what the name resolves to later does not count.
    PostgreSQL's client keeps the name beside it, for TLS."""

    def connect(dialect: Dialect, record: Any, arguments: list[Any], named: dict[str, Any]) -> None:
        address = route.address(str(named.get("host") or ""), int(named.get("port") or 0))
        named["hostaddr" if dialect.name == "postgresql" else "host"] = address

    event.listen(engine, "do_connect", connect)


def _sqlite(target: Target) -> Callable[[], sqlite3.Connection]:
    address = f"file:{quote(str(target.file))}?mode=ro"
    return lambda: sqlite3.connect(address, uri=True, check_same_thread=False, isolation_level=None, timeout=1)


def _only_read(connection: Any, record: Any) -> None:
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    for setting in ("query_only = ON", "trusted_schema = OFF", "cell_size_check = ON", "cache_size = -8000"):
        connection.execute(f"PRAGMA {setting}")
    for statement in ("SELECT * FROM json_each('[]')", "SELECT * FROM json_tree('[]')"):
        with contextlib.suppress(sqlite3.OperationalError):  # a library without JSON
            connection.execute(statement)  # their tables are declared at the first use, which is no reading
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.set_authorizer(_allow)
    connection.set_progress_handler(lambda: time.monotonic() > record.info.get(UNTIL, math.inf), _STEPS)


def _allow(action: int, first: str | None, second: str | None, database: str | None, inner: str | None) -> int:
    if action in _ACTIONS:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and str(second).lower() in _CALLS:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA and str(first).lower() in _PRAGMAS:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY
