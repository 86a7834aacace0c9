"""/v1/conversations/{id}/…: what people do in a conversation: answer, take it over, hand it back, watch it.

Held by tests/e2e/test_hand_over.py and tests/integration/channels/test_hand_over.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from actors.api import answers, citations, sse
from actors.api.auth import Caller, IdempotencyKey, Owner, TheDoor, TheTrace
from actors.api.chat import MAX_MESSAGE
from actors.api.conversations import check_may_read, line_out
from actors.api.door import READ_DEADLINE_S, Door, within
from actors.api.naming import chosen_id
from actors.holder import Holder
from actors.messages import HandedOver, HandOver, PersonSays
from runtime.address import ActorId
from runtime.ids import new_id
from runtime.principal import Principal

LOOK_S = 1.0  # how often a watched conversation is looked at


class PersonSaysIn(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)
    message: str = Field(min_length=1, max_length=MAX_MESSAGE)


class SaidOut(BaseModel):
    message_id: str
    conversation_id: str


class HandOverIn(BaseModel):
    to: Literal["human", "assistant", "closed"]


class HandedOverOut(BaseModel):
    conversation_id: str
    state: str


def router() -> APIRouter:
    api = APIRouter(tags=["conversations"])

    @api.post("/v1/conversations/{conversation_id}/messages", status_code=202)
    async def say(
        conversation_id: str,
        body: PersonSaysIn,
        door: TheDoor,
        owner: Owner,
        trace: TheTrace,
        idempotency_key: IdempotencyKey,
    ) -> SaidOut:
        """A person of the business answers: it goes to where the customer's last message came from, and the assistant
        is silent from then on, until the conversation is handed back."""
        async with within(READ_DEADLINE_S, "The journal"):
            await door.records_for(owner.tenant).conversation(conversation_id)
        asked = await answers.accept(
            door,
            PersonSays(text=body.message, conversation_id=conversation_id),
            principal=owner,
            trace=trace,
            message_id=chosen_id("msg", owner, idempotency_key),
            session_id="",
        )
        return SaidOut(message_id=asked.message_id, conversation_id=conversation_id)

    @api.post("/v1/conversations/{conversation_id}/handoff")
    async def hand_over(
        conversation_id: str, body: HandOverIn, door: TheDoor, caller: Caller, trace: TheTrace
    ) -> HandedOverOut:
        """Who has the conversation from now on. A visitor may ask for a person in its own."""
        check_may_read(caller, conversation_id)
        message = HandOver(to=Holder(body.to), conversation_id=conversation_id, channel=citations.WEB)
        to = ActorId(caller.tenant, "session", conversation_id)
        asked = door.envelope(to, message, principal=caller, trace=trace, message_id=new_id("in"))
        made = await door.ask(asked, HandedOver)
        return HandedOverOut(conversation_id=conversation_id, state=made.holder)

    @api.get("/v1/conversations/{conversation_id}/events")
    async def watch(
        conversation_id: str,
        door: TheDoor,
        caller: Caller,
        trace: TheTrace,
        after_seq: Annotated[int, Query(ge=0)] = 0,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> Response:
        """The conversation as it goes on (SSE): `state` at the start and with each change, `message` for each line
        after `after_seq`, whose event id is its `seq`."""
        check_may_read(caller, conversation_id)
        async with within(READ_DEADLINE_S, "The journal"):
            await door.records_for(caller.tenant).conversation(conversation_id)
        after = max(after_seq, sse.after_seq(last_event_id))
        return sse.EventStream(_lines(door, caller, conversation_id, after), trace_id=trace.trace_id)

    return api


async def _lines(door: Door, caller: Principal, conversation_id: str, after: int) -> AsyncIterator[bytes]:
    records, state = door.records_for(caller.tenant), ""
    until = door.clock.monotonic() + answers.STREAM_LIFE_S
    while door.clock.monotonic() < until:
        async with within(READ_DEADLINE_S, "The journal"):
            record = await records.conversation(conversation_id)
            lines = await records.lines_after(conversation_id, after)
        if record.state != state:
            state = record.state
            yield sse.frame("state", {"state": state})
        for line in lines:
            after = line.seq
            yield sse.frame("message", line_out(line).model_dump(), seq=line.seq)
        if not lines:
            await asyncio.sleep(LOOK_S)
