"""Statements of a tenant's live databases: add, change, list, keep what was read of their schema, remove.

Each function works on one connection inside the journal's transaction and does nothing else. URLs come and go sealed.

Held by tests/unit/runtime/test_databases.py.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from runtime.actor import TurnFacts
from runtime.errors import Conflict, NotFound
from runtime.store.dialect import upsert
from runtime.store.tables import databases

PER_TENANT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseRow:
    """``allowed`` and ``facts`` are JSON; ``facts_at`` is when they were read, None: never."""

    tenant: str
    name: str
    family: str
    sealed_url: str
    allowed: str
    created_at: float
    facts: str = ""
    facts_at: float | None = None


def purpose_of(name: str) -> str:
    """What a database's URL is sealed for."""
    return f"database/{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepDatabase:
    """Effect: the database is kept, with what was read of its schema."""

    name: str
    family: str
    sealed_url: str = field(repr=False)
    allowed: str
    facts: str = field(repr=False)

    def apply(self, connection: Connection, facts: TurnFacts) -> None:
        row = DatabaseRow(
            tenant=facts.tenant,
            name=self.name,
            family=self.family,
            sealed_url=self.sealed_url,
            allowed=self.allowed,
            created_at=facts.now,
        )
        put(connection, row, facts.now)
        keep_facts(connection, row, self.facts, facts.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepFacts:
    """Effect: what was read of the schema of ``row``; nothing where the database has changed or gone meanwhile."""

    row: DatabaseRow
    facts: str = field(repr=False)

    def apply(self, connection: Connection, facts: TurnFacts) -> None:
        keep_facts(connection, self.row, self.facts, facts.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class DropDatabase:
    """Effect: the database is forgotten."""

    name: str

    def apply(self, connection: Connection, facts: TurnFacts) -> None:
        remove(connection, facts.tenant, self.name)


def put(connection: Connection, row: DatabaseRow, now: float) -> None:
    """Add the database, or give the one of this name another URL or list; what was read of it is then forgotten.
    Raises Conflict where the tenant has too many."""
    columns = databases.c
    others = select(func.count()).where(columns.tenant_id == row.tenant, columns.name != row.name)
    if connection.execute(others).scalar_one() >= PER_TENANT:
        raise Conflict(f"This tenant has {PER_TENANT} databases already.", do="Remove one first.")
    key = {"tenant_id": row.tenant, "name": row.name}
    values: dict[str, Any] = {
        "family": row.family,
        "sealed_url": row.sealed_url,
        "allowed": row.allowed,
        "facts": "",
        "facts_at": None,
        "updated_at": now,
    }
    statement = upsert(connection, databases).values(**key, **values, created_at=row.created_at)
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))


def get(connection: Connection, tenant: str, name: str) -> DatabaseRow:
    """Raises NotFound."""
    statement = select(databases).where(databases.c.tenant_id == tenant, databases.c.name == name)
    row = connection.execute(statement).first()
    if row is None:
        raise NotFound(f"There is no database {name}.", do="Add it with `ragleap db add`.")
    return _row(row)


def every(connection: Connection, tenant: str) -> list[DatabaseRow]:
    """The tenant's databases by name."""
    statement = select(databases).where(databases.c.tenant_id == tenant).order_by(databases.c.name)
    return [_row(row) for row in connection.execute(statement)]


def keep_facts(connection: Connection, row: DatabaseRow, facts: str, now: float) -> bool:
    """What was read of the schema of ``row``. False: the database was changed or removed meanwhile."""
    columns = databases.c
    same = (columns.tenant_id == row.tenant, columns.name == row.name, columns.sealed_url == row.sealed_url)
    return connection.execute(update(databases).where(*same).values(facts=facts, facts_at=now)).rowcount == 1


def remove(connection: Connection, tenant: str, name: str) -> bool:
    """False: there is none of that name."""
    this = delete(databases).where(databases.c.tenant_id == tenant, databases.c.name == name)
    return connection.execute(this).rowcount == 1


def _row(row: Row[Any]) -> DatabaseRow:
    return DatabaseRow(
        tenant=row.tenant_id,
        name=row.name,
        family=row.family,
        sealed_url=row.sealed_url,
        allowed=row.allowed,
        facts=row.facts,
        facts_at=row.facts_at,
        created_at=row.created_at,
    )
