"""The second wall between tenants: on PostgreSQL, row-level security on every table that has a ``tenant_id``.

A transaction says for whom it works by the setting ``ragleap.tenant``: a tenant's id, or ``*`` for work that is across
tenants by nature (a key's look-up at the door, leases, the job queue, migrations). Only :func:`enter` sets it, and it
ends with the transaction; without it no row is seen and none can be written. Policies are forced, so that they hold
for the tables' owner too; a role that is above them (superuser, BYPASSRLS) is refused by
:mod:`runtime.store.postgres`. SQLite has no such wall, and everything here does nothing there.

Held by tests/unit/runtime/test_wall.py.
"""

from __future__ import annotations

import enum
from typing import Final, TypeAlias

from sqlalchemy import Connection, text

from runtime.errors import Terminal

SETTING = "ragleap.tenant"


class AcrossTenants(enum.Enum):
    """The one value that stands for no tenant in particular."""

    ALL = "*"


ACROSS_TENANTS: Final = AcrossTenants.ALL

Scope: TypeAlias = str | AcrossTenants  # a tenant's id, or ACROSS_TENANTS


def checked(scope: Scope) -> Scope:
    """``scope`` as it is; raises Terminal for a text that is no tenant's id."""
    if isinstance(scope, str) and (not scope or scope == AcrossTenants.ALL.value):
        raise Terminal(f"{scope!r} is no tenant's id.", do="Say ACROSS_TENANTS where every tenant is meant.")
    return scope


def enter(connection: Connection, scope: Scope) -> None:
    """From here to the transaction's end (or a rollback to an older savepoint), ``connection`` works for ``scope``."""
    if connection.dialect.name == "postgresql":
        value = scope if isinstance(scope, str) else scope.value
        connection.execute(_ENTER, {"setting": SETTING, "value": value})


_ENTER = text("SELECT set_config(:setting, :value, true)")


def raise_wall(connection: Connection) -> None:
    """Put every table with a ``tenant_id`` behind the wall that is not behind it yet. Runs at the end of a migration,
    so that no table can be forgotten."""
    if connection.dialect.name != "postgresql":
        return
    for table in connection.execute(_BARE).scalars().all():
        for statement in _WALL:
            connection.execute(text(statement.format(table=table)))


_BARE = text(
    "SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'tenant_id' "
    "WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace "
    "AND NOT (relrowsecurity AND relforcerowsecurity) ORDER BY relname"
)

# An unset setting is NULL, or '' once a transaction of the session had set it: equal to no tenant.
_NOW = f"nullif(current_setting('{SETTING}', true), '')"
_WALL = (
    'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
    'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
    'DROP POLICY IF EXISTS own_rows ON "{table}"',
    'DROP POLICY IF EXISTS across_tenants ON "{table}"',
    'CREATE POLICY own_rows ON "{table}" USING (tenant_id = ' + _NOW + ")",
    'CREATE POLICY across_tenants ON "{table}" USING (' + _NOW + f" = '{AcrossTenants.ALL.value}')",
)
