"""The SQL that an operator runs to make a user who can read some tables and do nothing else: the server's own wall.

Promises: pure; names are written as quoted identifiers, and what can't be quoted safely is refused; no password is in
it.

Sources: PostgreSQL "CREATE ROLE", "GRANT", "ALTER ROLE"; MySQL "GRANT Statement"; MariaDB "CREATE USER".

Held by tests/unit/actors/database/test_recipe.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from actors.database.dialects import Family
from runtime.errors import Invalid

PASSWORD = "choose-a-password"  # noqa: S105  # what the operator replaces
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$-]{0,62}")


def recipe(family: Family, *, database: str, user: str, tables: Sequence[str] = ()) -> str:
    """Statements, one a line, with comments. ``tables``: "orders" or "sales.orders"; none: all. Raises Invalid."""
    if family is Family.POSTGRES:
        return _lines(_postgres(database, user, tables))
    if family is Family.MYSQL:
        return _lines(_mysql(database, user, tables))
    return _lines(["-- A SQLite file has no users: it is opened read-only. Let RagLeap's system user read the file."])


def _postgres(database: str, user: str, tables: Sequence[str]) -> list[str]:
    name, base = _quoted(user, '"'), _quoted(database, '"')
    parts = [_of_schema(table, "public") for table in tables]
    schemas = list(dict.fromkeys(schema for schema, _ in parts)) or ["public"]
    lines = [
        f"-- Run it in the database {database}, as its owner or a superuser.",
        f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}' NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"
        " NOBYPASSRLS CONNECTION LIMIT 10;",
        f"ALTER ROLE {name} SET default_transaction_read_only = on;",
        f"ALTER ROLE {name} SET statement_timeout = '10s';",
        f"ALTER ROLE {name} SET temp_file_limit = '256MB';  -- a superuser may set this; leave it out otherwise",
        f"REVOKE CREATE ON SCHEMA public FROM PUBLIC, {name};",
        f"REVOKE TEMPORARY ON DATABASE {base} FROM PUBLIC, {name};",
        f"GRANT CONNECT ON DATABASE {base} TO {name};",
    ]
    for schema in schemas:
        lines.append(f"GRANT USAGE ON SCHEMA {_quoted(schema, chr(34))} TO {name};")
    if not tables:
        lines.append(f"GRANT SELECT ON ALL TABLES IN SCHEMA {_quoted('public', chr(34))} TO {name};")
    for schema, table in parts:
        lines.append(f"GRANT SELECT ON {_quoted(schema, chr(34))}.{_quoted(table, chr(34))} TO {name};")
    return lines


def _mysql(database: str, user: str, tables: Sequence[str]) -> list[str]:
    name = f"'{_checked(user)}'@'%'"
    lines = [
        "-- Run it as an administrator; replace % by the address that RagLeap connects from.",
        f"CREATE USER {name} IDENTIFIED BY '{PASSWORD}' WITH MAX_USER_CONNECTIONS 10;",
    ]
    if not tables:
        lines.append(f"GRANT SELECT, SHOW VIEW ON {_quoted(database, '`')}.* TO {name};")
    for schema, table in (_of_schema(each, database) for each in tables):
        lines.append(f"GRANT SELECT, SHOW VIEW ON {_quoted(schema, '`')}.{_quoted(table, '`')} TO {name};")
    return lines


def _of_schema(table: str, otherwise: str) -> tuple[str, str]:
    schema, _, name = table.rpartition(".")
    return schema or otherwise, name


def _quoted(name: str, mark: str) -> str:
    return f"{mark}{_checked(name)}{mark}"


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise Invalid(f"The name {name[:60]!r} is not written into SQL.", do="Write this GRANT by hand.")
    return name


def _lines(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
