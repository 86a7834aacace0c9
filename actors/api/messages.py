"""/v1/messages: what became of a message, whole or as it comes, from where the reader stopped."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header
from pydantic import BaseModel
from starlette.responses import Response

from actors.api import answers, sse
from actors.api.auth import Caller, TheDoor, TheTrace
from actors.api.chat import CitationOut
from actors.api.conversations import only_conversation
from actors.api.naming import session_of


class MessageOut(BaseModel):
    message_id: str
    session_id: str
    conversation_id: str
    state: str
    message: str
    error: str = ""
    status: str | None = None
    answer: str | None = None
    citations: list[CitationOut] = []


def router() -> APIRouter:
    api = APIRouter(tags=["messages"])

    @api.get("/v1/messages/{message_id}")
    async def read(message_id: str, door: TheDoor, caller: Caller) -> MessageOut:
        """`state` is pending, done or dead; the answer is there once it is done."""
        record = await answers.own_message(door, caller.tenant, message_id, only_conversation(caller))
        session_id = session_of(record.conversation_id)
        answer = record.answer and answers.whole(record.answer, message_id=record.message_id, session_id=session_id)
        return MessageOut.model_validate(
            {
                **(answer or {}),
                "message_id": record.message_id,
                "session_id": session_id,
                "conversation_id": record.conversation_id,
                "state": record.state,
                "message": record.text,
                "error": record.error,
            }
        )

    @api.get("/v1/messages/{message_id}/events", response_class=Response)
    async def events(
        message_id: str,
        door: TheDoor,
        caller: Caller,
        trace: TheTrace,
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> Response:
        """The answer's events after `Last-Event-ID`, or all of them. Ends after `done`."""
        after = sse.after_seq(last_event_id)
        record = await answers.own_message(door, caller.tenant, message_id, only_conversation(caller))
        asked = answers.Asked(
            tenant=caller.tenant, message_id=message_id, session_id=session_of(record.conversation_id)
        )
        return sse.EventStream(
            answers.relay(door, asked, after_seq=after), trace_id=trace.trace_id, headers=asked.headers()
        )

    return api
