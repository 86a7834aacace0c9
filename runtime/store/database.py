"""The database's engines: one writer and a few readers, SQLite or PostgreSQL by URL, migrated at start.

SQLite: WAL, synchronous=FULL, and explicit BEGIN IMMEDIATE, so that a commit is on disk and savepoints work
(https://docs.sqlalchemy.org/en/21/dialects/sqlite.html, "Serializable isolation / Savepoints / Transactional DDL").

Held by tests/unit/runtime/test_journal.py, tests/unit/runtime/test_migrations.py and
tests/unit/runtime/test_local_cell.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from runtime.errors import Invalid, Unavailable
from runtime.store.postgres import open_postgres
from runtime.store.wall import ACROSS_TENANTS, enter, raise_wall

READERS = 4
BUSY_MS = 5_000
EXAMPLE = "Use one such as postgresql://ragleap:password@host/ragleap, or leave it out."
_MIGRATING = 0x7261676C656170  # the advisory lock of whoever migrates: "ragleap" in ASCII


def open_engine(url: str, *, read_only: bool = False, pool_size: int = READERS) -> Engine:
    """An engine whose connections promise durability (writer) or refuse to write (``read_only``)."""
    if url.startswith("sqlite"):
        engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            connect_args={"timeout": BUSY_MS / 1000, "check_same_thread": False},
        )
        _sqlite_events(engine, read_only)
        return engine
    if url.startswith("postgresql"):
        return open_postgres(url, read_only=read_only, pool_size=pool_size)
    raise Invalid(f"{url.split(':', 1)[0]} is not a database for the journal.", do=EXAMPLE)


def migrate(engine: Engine) -> None:
    """Bring the schema to this version, and every table of tenants behind the wall. Safe to call at every start, by
    several processes at once."""
    from alembic import command  # here, because only the cell migrates and every other process would carry its weight
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL lock_timeout = '60s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
        enter(connection, ACROSS_TENANTS)  # a migration may move every tenant's rows
        command.upgrade(config, "head")
        raise_wall(connection)
        connection.commit()


def prepare(url: str) -> None:
    """:func:`migrate` the database at ``url``, made if it is a file that is not there, and let go of it."""
    engine = open_engine(url, pool_size=1)
    try:
        migrate(engine)
    finally:
        engine.dispose()


def reach(url: str) -> None:
    """Connect once. Raises Invalid where ``url`` is none, Unavailable where the database can't be reached, Terminal
    where its role or its encoding won't do; each says it in one sentence."""
    try:
        engine = open_engine(url, pool_size=1)
    except SQLAlchemyError as error:
        raise Invalid("RAGLEAP_DATABASE_URL is not a database's URL.", do=EXAMPLE) from error
    try:
        with engine.connect():
            pass
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise Unavailable(f"The database can't be reached: {reason}.", do="See RAGLEAP_DATABASE_URL.") from error
    finally:
        engine.dispose()


def _sqlite_events(engine: Engine, read_only: bool) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy's begin event below starts the transactions
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA mmap_size=0")
        cursor.execute("PRAGMA cache_size=-4000")
        cursor.execute(f"PRAGMA query_only={'ON' if read_only else 'OFF'}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
