"""Statements of the inbox: take a message in once, find what is due, close a turn.

Each function works on one connection inside the journal's transaction and does nothing else.

Held by tests/unit/runtime/test_inbox.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import Connection, and_, bindparam, func, or_, select, update

from runtime.message import Receipt, Verdict
from runtime.store.dialect import upsert, upsert_once
from runtime.store.tables import dead_letters, history, inbox

PENDING, DONE, DEAD = "pending", "done", "dead"

Line: TypeAlias = tuple[str, str, str, int]  # kind, actor key, sender, tier: within it nothing overtakes


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """One durable message as stored. ``body`` is the codec's JSON, ``principal`` and ``trace`` JSON too."""

    tenant: str
    message_id: str
    kind: str
    actor_key: str
    sender: str
    tier: int
    dedupe_key: str | None
    body: str
    principal: str
    trace: str
    accepted_at: float
    deadline: float
    attempts: int = 0
    seq: int = 0


def line_of(row: InboxRow) -> Line | None:
    """The line that the message stands in; None: it has no sender, so it waits behind nobody."""
    return (row.kind, row.actor_key, row.sender, row.tier) if row.sender else None


def accept(connection: Connection, row: InboxRow) -> Receipt:
    """Insert the message unless it, or one with its dedupe key, is there already."""
    values = {
        "tenant_id": row.tenant,
        "message_id": row.message_id,
        "kind": row.kind,
        "actor_key": row.actor_key,
        "sender": row.sender,
        "tier": row.tier,
        "dedupe_key": row.dedupe_key,
        "body": row.body,
        "principal": row.principal,
        "trace": row.trace,
        "accepted_at": row.accepted_at,
        "deadline": row.deadline,
        "attempts": 0,
        "due_at": row.accepted_at,
        "state": PENDING,
        "error": "",
    }
    if connection.execute(_ACCEPT(connection), values).first() is not None:
        return Receipt(verdict=Verdict.ACCEPTED, message_id=row.message_id)
    same = inbox.c.message_id == row.message_id
    if row.dedupe_key is not None:  # None would compare as IS NULL, which every message without a key is
        same = or_(same, inbox.c.dedupe_key == row.dedupe_key)
    known = select(inbox.c.message_id).where(inbox.c.tenant_id == row.tenant, same).order_by(inbox.c.seq).limit(1)
    first = connection.execute(known).scalar_one()
    return Receipt(verdict=Verdict.DUPLICATE, message_id=first)


_ACCEPT = upsert_once(inbox, lambda insert: insert.on_conflict_do_nothing().returning(inbox.c.seq))


def due(connection: Connection, tenant: str, now: float, limit: int) -> list[InboxRow]:
    """Pending messages whose time has come, in the order of acceptance; none whose line has an earlier one that waits
    for a later try."""
    # Joined as a table of its own and not asked for each row: after an outage both are long.
    head = (
        select(*(inbox.c[name] for name in _LINE), func.min(inbox.c.seq).label("seq"))
        .where(inbox.c.tenant_id == tenant, inbox.c.state == PENDING, inbox.c.due_at > now, inbox.c.sender != "")
        .group_by(*(inbox.c[name] for name in _LINE))
        .subquery("head")
    )
    rows = connection.execute(
        select(inbox)
        .outerjoin(head, and_(*(head.c[name] == inbox.c[name] for name in _LINE)))
        .where(inbox.c.tenant_id == tenant, inbox.c.state == PENDING, inbox.c.due_at <= now)
        .where(or_(head.c.seq.is_(None), head.c.seq > inbox.c.seq))
        .order_by(inbox.c.seq)
        .limit(limit)
    )
    return [
        InboxRow(
            tenant=row.tenant_id,
            message_id=row.message_id,
            kind=row.kind,
            actor_key=row.actor_key,
            sender=row.sender,
            tier=row.tier,
            dedupe_key=row.dedupe_key,
            body=row.body,
            principal=row.principal,
            trace=row.trace,
            accepted_at=row.accepted_at,
            deadline=row.deadline,
            attempts=row.attempts,
            seq=row.seq,
        )
        for row in rows
    ]


_LINE = ("kind", "actor_key", "sender", "tier")


