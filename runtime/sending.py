"""What becomes of a message after a call to its channel, or after the channel was asked about one. Pure.

The rule that everything here keeps: a message is sent again without a flag only where it certainly was not sent; where
nobody knows it is sent once more and flagged, and if nobody knows then either, it is given up for a person to see.

Held by tests/unit/runtime/test_sending.py.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from runtime.channel import Found, Outgoing, Resolution
from runtime.errors import DeadlineExceeded, Overloaded, Retryable, Terminal
from runtime.retry import RetryPolicy
from runtime.store.outbox import FAILED, QUEUED, SENT, OutboxRow, Settled


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When something is decided (wall time), and the dice for it in [0, 1)."""

    now: float
    random: float


def outgoing(row: OutboxRow) -> Outgoing:
    """``row`` as its channel gets it. Raises Terminal where this version cannot read it."""
    try:
        body = json.loads(row.body)
    except ValueError as error:
        raise Terminal(f"The journal's message {row.outbox_id} is not readable by this version.") from error
    return Outgoing(
        tenant=row.tenant,
        outbox_id=row.outbox_id,
        conversation_id=row.conversation_id,
        channel=row.channel,
        turn_id=row.turn_id,
        trace_id=row.trace_id,
        body=body,
        attempt=row.attempts,
        maybe_duplicate=row.maybe_duplicate,
    )


def was_sent(row: OutboxRow, provider_id: str) -> Settled:
    return Settled(
        row=row, state=SENT, attempts=row.attempts, maybe_duplicate=row.maybe_duplicate, provider_id=provider_id
    )


def failed(row: OutboxRow, cause: str) -> Settled:
    return Settled(row=row, state=FAILED, attempts=row.attempts, maybe_duplicate=row.maybe_duplicate, error=cause)


def after_error(policy: RetryPolicy, row: OutboxRow, error: Exception, moment: Moment) -> Settled | None:
    """A call for ``row`` raised ``error``. None: nobody knows whether it was sent."""
    cause = f"{type(error).__name__}: {error}"
    if isinstance(error, Terminal):
        return failed(row, cause)
    if isinstance(error, Overloaded):  # its rate is reached: that is no failure, and takes none of its tries
        wait = error.retry_after * (1 + policy.jitter * moment.random)
        return _later(row, cause, wait, moment, attempts=row.attempts - 1)
    if isinstance(error, Retryable) and not isinstance(error, DeadlineExceeded):
        return not_sent(policy, row, cause, moment, at_least=error.retry_after)
    return None


def after_asking(
    policy: RetryPolicy, row: OutboxRow, told: Resolution, moment: Moment, *, final: bool
) -> Settled | None:
    """The channel was asked about ``row``. ``final``: its call is over for good, so what is not there never will be.
    None: it is to be asked again when that is so."""
    if told.found is Found.SENT:
        return was_sent(row, told.provider_id)
    if not final:
        return None
    if told.found is Found.NOT_SENT:
        return not_sent(policy, row, "The call ended without an answer, and the message was not sent.", moment)
    return unknown(row, "The call ended without an answer, and the channel cannot tell what became of it.", moment)


def not_sent(policy: RetryPolicy, row: OutboxRow, cause: str, moment: Moment, *, at_least: float = 0.0) -> Settled:
    """``row`` was certainly not sent: another try, or none."""
    wait = policy.delay(row.attempts, moment.random, at_least=at_least)
    return failed(row, cause) if wait is None else _later(row, cause, wait, moment, attempts=row.attempts)


def unknown(row: OutboxRow, cause: str, moment: Moment) -> Settled:
    """Nobody will ever know whether ``row`` was sent: once more with the flag, or else a person decides."""
    if row.maybe_duplicate or moment.now >= row.deadline:
        return failed(replace(row, maybe_duplicate=True), f"{cause} It may have arrived.")
    return Settled(row=row, state=QUEUED, attempts=row.attempts, maybe_duplicate=True, due_at=moment.now, error=cause)


def _later(row: OutboxRow, cause: str, wait: float, moment: Moment, *, attempts: int) -> Settled:
    due_at = moment.now + wait
    if due_at >= row.deadline:
        return failed(row, f"{cause} (no time for another try before its deadline)")
    return Settled(
        row=row,
        state=QUEUED,
        attempts=attempts,
        maybe_duplicate=row.maybe_duplicate,
        due_at=due_at,
        error=cause,
    )
