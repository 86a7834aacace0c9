"""The port of a channel: what the outbox asks of whoever speaks a provider's protocol, and the terms of each.

An adapter's errors tell what became of the message: Terminal, it was not sent and never will be; Retryable (but not
DeadlineExceeded) and Overloaded, it was not sent for now. After DeadlineExceeded and any other error nobody knows:
then :meth:`Channel.resolve` is asked.

Held by tests/unit/runtime/test_sending.py, tests/unit/runtime/test_outbox.py and
tests/integration/test_sends_over_ray.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from runtime.retry import RetryPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message to the outside. ``outbox_id`` is the same in every try: give it to the provider where that takes an
    id of the sender's. ``attempt`` counts from 1; ``maybe_duplicate``: an earlier try may have arrived."""

    tenant: str
    outbox_id: str
    conversation_id: str
    channel: str
    turn_id: str
    trace_id: str
    body: Mapping[str, object]  # as the turn's SendOut has it
    attempt: int
    maybe_duplicate: bool


class Found(StrEnum):
    SENT = "sent"
    NOT_SENT = "not sent"
    UNKNOWN = "unknown"  # the provider does not tell, now or later


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What a provider says of a message whose call ended without an answer."""

    found: Found
    provider_id: str = ""


class Channel(Protocol):
    async def send(self, outgoing: Outgoing) -> str:
        """Hand the message to the provider; returns the provider's id of it. Errors as the module says."""
        ...

    async def resolve(self, outgoing: Outgoing) -> Resolution:
        """Whether the provider has the message. Any error: it cannot be asked for now, and will be asked again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """A channel and its terms.

    ``call_s``: a call that lasts longer is given up, its outcome unknown. ``settle_s``: how long after that the
    message may still arrive, so that only then "not sent" is believed. ``concurrency``: calls at once of one tenant.
    """

    channel: Channel
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    call_s: float = 20.0
    settle_s: float = 10.0
    concurrency: int = 16
