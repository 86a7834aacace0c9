"""Statements of the tenants: create, list, keys, and the removal of every row.

Held by tests/unit/actors/test_tenancy.py and tests/e2e/test_tenants_are_apart.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from runtime.errors import Conflict, NotFound
from runtime.store.tables import api_keys, documents, metadata, tenants


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantRow:
    tenant: str
    name: str
    embed_key: str
    created_at: float
    documents: int


def create(connection: Connection, tenant: str, name: str, embed_key: str, now: float) -> None:
    """Raises Conflict if the name is taken."""
    try:
        connection.execute(
            insert(tenants).values(tenant_id=tenant, name=name, embed_key=embed_key, state="active", created_at=now)
        )
    except IntegrityError as error:
        raise Conflict(f"A tenant called {name!r} exists already.", do="Choose another name.") from error


def add_key(
    connection: Connection, tenant: str, key_id: str, hash_: str, label: str, now: float, expires_at: float | None
) -> None:
    require(connection, tenant)
    if expires_at is not None:
        connection.execute(delete(api_keys).where(api_keys.c.tenant_id == tenant, api_keys.c.expires_at < now))
    connection.execute(
        insert(api_keys).values(
            tenant_id=tenant, key_id=key_id, hash=hash_, label=label, created_at=now, expires_at=expires_at
        )
    )


def by_key(connection: Connection, hash_: str, now: float) -> tuple[str, str] | None:
    """(tenant, key id) of a key that is neither revoked nor expired and whose tenant is active."""
    row = connection.execute(_BY_KEY, {"hash": hash_, "now": now}).first()
    return None if row is None else (row.tenant_id, row.key_id)


# Built once: it is asked for every request.
_BY_KEY = (
    select(api_keys.c.tenant_id, api_keys.c.key_id)
    .join(tenants, tenants.c.tenant_id == api_keys.c.tenant_id)
    .where(
        api_keys.c.hash == bindparam("hash"),
        api_keys.c.revoked_at.is_(None),
        or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > bindparam("now")),
        tenants.c.state == "active",
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRow:
    """A key with its tenant, whatever the state of either."""

    tenant: str
    name: str
    embed_key: str
    tenant_created_at: float
    created_at: float
    expires_at: float | None
    usable: bool  # not revoked, and the tenant is active; it may have expired


def key_row(connection: Connection, hash_: str) -> KeyRow | None:
    row = connection.execute(
        select(tenants, api_keys.c.created_at.label("made_at"), api_keys.c.expires_at, api_keys.c.revoked_at)
        .join(api_keys, tenants.c.tenant_id == api_keys.c.tenant_id)
        .where(api_keys.c.hash == hash_)
    ).first()
    if row is None:
        return None
    return KeyRow(
        tenant=row.tenant_id,
        name=row.name,
        embed_key=row.embed_key,
        tenant_created_at=row.created_at,
        created_at=row.made_at,
        expires_at=row.expires_at,
        usable=row.revoked_at is None and row.state == "active",
    )


def by_embed_key(connection: Connection, embed_key: str) -> str | None:
    return connection.execute(
        select(tenants.c.tenant_id).where(tenants.c.embed_key == embed_key, tenants.c.state == "active")
    ).scalar()


def every(connection: Connection) -> list[TenantRow]:
    number = (
        select(func.count())
        .where(documents.c.tenant_id == tenants.c.tenant_id, documents.c.state == "active")
        .scalar_subquery()
    )
    rows = connection.execute(
        select(tenants, number.label("documents")).where(tenants.c.state == "active").order_by(tenants.c.created_at)
    )
    return [
        TenantRow(
            tenant=row.tenant_id,
            name=row.name,
            embed_key=row.embed_key,
            created_at=row.created_at,
            documents=row.documents,
        )
        for row in rows
    ]


def require(connection: Connection, tenant: str) -> TenantRow:
    """The active tenant of that id or name; raises NotFound."""
    for row in every(connection):
        if tenant in (row.tenant, row.name):
            return row
    raise NotFound(f"There is no tenant {tenant!r}.", do="`ragleap tenant list` shows them.")


def mark_deleting(connection: Connection, tenant: str) -> None:
    connection.execute(update(tenants).where(tenants.c.tenant_id == tenant).values(state="deleting"))


def deleting(connection: Connection) -> list[str]:
    """Tenants whose deletion was begun and not finished."""
    return list(connection.execute(select(tenants.c.tenant_id).where(tenants.c.state == "deleting")).scalars())


def erase(connection: Connection, tenant: str) -> dict[str, int]:
    """Remove every row of the tenant from every table; returns how many by table, empty tables left out."""
    removed = {}
    for table in reversed([table for table in metadata.sorted_tables if "tenant_id" in table.c]):
        gone = connection.execute(delete(table).where(table.c.tenant_id == tenant)).rowcount
        if gone:
            removed[table.name] = gone
    return removed
