"""Statements of the outbox: queue a message, claim what may be sent now, note what became of it.

Each function works on one connection inside the journal's transaction and does nothing else. States are literals, so
that SQLite finds its partial indexes; statements are built once (:mod:`runtime.store.inbox`).

Held by tests/unit/runtime/test_outbox.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    and_,
    bindparam,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)

from runtime.store.dialect import upsert
from runtime.store.tables import dead_letters, outbox

QUEUED, SENDING, SENT, FAILED = "queued", "sending", "sent", "failed"
DRAFT, DISCARDED = "draft", "discarded"  # runtime/store/drafts.py
LETTER = "outbox"  # the kind of a dead letter that is a message which could not be sent


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """A message on its way out. ``attempts`` counts the calls begun for it, ``body`` is JSON."""

    tenant: str
    outbox_id: str
    seq: int
    conversation_id: str
    channel: str
    turn_id: str
    trace_id: str
    body: str
    attempts: int
    maybe_duplicate: bool
    deadline: float

    def log_fields(self) -> Mapping[str, str]:
        """What the log says of everything that is done for this message."""
        return {"tenant": self.tenant, "outbox_id": self.outbox_id, "trace_id": self.trace_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What a row in ``sending`` comes to: sent, queued once more (``due_at``), or failed (``error`` says why)."""

    row: OutboxRow
    state: str
    attempts: int
    maybe_duplicate: bool
    due_at: float = 0.0
    provider_id: str = ""
    error: str = ""


def queue(connection: Connection, values: Mapping[str, object]) -> None:
    """``values`` of a new row; what is not given is that of one which nobody has tried to send."""
    connection.execute(_QUEUE, {"maybe_duplicate": 0, "attempts": 0, "provider_id": "", "error": "", **values})


_QUEUE = insert(outbox)


def claim(
    connection: Connection, tenant: str, *, now: float, limit: int, busy: Collection[str], room: Mapping[str, int]
) -> tuple[list[OutboxRow], bool]:
    """Mark due rows as ``sending`` and return them, and whether there may be more.

    Only the oldest unsent row of a conversation, and none of those in ``busy``; of a channel in ``room`` at most so
    many. Rows whose deadline has passed come too: they are to be failed.
    """
    full = [channel for channel, number in room.items() if number <= 0]
    found = connection.execute(_DUE, {"tenant": tenant, "now": now, "most": limit, "full": full}).all()
    left, taken = dict(room), []
    for row in found:
        if row.conversation_id in busy or left.get(row.channel, 1) <= 0:
            continue
        if row.channel in left:
            left[row.channel] -= 1
        taken.append(_row(row, attempts=row.attempts + 1))
    if taken:
        connection.execute(_MARK, [{"of": tenant, "this": row.seq, "at": now} for row in taken])
    return taken, len(found) >= limit


_earlier = outbox.alias("earlier")
_UNSENT = "state IN ('queued', 'sending')"  # as the index says it
_DUE = (
    select(outbox)
    .where(
        outbox.c.tenant_id == bindparam("tenant"),
        text("outbox.state = 'queued'"),
        outbox.c.due_at <= bindparam("now"),
        outbox.c.channel.not_in(bindparam("full", expanding=True)),
        ~select(literal_column("1"))
        .select_from(_earlier)
        .where(
            _earlier.c.tenant_id == outbox.c.tenant_id,
            _earlier.c.conversation_id == outbox.c.conversation_id,
            text(f"earlier.{_UNSENT}"),
            _earlier.c.seq < outbox.c.seq,
        )
        .exists(),
    )
    .order_by(outbox.c.due_at, outbox.c.seq)
    .limit(bindparam("most"))
)
_MARK = (
    update(outbox)
    .where(outbox.c.tenant_id == bindparam("of"), outbox.c.seq == bindparam("this"), outbox.c.state == QUEUED)
    .values(state=SENDING, attempts=outbox.c.attempts + 1, updated_at=bindparam("at"))
)


def sending(connection: Connection, tenant: str, besides: Collection[int] = ()) -> list[OutboxRow]:
    """Rows marked as ``sending``, the oldest first, without those whose ``seq`` is known already."""
    rows = connection.execute(_SENDING, {"tenant": tenant})
    return [_row(row) for row in rows if row.seq not in besides]


_SENDING = (
    select(outbox)
    .where(outbox.c.tenant_id == bindparam("tenant"), text(f"outbox.{_UNSENT}"), text("outbox.state = 'sending'"))
    .order_by(outbox.c.seq)
)


def settle(connection: Connection, tenant: str, settled: Sequence[Settled], now: float) -> None:
    """Note what became of rows. One that has moved on since its ``attempt`` stays as it is, so that doing this twice is
    harmless."""
    sent = [_values(each, now) for each in settled if each.state == SENT]
    if sent:
        connection.execute(_SETTLE, sent)
    for each in settled:
        if each.state != SENT and connection.execute(_SETTLE, _values(each, now)).rowcount == 1:
            if each.state == FAILED:
                _bury(connection, tenant, each, now)
            else:
                # What waits behind it becomes due with it: a claim then need not look at each of them again and again.
                held = {"of": tenant, "in_": each.row.conversation_id, "until": each.due_at}
                connection.execute(_HOLD_BACK, held)


