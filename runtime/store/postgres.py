"""PostgreSQL's side of the journal: connections that keep its promises, and which of its failures pass.

Each connection is checked and bounded when it opens: the role must be under row-level security (superusers and
BYPASSRLS are refused), texts are UTF-8, a commit waits for the disk, and nothing of ours waits for ever. A process
that is stopped in the middle of a transaction (SIGSTOP, a frozen machine) loses it after ``IDLE_MS``, before its lease
ends, so that the next holder of a tenant never waits for it.

Held by tests/unit/runtime/test_wall.py, tests/integration/journal/test_lost_server.py and
tests/integration/journal/test_several_cells.py.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError, PendingRollbackError

from runtime.errors import Terminal

CONNECT_S = 5
STATEMENT_MS = 20_000
LOCK_MS = 5_000
IDLE_MS = 10_000

# The outside's fault, not the work's: serialization_failure, deadlock_detected, idle_in_transaction_session_timeout,
# admin_shutdown, crash_shutdown, cannot_connect_now.
_PASSING = frozenset({"40001", "40P01", "25P03", "57P01", "57P02", "57P03"})


def open_postgres(url: str, *, read_only: bool, pool_size: int) -> Engine:
    """An engine over psycopg. Opening its first connection raises Terminal where the role or the database won't do."""
    engine = create_engine(
        _with_driver(make_url(url)),
        pool_size=pool_size,
        max_overflow=0,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": CONNECT_S,
            "application_name": "ragleap",
            "client_encoding": "utf8",
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            "tcp_user_timeout": 10_000,
        },
    )

    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: object) -> None:
        try:
            _prepare(connection, read_only)
        except BaseException:
            connection.close()
            raise

    return engine


def passing(error: BaseException) -> bool:
    """Whether the same transaction may succeed on another connection or in another moment."""
    if isinstance(error, PendingRollbackError):  # used on after its connection was lost
        return True
    if not isinstance(error, DBAPIError) or not _is_postgres(error):
        return False
    state = sqlstate(error)
    unreached = state is None and isinstance(error, OperationalError)  # the server said nothing
    return error.connection_invalidated or unreached or (state or "") in _PASSING or (state or "")[:2] == "08"


def sqlstate(error: DBAPIError) -> str | None:
    """PostgreSQL's five characters for what went wrong, where it told."""
    return getattr(error.orig, "sqlstate", None)


def lock_not_free(error: DBAPIError) -> bool:
    """Whether a statement gave up on a lock that another transaction holds (lock_not_available)."""
    return sqlstate(error) == "55P03"


_PREPARE = """
SELECT rolsuper OR rolbypassrls, current_setting('server_encoding'),
    set_config('default_transaction_read_only', %s, false),
    set_config('default_transaction_isolation', %s, false),
    set_config('statement_timeout', %s, false),
    set_config('lock_timeout', %s, false),
    set_config('idle_in_transaction_session_timeout', %s, false),
    CASE current_setting('synchronous_commit') WHEN 'off' THEN set_config('synchronous_commit', 'on', false) END
FROM pg_roles WHERE rolname = current_user
"""


def _prepare(connection: Any, read_only: bool) -> None:
    # A read of several statements sees one moment, as on SQLite. A write that has to wait for another goes by what
    # that one has left (the epochs count on it).
    kind = ("on", "repeatable read") if read_only else ("off", "read committed")
    bounds = (str(STATEMENT_MS), str(LOCK_MS), str(IDLE_MS))
    above, encoding, *_ = connection.execute(_PREPARE, (*kind, *bounds)).fetchone()
    connection.commit()
    _take_any_text(connection)
    if above:
        raise Terminal(
            "The database's role is a superuser or bypasses row-level security, so tenants would not be walled off.",
            do="Give RAGLEAP_DATABASE_URL a role made with `CREATE ROLE ragleap LOGIN NOSUPERUSER NOBYPASSRLS`.",
        )
    if encoding != "UTF8":
        raise Terminal(
            f"The database's encoding is {encoding}, and texts are UTF-8.",
            do="Make one with `CREATE DATABASE ragleap OWNER ragleap ENCODING 'UTF8' TEMPLATE template0`.",
        )


def _take_any_text(connection: Any) -> None:
    """A NUL, which PostgreSQL's texts cannot hold, becomes U+FFFD: a message with one in it is answered like others."""
    from psycopg.types.string import StrDumperUnknown  # here, because a process on SQLite does without the driver

    class TextDumper(StrDumperUnknown):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\ufffd"))

    connection.adapters.register_dumper(str, TextDumper)


def _with_driver(url: URL) -> URL:
    return url.set(drivername="postgresql+psycopg")


def _is_postgres(error: DBAPIError) -> bool:
    return type(error.orig).__module__.partition(".")[0] == "psycopg"
