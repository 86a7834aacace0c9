"""Statements of the dead letters: list them, look at one, have it tried again.

The letter names the message and why it was given up. The message itself stays in the inbox, in the state ``dead``; or
in the outbox in the state ``failed``, if it is one that could not be sent (its letter's kind is ``outbox``).

Held by tests/unit/runtime/test_dead_letters.py and tests/unit/runtime/test_outbox.py.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, select, update

from runtime.errors import Conflict, NotFound
from runtime.store import outbox as outbox_store
from runtime.store.inbox import DEAD, PENDING
from runtime.store.tables import dead_letters, inbox, outbox


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
    maybe_duplicate: bool  # of one that could not be sent: an earlier try of it may have arrived
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


def replay(connection: Connection, tenant: str, message_id: str, *, now: float, deadline: float) -> str | None:
    """Let the dead message be tried anew, from its first try, until ``deadline``; returns its letter's kind. None: it
    is pending again or done already, so nothing changes. Raises NotFound, and Conflict where only the letter is still
    kept."""
    mine = and_(dead_letters.c.tenant_id == tenant, dead_letters.c.message_id == message_id)
    kind: str | None = connection.execute(select(dead_letters.c.kind).where(mine)).scalar()
    if kind is None:
        raise NotFound(f"There is no dead letter {message_id[:80]!r}.", tenant=tenant)
    if kind == outbox_store.LETTER:
        begun = outbox_store.replay(connection, tenant, message_id, now=now, deadline=deadline)
        kept = select(outbox.c.seq).where(outbox.c.tenant_id == tenant, outbox.c.outbox_id == message_id)
    else:
        begun = _revive(connection, tenant, message_id, now=now, deadline=deadline)
        kept = select(inbox.c.seq).where(inbox.c.tenant_id == tenant, inbox.c.message_id == message_id)
    if begun:
        connection.execute(update(dead_letters).where(mine).values(replayed_at=now))
    elif connection.execute(kept).first() is None:
        raise Conflict(f"The message {message_id[:80]!r} is not kept any more.", do="It has to be sent anew.")
    return kind if begun else None


def _revive(connection: Connection, tenant: str, message_id: str, *, now: float, deadline: float) -> bool:
    again = connection.execute(
        update(inbox)
        .where(inbox.c.tenant_id == tenant, inbox.c.message_id == message_id, inbox.c.state == DEAD)
        .values(state=PENDING, attempts=0, due_at=now, deadline=deadline, error="")
    )
    return again.rowcount == 1


def _select() -> Select[Any]:
    key = dead_letters.c
    message = and_(inbox.c.tenant_id == key.tenant_id, inbox.c.message_id == key.message_id)
    unsent = and_(
        key.kind == outbox_store.LETTER, outbox.c.tenant_id == key.tenant_id, outbox.c.outbox_id == key.message_id
    )
    return (
        select(
            dead_letters,
            func.coalesce(inbox.c.attempts, outbox.c.attempts, 0).label("attempts"),
            func.coalesce(inbox.c.accepted_at, outbox.c.created_at).label("accepted_at"),
            inbox.c.sender,
            inbox.c.body,
            inbox.c.principal,
            outbox.c.channel,
            outbox.c.maybe_duplicate,
            outbox.c.body.label("sent"),
        )
        .outerjoin(inbox, message)
        .outerjoin(outbox, unsent)
    )


def _row(row: Row[Any]) -> DeadLetterRow:
    # A message that could not be sent is told as those of the inbox are: [type, fields], its channel being its type.
    body = row.body or (f"[{json.dumps(row.channel)}, {row.sent}]" if row.sent else "")
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
        attempts=row.attempts,
        maybe_duplicate=bool(row.maybe_duplicate),
        sender=row.sender or "",
        body=body,
        principal=row.principal or "",
        accepted_at=row.accepted_at,
    )
