"""Statements of the owners: who speaks as the owner, or as staff, over a channel of a kind.

Held by tests/unit/runtime/test_owner_rows.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, select

from runtime.actor import TurnFacts
from runtime.principal import Role
from runtime.store.dialect import upsert
from runtime.store.tables import owners


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerRow:
    kind: str
    identity: str
    role: Role
    added_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepOwner:
    """Register the identity, or change its role."""

    kind: str
    identity: str
    role: Role

    def apply(self, connection: Connection, facts: TurnFacts) -> None:
        key = {"tenant_id": facts.tenant, "kind": self.kind, "identity": self.identity}
        statement = upsert(connection, owners).values(**key, role=str(self.role), added_at=facts.now)
        connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_={"role": str(self.role)}))


@dataclass(frozen=True, slots=True, kw_only=True)
class DropOwner:
    """The identity is nobody's in particular again."""

    kind: str
    identity: str

    def apply(self, connection: Connection, facts: TurnFacts) -> None:
        mine = (
            owners.c.tenant_id == facts.tenant,
            owners.c.kind == self.kind,
            owners.c.identity == self.identity,
        )
        connection.execute(delete(owners).where(*mine))


def of_tenant(connection: Connection, tenant: str) -> list[OwnerRow]:
    """The first registered first."""
    rows = connection.execute(_OF_TENANT, {"tenant": tenant})
    return [OwnerRow(kind=row.kind, identity=row.identity, role=Role(row.role), added_at=row.added_at) for row in rows]


_OF_TENANT = (
    select(owners)
    .where(owners.c.tenant_id == bindparam("tenant"))
    .order_by(owners.c.added_at, owners.c.kind, owners.c.identity)
)


def of_kind(connection: Connection, tenant: str, kind: str) -> dict[str, Role]:
    """Identity → role."""
    rows = connection.execute(_OF_KIND, {"tenant": tenant, "kind": kind})
    return {row.identity: Role(row.role) for row in rows}


_OF_KIND = select(owners.c.identity, owners.c.role).where(
    owners.c.tenant_id == bindparam("tenant"), owners.c.kind == bindparam("kind")
)
