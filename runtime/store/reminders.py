"""Statements of the reminders: set, cancel, list, find what is due, and move on what has fired.

Each function works on one connection inside the journal's transaction and does nothing else.

Held by tests/unit/runtime/test_reminders.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, select, update

from runtime.errors import Conflict
from runtime.store.dialect import upsert
from runtime.store.tables import reminders

PER_TENANT = 1_000
PER_ACTOR = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderRow:
    """One reminder as stored. It comes once ``at`` a time, or by ``cron`` in ``timezone`` (:mod:`runtime.schedule`).

    ``body`` is the codec's JSON of the message, ``principal`` JSON too; ``due_at`` is when it comes next, ``fired_at``
    when it was sent last.
    """

    tenant: str
    kind: str
    actor_key: str
    name: str
    reminder_id: str
    at: float | None
    cron: str
    timezone: str
    body: str
    principal: str
    tier: int
    ttl_s: float
    due_at: float
    created_at: float
    fired_at: float | None = None


def put(connection: Connection, row: ReminderRow) -> None:
    """Store the reminder; one of the same name at the same actor is replaced. The same ``reminder_id`` again changes
    nothing. Raises Conflict where the actor or the tenant has too many."""
    known = connection.execute(
        select(reminders.c.kind, reminders.c.actor_key, reminders.c.name).where(
            reminders.c.tenant_id == row.tenant, reminders.c.reminder_id == row.reminder_id
        )
    ).first()
    if known is not None:
        if tuple(known) != (row.kind, row.actor_key, row.name):
            raise Conflict(f"The reminder {row.reminder_id} has another name.", do="Choose a new id for a new one.")
        return
    _check_room(connection, row)
    values: dict[str, Any] = {
        "reminder_id": row.reminder_id,
        "at": row.at,
        "cron": row.cron,
        "timezone": row.timezone,
        "body": row.body,
        "principal": row.principal,
        "tier": row.tier,
        "ttl_s": row.ttl_s,
        "due_at": row.due_at,
        "created_at": row.created_at,
        "fired_at": row.fired_at,
    }
    key = {"tenant_id": row.tenant, "kind": row.kind, "actor_key": row.actor_key, "name": row.name}
    statement = upsert(connection, reminders).values(**key, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))


def cancel(connection: Connection, tenant: str, kind: str, actor_key: str, name: str) -> bool:
    """Forget the reminder. False: there is none of that name."""
    columns = reminders.c
    mine = and_(columns.tenant_id == tenant, columns.kind == kind, columns.actor_key == actor_key)
    return connection.execute(delete(reminders).where(mine, columns.name == name)).rowcount == 1


def every(connection: Connection, tenant: str) -> list[ReminderRow]:
    """The tenant's reminders, the next one first."""
    statement = select(reminders).where(reminders.c.tenant_id == tenant)
    rows = connection.execute(statement.order_by(reminders.c.due_at, reminders.c.reminder_id))
    return [_row(row) for row in rows]


def due(connection: Connection, tenant: str, now: float, limit: int) -> list[ReminderRow]:
    """Reminders whose time has come, the oldest first."""
    statement = select(reminders).where(reminders.c.tenant_id == tenant, reminders.c.due_at <= now)
    rows = connection.execute(statement.order_by(reminders.c.due_at, reminders.c.reminder_id).limit(limit))
    return [_row(row) for row in rows]


def next_due(connection: Connection, tenant: str) -> float | None:
    """When the tenant's next reminder comes; None: it has none."""
    return connection.execute(select(func.min(reminders.c.due_at)).where(reminders.c.tenant_id == tenant)).scalar()


def next_due_by_tenant(connection: Connection) -> dict[str, float]:
    """When each tenant's next reminder comes (for a cell that starts)."""
    rows = connection.execute(
        select(reminders.c.tenant_id, func.min(reminders.c.due_at)).group_by(reminders.c.tenant_id)
    )
    return {row[0]: row[1] for row in rows}


def move_on(connection: Connection, row: ReminderRow, *, next_due_at: float | None, now: float) -> bool:
    """The reminder is done with ``row.due_at``: wait for ``next_due_at``, or forget it where there is none. False: it
    was cancelled, set anew or fired since it was read, so this firing must not count."""
    columns = reminders.c
    this = and_(columns.tenant_id == row.tenant, columns.reminder_id == row.reminder_id, columns.due_at == row.due_at)
    if next_due_at is None:
        return connection.execute(delete(reminders).where(this)).rowcount == 1
    return connection.execute(update(reminders).where(this).values(due_at=next_due_at, fired_at=now)).rowcount == 1


def _check_room(connection: Connection, row: ReminderRow) -> None:
    columns = reminders.c
    mine = and_(columns.kind == row.kind, columns.actor_key == row.actor_key)
    others = select(func.count()).where(columns.tenant_id == row.tenant)
    if connection.execute(others.where(mine, columns.name != row.name)).scalar_one() >= PER_ACTOR:
        raise Conflict(f"This {row.kind} has {PER_ACTOR} reminders already.", do="Cancel one first.")
    if connection.execute(others.where(~and_(mine, columns.name == row.name))).scalar_one() >= PER_TENANT:
        raise Conflict(f"This tenant has {PER_TENANT} reminders already.", do="Cancel one first.")


def _row(row: Row[Any]) -> ReminderRow:
    return ReminderRow(
        tenant=row.tenant_id,
        kind=row.kind,
        actor_key=row.actor_key,
        name=row.name,
        reminder_id=row.reminder_id,
        at=row.at,
        cron=row.cron,
        timezone=row.timezone,
        body=row.body,
        principal=row.principal,
        tier=row.tier,
        ttl_s=row.ttl_s,
        due_at=row.due_at,
        created_at=row.created_at,
        fired_at=row.fired_at,
    )
