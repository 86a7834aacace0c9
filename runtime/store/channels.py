"""Statements of the channels: keep one, find one by the address of its webhook, list a tenant's.

Held by tests/unit/runtime/test_channel_rows.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from runtime.actor import TurnFacts
from runtime.store.dialect import upsert
from runtime.store.tables import channels, tenants


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRow:
    """``sealed`` is what :class:`runtime.sealing.Sealer` opens for :func:`purpose_of` this channel."""

    tenant: str
    channel_id: str
    kind: str
    name: str
    settings: Mapping[str, str]
    sealed: str = field(repr=False)
    created_at: float


def purpose_of(channel_id: str) -> str:
    """What a channel's secrets are sealed for."""
    return f"channel/{channel_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepChannel:
    """Make the channel, or change its settings and secrets."""

    channel_id: str
    kind: str
    name: str
    settings: Mapping[str, str]
    sealed: str = field(repr=False)

    def apply(self, connection: Connection, facts: TurnFacts) -> None:
        values = {
            "tenant_id": facts.tenant,
            "channel_id": self.channel_id,
            "kind": self.kind,
            "name": self.name,
            "settings": json.dumps(dict(self.settings), ensure_ascii=False),
            "secrets": self.sealed,
            "created_at": facts.now,
            "updated_at": facts.now,
        }
        changed = {name: values[name] for name in ("settings", "secrets", "updated_at")}
        statement = upsert(connection, channels).values(values)
        connection.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "channel_id"], set_=changed))


def by_id(connection: Connection, channel_id: str) -> ChannelRow | None:
    """The channel whose webhook has this address, of whatever tenant that is active."""
    row = connection.execute(_BY_ID, {"channel_id": channel_id}).first()
    return None if row is None else _row(row)


_BY_ID = (
    select(channels)
    .join(tenants, tenants.c.tenant_id == channels.c.tenant_id)
    .where(channels.c.channel_id == bindparam("channel_id"), tenants.c.state == "active")
)


def of_tenant(connection: Connection, tenant: str) -> list[ChannelRow]:
    """The oldest first."""
    rows = connection.execute(
        select(channels).where(channels.c.tenant_id == tenant).order_by(channels.c.created_at, channels.c.channel_id)
    )
    return [_row(row) for row in rows]


def of_kind(connection: Connection, kind: str) -> list[ChannelRow]:
    """Of every active tenant."""
    active = tenants.c.tenant_id == channels.c.tenant_id
    rows = connection.execute(
        select(channels).join(tenants, active).where(channels.c.kind == kind, tenants.c.state == "active")
    )
    return [_row(row) for row in rows]


def _row(row: Row[Any]) -> ChannelRow:
    return ChannelRow(
        tenant=row.tenant_id,
        channel_id=row.channel_id,
        kind=row.kind,
        name=row.name,
        settings=json.loads(row.settings),
        sealed=row.secrets,
        created_at=row.created_at,
    )
