"""What travels between actors: the envelope, its urgency, and what the cell says when it has taken one.

Held by tests/unit/runtime/test_message.py.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Self

from runtime.address import ActorId
from runtime.ids import new_id
from runtime.principal import Principal

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}", re.IGNORECASE)


class Tier(IntEnum):
    """Urgency. Lower runs first; each tier has its own share of a mailbox."""

    VOICE = 0
    INTERACTIVE = 1
    EMAIL = 2
    BATCH = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """W3C trace context (https://www.w3.org/TR/trace-context/): one id from the HTTP request to every store call."""

    trace_id: str
    span_id: str

    @classmethod
    def new(cls) -> Trace:
        drawn = os.urandom(24).hex()
        return cls(trace_id=drawn[:32], span_id=drawn[32:])

    @classmethod
    def parse(cls, traceparent: str | None) -> Trace:
        """The caller's ``traceparent`` header continued, or a new trace where it is missing or malformed."""
        found = _TRACEPARENT.fullmatch(traceparent or "")
        if found and int(found[1], 16) and int(found[2], 16):
            return cls(trace_id=found[1].lower(), span_id=os.urandom(8).hex())
        return cls.new()

    def header(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-01"

    def log_fields(self) -> Mapping[str, str]:
        return {"trace_id": self.trace_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """One message to one actor.

    ``message_id`` is unique within the tenant and chosen by the sender, so that sending twice is harmless.
    ``dedupe_key`` (a provider's message id, an Idempotency-Key) names the same message told twice under two ids.
    ``sender`` orders: messages of one sender to one actor in one tier are taken in the order of acceptance, also over
    retries: while one waits for its next try, the later ones wait behind it. "" is nobody: no order is kept.
    ``deadline`` is wall time in seconds since the epoch; after it nobody waits for the answer.
    """

    message_id: str
    to: ActorId
    principal: Principal
    body: object  # a frozen dataclass registered with the codec
    trace: Trace
    deadline: float
    tier: Tier = Tier.INTERACTIVE
    sender: str = ""
    dedupe_key: str = ""

    @classmethod
    def first(
        cls,
        to: ActorId,
        body: object,
        principal: Principal,
        *,
        message_id: str = "",
        ttl_s: float = 60.0,
        now: float | None = None,
    ) -> Self:
        """A message from outside, with a trace of its own: whoever is told of a request's trace passes that on instead.

        Without ``message_id`` a new one is made, so that telling it twice is two messages. ``ttl_s`` seconds from
        ``now`` (wall time; by the machine's clock where it is not given) are left for it.
        """
        now = time.time() if now is None else now
        return cls(
            message_id=message_id or new_id("msg", now=now),
            to=to,
            principal=principal,
            body=body,
            trace=Trace.new(),
            deadline=now + ttl_s,
        )

    def causes(self, message_id: str, kind: str, key: str, body: object) -> Envelope:
        """What this message's turn says to another actor of its tenant, on behalf of the same principal."""
        return Envelope(
            message_id=message_id,
            to=ActorId(self.to.tenant, kind, key),
            principal=self.principal,
            body=body,
            trace=self.trace,
            deadline=self.deadline,
            tier=self.tier,
            sender=str(self.to),
        )

    def log_fields(self) -> Mapping[str, str]:
        """What the log says of everything that is done for this message."""
        return {
            "tenant": self.to.tenant,
            "actor": f"{self.to.kind}/{self.to.key}",
            "message_id": self.message_id,
            **self.trace.log_fields(),
        }


class Verdict(StrEnum):
    ACCEPTED = "accepted"  # committed: it will be answered or dead-lettered
    DUPLICATE = "duplicate"  # the same message was accepted before; ``message_id`` is the first one's


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The cell's answer to one accepted envelope."""

    verdict: Verdict
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEvent:
    """One event of an answer as it is made: ``token``, ``citation``, ``reset`` or ``done``.

    ``seq`` grows within a message, also over restarts of the cell; ``data`` is JSON-ready. After ``reset`` a reader
    forgets what it has shown: the answer is being made anew. ``done`` is the last event and carries the whole answer.
    """

    seq: int
    event: str
    data: Mapping[str, object] = field(default_factory=dict)
