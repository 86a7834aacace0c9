"""Answers that wait for a person's approval: rows of the outbox in the state ``draft``, which nothing sends.

A draft is decided on once: released (with the person's words, where he has changed them) it is queued like any other
message, discarded it stays unsent for good. The conversation's history then says what was really said.

Held by tests/unit/runtime/test_drafts.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, select, update

from runtime.actor import TurnFacts
from runtime.store.outbox import DISCARDED, DRAFT, QUEUED
from runtime.store.tables import history, outbox

NOT_SENT = "(An answer was written here and not sent.)"
_TTL_S = 86_400.0  # how long a released draft is tried


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRow:
    """``state`` is ``draft`` while nobody has decided; afterwards as of any message of the outbox."""

    outbox_id: str
    seq: int
    conversation_id: str
    channel: str
    state: str
    body: Mapping[str, Any]
    created_at: float


def waiting(connection: Connection, tenant: str, *, limit: int, after: int = 0) -> list[DraftRow]:
    """The oldest first, of those later than ``after`` (a ``seq``)."""
    mine = and_(outbox.c.tenant_id == tenant, outbox.c.state == DRAFT, outbox.c.seq > after)
    return [_row(row) for row in connection.execute(select(outbox).where(mine).order_by(outbox.c.seq).limit(limit))]


def find(connection: Connection, tenant: str, outbox_id: str) -> DraftRow | None:
    mine = and_(outbox.c.tenant_id == tenant, outbox.c.outbox_id == outbox_id)
    row = connection.execute(select(outbox).where(mine)).first()
    return None if row is None else _row(row)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviseDraft:
    """Change the words of a draft that still waits."""

    outbox_id: str
    body: Mapping[str, object]

    def apply(self, connection: Connection, facts: TurnFacts) -> None:
        if _move(connection, facts, self.outbox_id, body=json.dumps(dict(self.body), ensure_ascii=False)):
            _correct(connection, facts, self.outbox_id, str(self.body.get("text", "")))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseDraft:
    """Let a draft that still waits be sent."""

    outbox_id: str

    def apply(self, connection: Connection, facts: TurnFacts) -> None:
        _move(connection, facts, self.outbox_id, state=QUEUED, due_at=facts.now, deadline=facts.now + _TTL_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscardDraft:
    """Let a draft that still waits never be sent."""

    outbox_id: str

    def apply(self, connection: Connection, facts: TurnFacts) -> None:
        if _move(connection, facts, self.outbox_id, state=DISCARDED, due_at=facts.now):
            _correct(connection, facts, self.outbox_id, NOT_SENT)


def _move(connection: Connection, facts: TurnFacts, outbox_id: str, **to: object) -> bool:
    mine = and_(outbox.c.tenant_id == facts.tenant, outbox.c.outbox_id == outbox_id, outbox.c.state == DRAFT)
    return connection.execute(update(outbox).where(mine).values(updated_at=facts.now, **to)).rowcount == 1


def _correct(connection: Connection, facts: TurnFacts, outbox_id: str, text: str) -> None:
    turn = select(outbox.c.turn_id).where(outbox.c.tenant_id == facts.tenant, outbox.c.outbox_id == outbox_id)
    line = and_(
        history.c.tenant_id == facts.tenant,
        history.c.turn_id == turn.scalar_subquery(),
        history.c.author == "assistant",
    )
    connection.execute(update(history).where(line).values(text=text))


def _row(row: Row[Any]) -> DraftRow:
    return DraftRow(
        outbox_id=row.outbox_id,
        seq=row.seq,
        conversation_id=row.conversation_id,
        channel=row.channel,
        state=row.state,
        body=json.loads(row.body),
        created_at=row.created_at,
    )