def heads(connection: Connection, tenant: str, after: float) -> dict[Line, str]:
    """The lines with a message that is not due at ``after``, and which it is: all behind it wait."""
    rows = connection.execute(
        select(inbox.c.kind, inbox.c.actor_key, inbox.c.sender, inbox.c.tier, inbox.c.message_id)
        .where(inbox.c.tenant_id == tenant, inbox.c.state == PENDING, inbox.c.due_at > after, inbox.c.sender != "")
        .order_by(inbox.c.seq.desc())
    )
    return {(row.kind, row.actor_key, row.sender, row.tier): row.message_id for row in rows}


def next_due(connection: Connection, tenant: str, after: float) -> float | None:
    """When the earliest pending message that is not due at ``after`` will be; None: there is none."""
    return connection.execute(
        select(func.min(inbox.c.due_at)).where(
            inbox.c.tenant_id == tenant, inbox.c.state == PENDING, inbox.c.due_at > after
        )
    ).scalar()


def tenants_with_pending(connection: Connection) -> Sequence[str]:
    return connection.execute(select(inbox.c.tenant_id).where(inbox.c.state == PENDING).distinct()).scalars().all()


def close(connection: Connection, tenant: str, message_id: str, turn_id: str) -> bool:
    """Mark a pending message done by ``turn_id``. False: another turn has closed it, so this one must not count."""
    closed = connection.execute(_CLOSE, {"tenant": tenant, "message": message_id, "turn": turn_id})
    return closed.rowcount == 1


# Built once: building statements is most of what a message costs (measured).
_CLOSE = (
    update(inbox)
    .where(
        inbox.c.tenant_id == bindparam("tenant"),
        inbox.c.message_id == bindparam("message"),
        inbox.c.state == PENDING,
    )
    .values(state=DONE, turn_id=bindparam("turn"))
)


def retry(connection: Connection, tenant: str, message_id: str, *, attempts: int, due_at: float, error: str) -> bool:
    """Let a pending message be tried again at ``due_at``. False: it is not pending any more."""
    changed = connection.execute(
        update(inbox)
        .where(inbox.c.tenant_id == tenant, inbox.c.message_id == message_id, inbox.c.state == PENDING)
        .values(attempts=attempts, due_at=due_at, error=error[:2000])
    )
    return changed.rowcount == 1


def bury(connection: Connection, row: InboxRow, *, cause: str, now: float) -> bool:
    """Give a pending message up: into the dead letters, with its cause. False: it is not pending any more."""
    changed = connection.execute(
        update(inbox)
        .where(inbox.c.tenant_id == row.tenant, inbox.c.message_id == row.message_id, inbox.c.state == PENDING)
        .values(state=DEAD, attempts=row.attempts, error=cause[:2000])
    )
    if changed.rowcount != 1:
        return False
    statement = upsert(connection, dead_letters).values(
        tenant_id=row.tenant,
        message_id=row.message_id,
        kind=row.kind,
        actor_key=row.actor_key,
        cause=cause[:2000],
        trace=row.trace,
        created_at=now,
    )
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["tenant_id", "message_id"],
            set_={"cause": cause[:2000], "created_at": now, "replayed_at": None},
        )
    )
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a message. ``answer`` is JSON as the turn announced it."""

    message_id: str
    state: str
    answer: str | None
    error: str

    def done(self) -> Mapping[str, object]:
        """The data of the ``done`` event."""
        if self.state == DEAD:
            return {"status": "failed", "error": self.error, "message_id": self.message_id}
        answer: Mapping[str, object] = json.loads(self.answer) if self.answer else {}
        return answer


def outcome(connection: Connection, tenant: str, message_id: str) -> Outcome | None:
    """The message's state and the answer of the turn that closed it; None where this tenant never had it."""
    row = connection.execute(
        select(inbox.c.state, inbox.c.error, history.c.answer)
        .outerjoin(
            history,
            and_(
                history.c.tenant_id == inbox.c.tenant_id,
                history.c.turn_id == inbox.c.turn_id,
                history.c.answer.is_not(None),
            ),
        )
        .where(inbox.c.tenant_id == tenant, inbox.c.message_id == message_id)
    ).first()
    if row is None:
        return None
    return Outcome(message_id=message_id, state=row.state, answer=row.answer, error=row.error)
