"""An envelope as the inbox stores it, and back.

Held by tests/unit/runtime/test_stored.py.
"""

from __future__ import annotations

import json
from typing import Any

from runtime.address import ActorId
from runtime.codec import Codec
from runtime.errors import Terminal
from runtime.message import Envelope, Tier, Trace
from runtime.principal import Principal, Role
from runtime.store.inbox import InboxRow


def to_row(envelope: Envelope, codec: Codec, now: float) -> InboxRow:
    """Raises Terminal if the body's class is not a durable message."""
    return InboxRow(
        tenant=envelope.to.tenant,
        message_id=envelope.message_id,
        kind=envelope.to.kind,
        actor_key=envelope.to.key,
        sender=envelope.sender,
        tier=int(envelope.tier),
        dedupe_key=envelope.dedupe_key or None,
        body=codec.encode(envelope.body),
        principal=json.dumps(_fields(envelope.principal)),
        trace=json.dumps(_fields(envelope.trace)),
        accepted_at=now,
        deadline=envelope.deadline,
    )


def to_envelope(row: InboxRow, codec: Codec) -> Envelope:
    """Raises Terminal for what this version does not understand."""
    body = codec.decode(row.body)
    try:
        principal = json.loads(row.principal)
        return Envelope(
            message_id=row.message_id,
            to=ActorId(row.tenant, row.kind, row.actor_key),
            principal=Principal(**{**principal, "role": Role(principal["role"])}),
            body=body,
            trace=Trace(**json.loads(row.trace)),
            deadline=row.deadline,
            tier=Tier(row.tier),
            sender=row.sender,
            dedupe_key=row.dedupe_key or "",
        )
    except (ValueError, KeyError, TypeError) as error:
        raise Terminal(f"The journal's message {row.message_id} is not readable by this version.") from error


def _fields(flat: Any) -> dict[str, object]:
    """``dataclasses.asdict`` for a slotted one with nothing nested in it, without its deep copies."""
    return {name: getattr(flat, name) for name in flat.__slots__}