_SETTLE = (
    update(outbox)
    .where(
        outbox.c.tenant_id == bindparam("of"),
        outbox.c.seq == bindparam("this"),
        outbox.c.state == SENDING,
        outbox.c.attempts == bindparam("tried"),
    )
    .values({name: bindparam(f"to_{name}") for name in ("state", "attempts", "maybe_duplicate", "due_at", "provider_id",
                                                        "error", "updated_at")})
)  # fmt: skip
_HOLD_BACK = (
    update(outbox)
    .where(
        outbox.c.tenant_id == bindparam("of"),
        outbox.c.conversation_id == bindparam("in_"),
        text("outbox.state = 'queued'"),
        outbox.c.due_at < bindparam("until"),
    )
    .values(due_at=bindparam("until"))
)


def _values(settled: Settled, now: float) -> dict[str, object]:
    return {
        "of": settled.row.tenant,
        "this": settled.row.seq,
        "tried": settled.row.attempts,
        "to_state": settled.state,
        "to_attempts": settled.attempts,
        "to_maybe_duplicate": int(settled.maybe_duplicate),
        "to_due_at": settled.due_at or now,
        "to_provider_id": settled.provider_id,
        "to_error": settled.error[:2000],
        "to_updated_at": now,
    }


def _bury(connection: Connection, tenant: str, failed: Settled, now: float) -> None:
    letter = {"kind": LETTER, "actor_key": failed.row.conversation_id, "cause": failed.error[:2000], "created_at": now}
    letter |= {"trace": f'{{"trace_id": "{failed.row.trace_id}"}}', "replayed_at": None}
    statement = upsert(connection, dead_letters).values(tenant_id=tenant, message_id=failed.row.outbox_id, **letter)
    connection.execute(statement.on_conflict_do_update(index_elements=["tenant_id", "message_id"], set_=letter))


def next_due(connection: Connection, tenant: str, after: float) -> float | None:
    """When the earliest queued row that is not due at ``after`` will be; None: there is none."""
    found: float | None = connection.execute(_NEXT_DUE, {"tenant": tenant, "after": after}).scalar()
    return found


_NEXT_DUE = select(func.min(outbox.c.due_at)).where(
    outbox.c.tenant_id == bindparam("tenant"), text("outbox.state = 'queued'"), outbox.c.due_at > bindparam("after")
)


def replay(connection: Connection, tenant: str, outbox_id: str, *, now: float, deadline: float) -> bool:
    """Let a failed row be sent anew, from its first try, until ``deadline``. False: it is not failed."""
    mine = and_(outbox.c.tenant_id == tenant, outbox.c.outbox_id == outbox_id, outbox.c.state == FAILED)
    fresh = {"state": QUEUED, "attempts": 0, "due_at": now, "deadline": deadline, "error": "", "updated_at": now}
    fresh["delivery"] = ""
    return connection.execute(update(outbox).where(mine).values(fresh)).rowcount == 1


def note(connection: Connection, tenant: str, outbox_id: str, noted: Callable[[str], str]) -> None:
    """Keep what the provider has told of a row: ``noted`` makes it out of what was known. No such row: nothing."""
    mine = {"of": tenant, "row": outbox_id}
    kept = connection.execute(_TOLD, mine).scalar()
    if kept is not None and (now := noted(kept)) != kept:
        connection.execute(_NOTE, {**mine, "now": now})


def told(connection: Connection, tenant: str, outbox_id: str) -> str:
    """What the provider has told of a row so far, as it was noted; "" is nothing."""
    return connection.execute(_TOLD, {"of": tenant, "row": outbox_id}).scalar() or ""


_THIS = and_(outbox.c.tenant_id == bindparam("of"), outbox.c.outbox_id == bindparam("row"))
_TOLD = select(outbox.c.delivery).where(_THIS)
_NOTE = update(outbox).where(_THIS).values(delivery=bindparam("now"))


def tenants_with_unsent(connection: Connection) -> Sequence[str]:
    return connection.execute(_TENANTS).scalars().all()


_TENANTS = select(outbox.c.tenant_id).where(text(f"outbox.{_UNSENT}")).distinct()


def counts(connection: Connection, serves: Callable[[str], bool]) -> dict[str, int]:
    """How many rows are in each state, of the tenants that ``serves`` names (for the operator)."""
    found: dict[str, int] = {}
    rows = connection.execute(
        select(outbox.c.tenant_id, outbox.c.state, func.count()).group_by(outbox.c.tenant_id, outbox.c.state)
    )
    for tenant, state, number in rows:
        if serves(tenant):
            found[state] = found.get(state, 0) + number
    return found


def _row(row: Row[Any], **changed: Any) -> OutboxRow:
    values: dict[str, Any] = {
        "tenant": row.tenant_id,
        "outbox_id": row.outbox_id,
        "seq": row.seq,
        "conversation_id": row.conversation_id,
        "channel": row.channel,
        "turn_id": row.turn_id,
        "trace_id": row.trace_id,
        "body": row.body,
        "attempts": row.attempts,
        "maybe_duplicate": bool(row.maybe_duplicate),
        "deadline": row.deadline,
    }
    return OutboxRow(**{**values, **changed})
