"""/v1/chat: a message to the assistant, answered whole or as it is made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from actors.api import answers, citations, sse
from actors.api.auth import Caller, IdempotencyKey, TheDoor, TheTrace
from actors.api.jobs import wants_events
from actors.api.naming import check_name, chosen_id, chosen_session, conversation_of
from actors.messages import Customer, Say
from runtime.errors import Forbidden
from runtime.principal import Principal, Role

API = "api"
MAX_MESSAGE = 8_000


class CustomerIn(BaseModel):
    id: str = Field(min_length=1, max_length=200)
    name: str = Field(default="", max_length=200)


class ChatIn(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)
    message: str = Field(min_length=1, max_length=MAX_MESSAGE)
    session_id: str | None = None
    customer: CustomerIn | None = None
    as_of: date | None = None


class CitationOut(BaseModel):
    n: int
    document_id: str
    chunk_id: str
    quote: str
    title: str = ""


class AnswerOut(BaseModel):
    status: str
    answer: str
    citations: list[CitationOut]
    session_id: str
    message_id: str


class PendingOut(BaseModel):
    message_id: str
    session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who says it, in which session of which channel."""

    principal: Principal
    channel: str
    session_id: str


def router() -> APIRouter:
    api = APIRouter(tags=["chat"])

    @api.post(
        "/v1/chat",
        response_model=AnswerOut,
        responses={202: {"model": PendingOut, "description": "Not answered by the deadline: read /v1/messages/{id}"}},
    )
    async def chat(
        body: ChatIn,
        request: Request,
        door: TheDoor,
        caller: Caller,
        trace: TheTrace,
        idempotency_key: IdempotencyKey,
    ) -> Response:
        """Say `message`. With `Accept: text/event-stream` come the events `token`, `citation`, `reset` and `done`.

        The API key alone is the owner and is answered from all documents; with `customer` it speaks for that customer,
        who is answered from the public ones alone.
        """
        speaker = speaker_of(caller, body, idempotency_key)
        asked = await answers.accept(
            door,
            Say(
                text=body.message,
                conversation_id=conversation_of(speaker.channel, speaker.session_id),
                channel=speaker.channel,
                as_of=body.as_of.isoformat() if body.as_of else None,
                customer=Customer(id=body.customer.id, name=body.customer.name) if body.customer else None,
            ),
            principal=speaker.principal,
            trace=trace,
            message_id=chosen_id("msg", speaker.principal, idempotency_key),
            session_id=speaker.session_id,
        )
        if wants_events(request):
            return sse.EventStream(answers.relay(door, asked), trace_id=trace.trace_id, headers=asked.headers())
        answer = await answers.wait(door, asked)
        if answer is None:
            return JSONResponse(asked.pending(), status_code=202, headers=asked.headers())
        answers.check(answer)
        return JSONResponse(answer, headers=asked.headers())

    return api


def speaker_of(caller: Principal, body: ChatIn, idempotency_key: str) -> Speaker:
    """A visitor speaks in its own session only; an API key in any, and may say for which customer it speaks."""
    if caller.role is Role.ANONYMOUS:
        if body.session_id not in (None, caller.identity):
            raise Forbidden("A session token speaks in its own session only.", do="Leave session_id out.")
        if body.customer is not None:
            raise Forbidden("A visitor cannot say who it is.", do="Leave customer out, or use the tenant's API key.")
        return Speaker(principal=caller, channel=citations.WEB, session_id=caller.identity)
    principal = caller
    if body.customer is not None:
        principal = replace(caller, role=Role.CUSTOMER, identity=body.customer.id)
    session_id = (
        check_name(body.session_id, "session_id") if body.session_id else chosen_session(principal, idempotency_key)
    )
    return Speaker(principal=principal, channel=API, session_id=session_id)
