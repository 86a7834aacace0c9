"""Answers on their way out: asking a session, waiting for the answer or relaying it, and the one JSON shape it has."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from actors.api import sse
from actors.api.door import READ_DEADLINE_S, Door, within
from actors.messages import PersonSays, Say
from actors.ports import MessageRecord
from runtime.address import ActorId
from runtime.errors import Conflict, NotFound, RagleapError, Retryable
from runtime.message import StreamEvent, Trace, Verdict
from runtime.principal import Principal

STREAM_LIFE_S = 600.0  # an open stream holds a place at the gateway; after this its reader resumes with a new call
_OPTIONAL = ("sql", "plan", "rows", "error")
FAILED = "failed"  # the status of a message that became a dead letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A message that the journal has taken, and the session it belongs to as the caller knows it."""

    tenant: str
    message_id: str
    session_id: str

    def headers(self) -> dict[str, str]:
        """For a reader whose stream may break before its first event."""
        return {
            "X-Message-Id": self.message_id,
            "X-Session-Id": self.session_id,
            "Location": f"/v1/messages/{self.message_id}",
        }

    def pending(self) -> dict[str, object]:
        return {"message_id": self.message_id, "session_id": self.session_id}


async def accept(
    door: Door, say: Say | PersonSays, *, principal: Principal, trace: Trace, message_id: str, session_id: str
) -> Asked:
    """Commit the message; on return it will be answered. Raises Conflict where a repeat says something else."""
    envelope = door.envelope(
        ActorId(principal.tenant, "session", say.conversation_id),
        say,
        principal=principal,
        trace=trace,
        message_id=message_id,
        deadline_s=door.settings.message_ttl_s,
        sender=say.conversation_id,
    )
    async with within(READ_DEADLINE_S, "The cell"):
        (receipt,) = await door.cells.accept([envelope])
    if receipt.verdict is Verdict.DUPLICATE:
        async with within(READ_DEADLINE_S, "The journal"):
            first = await door.records_for(principal.tenant).message(receipt.message_id)
        if first.text != say.text or first.conversation_id != say.conversation_id:
            raise Conflict("This Idempotency-Key was used for another message.", do="Use a new key for a new message.")
    return Asked(tenant=principal.tenant, message_id=receipt.message_id, session_id=session_id)


async def wait(door: Door, asked: Asked) -> Mapping[str, object] | None:
    """The whole answer, or None where it is not there by the deadline.

    The message is in the journal, so trouble on the way to its answer is no failure of the call: it comes later.
    """
    events = door.cells.events(asked.tenant, asked.message_id)
    try:
        async with asyncio.timeout(door.settings.answer_deadline_s):
            async for event in events:
                if event.event == "done":
                    return whole(event.data, message_id=asked.message_id, session_id=asked.session_id)
    except (TimeoutError, Retryable):
        return None
    finally:
        await sse.close(events)
    return None


async def relay(door: Door, asked: Asked, *, after_seq: int = 0) -> AsyncIterator[bytes]:
    """The answer as frames: ``token``, ``citation``, ``reset``, ``done``; ends after ``done`` or STREAM_LIFE_S."""
    until = door.clock.monotonic() + STREAM_LIFE_S
    events = door.cells.events(asked.tenant, asked.message_id, after_seq=after_seq)
    try:
        while True:
            try:
                async with asyncio.timeout(until - door.clock.monotonic()):
                    event = await anext(events)
            except (StopAsyncIteration, TimeoutError):
                return
            yield sse.frame(event.event, _data(event, asked), seq=event.seq)
            if event.event == "done":
                return
    finally:
        await sse.close(events)


def whole(answer: Mapping[str, object], *, message_id: str, session_id: str) -> dict[str, object]:
    """The one shape of an answer, from a ``done`` event or from the journal's Answer."""
    text = answer.get("answer")
    return {
        "status": answer.get("status", ""),
        "answer": text if isinstance(text, str) else answer.get("text", ""),
        "citations": answer.get("citations") or [],
        **{name: answer[name] for name in _OPTIONAL if answer.get(name)},
        "session_id": session_id,
        "message_id": message_id,
    }


def check(answer: Mapping[str, object]) -> None:
    """Raise where the message could not be answered: an operator finds it among the dead letters."""
    if answer.get("status") == FAILED:
        raise RagleapError(
            f"The message {answer['message_id']} could not be answered.",
            do="It is kept among the dead letters, where an operator can see why and replay it.",
        )


async def own_message(door: Door, tenant: str, message_id: str, conversation_id: str | None) -> MessageRecord:
    """A message of this tenant, and of this conversation where one is given; anything else does not exist."""
    async with within(READ_DEADLINE_S, "The journal"):
        record = await door.records_for(tenant).message(message_id)
    if conversation_id is not None and record.conversation_id != conversation_id:
        raise NotFound(f"There is no message {message_id!r}.")
    return record


def _data(event: StreamEvent, asked: Asked) -> Mapping[str, object]:
    if event.event != "done":
        return event.data
    return whole(event.data, message_id=asked.message_id, session_id=asked.session_id)
