"""What became of a message of ours: what its provider tells, kept with the outbox's row, as the inbox shows it. Pure.

An answer may have gone as several messages (its parts), each of which the provider tells of by itself: the answer is as
far as the least of them, and has failed where one of them has.

Promises: what is known only grows, in whatever order and however often it is told; what is not ours is nobody's.

Held by tests/unit/actors/test_delivery.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from actors.inbound import Delivery, DeliveryTold, advanced
from runtime.store.outbox import FAILED, SENDING, SENT

_OUR_ID = re.compile(r"(out_[A-Za-z0-9_-]{1,100})\.([0-9]{1,3})")
_MOST_REASON = 500  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is known of one of an answer's messages. ``at``: when that was so, by the provider's clock."""

    state: Delivery
    at: float
    provider_id: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """``state``: queued, sent, delivered, read or failed, or another of the outbox's; ``reason``: why it has failed or
    was not sent yet."""

    state: str
    at: float
    reason: str = ""
    maybe_duplicate: bool = False


def ours(our_id: str) -> tuple[str, int] | None:
    """The outbox's id and the part that an id which we gave to a provider names; None where it is none of ours."""
    found = _OUR_ID.fullmatch(our_id)
    return (found[1], int(found[2])) if found else None


def parts_of(kept: str) -> dict[int, Part]:
    return {
        int(at): Part(
            state=Delivery(part["state"]), at=part["at"], provider_id=part["provider_id"], reason=part["reason"]
        )
        for at, part in (json.loads(kept) if kept else {}).items()
    }


def noted(kept: str, part: int, told: DeliveryTold) -> str:
    """``kept`` of a row, after its provider has ``told`` of that part; the same where that is nothing new."""
    parts = parts_of(kept)
    before = parts.get(part)
    if before is not None and advanced(before.state, told.state) is before.state:
        return kept
    why = ": ".join(filter(None, (told.code, told.reason))) if told.state is Delivery.FAILED else ""
    parts[part] = Part(state=told.state, at=told.at, provider_id=told.provider_id, reason=why[:_MOST_REASON])
    return json.dumps(
        {
            str(at): {"state": each.state, "at": each.at, "provider_id": each.provider_id, "reason": each.reason}
            for at, each in sorted(parts.items())
        },
        ensure_ascii=False,
    )


def fate_of(*, state: str, kept: str, error: str, maybe_duplicate: bool, updated_at: float) -> Fate:
    """Of a row of the outbox, with what its provider has told."""
    least = _least(parts_of(kept))
    if least is not None and (state != FAILED or least.state in (Delivery.DELIVERED, Delivery.READ)):
        return Fate(state=least.state, at=least.at, reason=least.reason, maybe_duplicate=maybe_duplicate)
    shown = "queued" if state == SENDING else state
    return Fate(state=shown, at=updated_at, reason="" if state == SENT else error, maybe_duplicate=maybe_duplicate)


def _least(parts: Mapping[int, Part]) -> Part | None:
    """The part that failed, else the one that is least far."""
    order = list(Delivery)
    failed = [part for part in parts.values() if part.state is Delivery.FAILED]
    return min(failed or parts.values(), key=lambda part: order.index(part.state), default=None)
