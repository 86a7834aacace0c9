"""Statements of the dead letters: list them, look at one, put it into the inbox again.

The letter names the message and why it was given up; the message itself stays in the inbox, in the state ``dead``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, select, update

from runtime.errors import Conflict, NotFound
from runtime.store.inbox import DEAD, PENDING
from runtime.store.tables import dead_letters, inbox


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterRow:
    """One dead letter with its message. ``trace``, ``principal`` and ``body`` are JSON; the last two, and ``sender``,
    are "" where the message is not kept any more."""

    seq: int
    tenant: str
    message_id: str
    kind: str
    actor_key: str
    cause: str
    trace: str
    created_at: float
    replayed_at: float | None
    attempts: int
    sender: str
    body: str
    principal: str
    accepted_at: float | None


def newest(connection: Connection, tenant: str | None, *, limit: int, before_seq: int = 0) -> list[DeadLetterRow]:
    """Letters that nobody has replayed, the newest first; of all tenants where none is given."""
    statement = _select().where(dead_letters.c.replayed_at.is_(None))
    if tenant is not None:
        statement = statement.where(dead_letters.c.tenant_id == tenant)
    if before_seq:
        statement = statement.where(dead_letters.c.seq < before_seq)
    return [_row(row) for row in connection.execute(statement.order_by(dead_letters.c.seq.desc()).limit(limit))]


def named(connection: Connection, tenant: str | None, message_id: str) -> list[DeadLetterRow]:
    """The letters of that message: none or one of a tenant, perhaps more over all tenants."""
    statement = _select().where(dead_letters.c.message_id == message_id)
    if tenant is not None:
        statement = statement.where(dead_letters.c.tenant_id == tenant)
    return [_row(row) for row in connection.execute(statement.order_by(dead_letters.c.seq).limit(10))]


def count(connection: Connection) -> int:
    """How many letters nobody has replayed, over all tenants."""
    statement = select(func.count()).select_from(dead_letters).where(dead_letters.c.replayed_at.is_(None))
    return int(connection.execute(statement).scalar_one())


def replay(connection: Connection, tenant: str, message_id: str, *, now: float, deadline: float) -> bool:
    """Let the dead message be tried anew, from its first try, until ``deadline``. False: it is pending again or done
    already, so nothing changes. Raises NotFound, and Conflict where only the letter is still kept."""
    again = connection.execute(
        update(inbox)
        .where(inbox.c.tenant_id == tenant, inbox.c.message_id == message_id, inbox.c.state == DEAD)
        .values(state=PENDING, attempts=0, due_at=now, deadline=deadline, error="")
    )
    mine = and_(dead_letters.c.tenant_id == tenant, dead_letters.c.message_id == message_id)
    if again.rowcount == 1:
        connection.execute(update(dead_letters).where(mine).values(replayed_at=now))
        return True
    if connection.execute(select(dead_letters.c.seq).where(mine)).first() is None:
        raise NotFound(f"There is no dead letter {message_id[:80]!r}.", tenant=tenant)
    kept = select(inbox.c.seq).where(inbox.c.tenant_id == tenant, inbox.c.message_id == message_id)
    if connection.execute(kept).first() is None:
        raise Conflict(f"The message {message_id[:80]!r} is not kept any more.", do="It has to be sent anew.")
    return False


def _select() -> Select[Any]:
    message = and_(inbox.c.tenant_id == dead_letters.c.tenant_id, inbox.c.message_id == dead_letters.c.message_id)
    return select(
        dead_letters, inbox.c.attempts, inbox.c.sender, inbox.c.body, inbox.c.principal, inbox.c.accepted_at
    ).outerjoin(inbox, message)


def _row(row: Row[Any]) -> DeadLetterRow:
    return DeadLetterRow(
        seq=row.seq,
        tenant=row.tenant_id,
        message_id=row.message_id,
        kind=row.kind,
        actor_key=row.actor_key,
        cause=row.cause,
        trace=row.trace,
        created_at=row.created_at,
        replayed_at=row.replayed_at,
        attempts=row.attempts or 0,
        sender=row.sender or "",
        body=row.body or "",
        principal=row.principal or "",
        accepted_at=row.accepted_at,
    )
