"""/v1/chat/completions and /v1/models: the OpenAI API over the same sessions, for clients that speak it already.

``messages`` is the whole context. Without ``user`` every call is a conversation of its own and nothing is remembered.
The API key alone is the owner; with ``user`` (an end user, says OpenAI) the call speaks for that customer, who is
answered from public documents alone. ``system`` messages, ``temperature`` and the token limit are for the language
model where one is configured; answers quoted from the documents have none.
Wire format: https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from actors.api import answers, problem, sse
from actors.api.answers import Asked
from actors.api.auth import IdempotencyKey, Owner, TheDoor, TheTrace
from actors.api.chat import API
from actors.api.door import Door
from actors.api.naming import chosen_id, chosen_session, conversation_of, session_named
from actors.messages import MAX_INSTRUCTIONS, Customer, Manner, Say
from runtime.errors import DeadlineExceeded, Invalid, NotFound, RagleapError, Retryable
from runtime.principal import Role

OPENAI = "openai"  # sessions of these clients; to the platform they are readers of the API like any other
MODEL = "ragleap"
MAX_MESSAGES = 200
MAX_CHARS = 200_000
MAX_USER = 512
_END = b"data: [DONE]\n\n"


class Part(BaseModel):
    type: str
    text: str | None = None


class MessageIn(BaseModel):
    model_config = ConfigDict(extra="ignore")
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None


class CompletionIn(BaseModel):
    """What the OpenAI API takes. Of its settings, those that are not named here are accepted and have no effect.

    `system` and `developer` messages tell a language model how to write (their first 4,000 characters), and
    `temperature` and `max_completion_tokens` (or `max_tokens`, at most 1,000) are passed on to it. Without a language
    model the answer is quoted from the documents and they have no effect.
    """

    model_config = ConfigDict(extra="ignore")
    model: str = MODEL
    messages: list[MessageIn] = Field(min_length=1, max_length=MAX_MESSAGES)
    stream: bool = False
    n: int | None = None
    user: str | None = Field(
        default=None, max_length=MAX_USER, description="The end user, in any characters: a session, and a customer."
    )
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    response_format: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The last thing the user said, what was said before it, and what the system messages ask for."""

    text: str
    instructions: str
    context: tuple[tuple[Literal["user", "assistant"], str], ...]


def router() -> APIRouter:
    api = APIRouter(tags=["openai"])

    @api.get("/v1/models")
    async def models(owner: Owner) -> dict[str, object]:
        """The one model there is: this tenant's assistant."""
        return {"object": "list", "data": [_model()]}

    @api.get("/v1/models/{model}")
    async def model(model: str, owner: Owner) -> dict[str, object]:
        if model != MODEL:
            raise NotFound(f"There is no model {model[:80]!r}.", do=f"Use {MODEL!r}.")
        return _model()

    @api.post("/v1/chat/completions")
    async def complete(
        body: CompletionIn, door: TheDoor, owner: Owner, trace: TheTrace, idempotency_key: IdempotencyKey
    ) -> Response:
        """Answer the last user message from the tenant's documents. Any model name is taken.

        The API key alone is the owner and is answered from all documents. With `user` it speaks for that customer, who
        is answered from the public ones alone.
        """
        question = question_of(body)
        customer = customer_of(body.user)
        speaker = replace(owner, role=Role.CUSTOMER, identity=customer.id) if customer else owner
        message_id = chosen_id("msg", speaker, idempotency_key)
        session_id = session_named(body.user) if body.user else chosen_session(speaker, idempotency_key)
        asked = await answers.accept(
            door,
            Say(
                text=question.text,
                conversation_id=conversation_of(OPENAI, session_id),
                channel=API,
                customer=customer,
                context=question.context,
                manner=Manner(
                    instructions=question.instructions,
                    max_tokens=body.max_completion_tokens or body.max_tokens,
                    temperature=body.temperature,
                ),
            ),
            principal=speaker,
            trace=trace,
            message_id=message_id,
            session_id=session_id,
        )
        head = _Head(id=f"chatcmpl-{asked.message_id}", created=int(door.clock.now()), model=body.model)
        if body.stream:
            return sse.EventStream(_chunks(door, asked, head), trace_id=trace.trace_id, headers=asked.headers())
        answer = await answers.wait(door, asked)
        if answer is None:
            raise DeadlineExceeded(
                "The answer was not there by the deadline.",
                do=f"It is being made: read /v1/messages/{asked.message_id}.",
            )
        answers.check(answer)
        return JSONResponse(head.completion(answer), headers=asked.headers())

    return api


def customer_of(user: str | None) -> Customer | None:
    """The customer that a call speaks for. A name that cannot be shown is known by its session's."""
    if not user:
        return None
    return Customer(id=user if user.isprintable() else session_named(user))


def question_of(body: CompletionIn) -> Question:
    """Take the last user message as the question. System messages are instructions, no turns of the talk."""
    if body.n not in (None, 1):
        raise Invalid("n must be 1: there is one answer to a question.")
    if body.response_format is not None and body.response_format.get("type", "text") != "text":
        raise Invalid("response_format must be text.", do="Leave it out.")
    texts = [(message.role, _text(message)) for message in body.messages]
    if sum(len(text) for _, text in texts) > MAX_CHARS:
        raise Invalid(f"messages have more than {MAX_CHARS:,} characters in all.", do="Send fewer or shorter ones.")
    last = max((at for at, (role, _) in enumerate(texts) if role == "user"), default=None)
    if last is None or not texts[last][1].strip():
        raise Invalid("messages hold no question.", do="Let the last message be the user's, with text in it.")
    context: list[tuple[Literal["user", "assistant"], str]] = []
    for role, text in texts[:last]:
        if role == "user" and text:
            context.append(("user", text))
        elif role == "assistant" and text:
            context.append(("assistant", text))
    told = [text.strip() for role, text in texts if role in ("system", "developer") and text.strip()]
    instructions = "\n".join(told)[:MAX_INSTRUCTIONS]
    return Question(text=texts[last][1].strip(), context=tuple(context), instructions=instructions)


def _text(message: MessageIn) -> str:
    if message.content is None or isinstance(message.content, str):
        return message.content or ""
    for part in message.content:
        if part.type not in ("text", "input_text", "refusal"):
            raise Invalid(f"A content part of type {part.type[:40]!r} cannot be read.", do="Send text parts only.")
    return "\n".join(part.text or "" for part in message.content)


def _model() -> dict[str, object]:
    return {"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """What every object of one completion repeats."""

    id: str
    created: int
    model: str

    def completion(self, answer: Any) -> dict[str, object]:
        message = {"role": "assistant", "content": answer["answer"], "refusal": None}
        return {
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
            **_ours(answer),
        }

    def chunk(self, delta: dict[str, str], *, finish: str | None = None, **ours: object) -> bytes:
        body = {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}],
            **ours,
        }
        return f"data: {json.dumps(body, ensure_ascii=False)}\n\n".encode()


def _ours(answer: Any) -> dict[str, object]:
    """What the OpenAI format has no place for; its clients keep fields that they do not know."""
    return {name: answer[name] for name in ("status", "citations", "message_id", "session_id")}


@dataclass(slots=True)
class Sent:
    """What a reader of chunks has been given. Nothing can be taken back, so after a reset the new answer must agree.

    Pure: :meth:`token`, :meth:`reset` and :meth:`rest` return the text to send next.
    """

    text: str = ""
    _fresh: str | None = field(default=None)  # the answer as made anew after a reset; None while there was none

    def token(self, text: str) -> str:
        if self._fresh is None:
            self.text += text
            return text
        self._fresh += text
        return ""  # held back until it is whole

    def reset(self) -> None:
        self._fresh = ""

    def rest(self, answer: str) -> str | None:
        """What completes the reader's text to ``answer``, or None where it has been given something else."""
        return answer[len(self.text) :] if answer.startswith(self.text) else None


async def _chunks(door: Door, asked: Asked, head: _Head) -> AsyncIterator[bytes]:
    yield head.chunk({"role": "assistant", "content": ""})
    sent = Sent()
    events = door.cells.events(asked.tenant, asked.message_id)
    try:
        async for event in events:
            if event.event == "token":
                text = sent.token(str(event.data.get("text", "")))
                if text:
                    yield head.chunk({"content": text})
            elif event.event == "reset":
                sent.reset()
            elif event.event == "done":
                answer = answers.whole(event.data, message_id=asked.message_id, session_id=asked.session_id)
                answers.check(answer)
                for data in _ending(head, sent, answer):
                    yield data
                return
        yield _error(DeadlineExceeded("The answer did not come."))
    except RagleapError as error:
        yield _error(error)
    finally:
        await sse.close(events)


def _ending(head: _Head, sent: Sent, answer: dict[str, object]) -> list[bytes]:
    rest = sent.rest(str(answer["answer"]))
    if rest is None:
        where = f"Read it at /v1/messages/{answer['message_id']}."
        return [_error(Retryable("The answer was interrupted and has been made anew.", do=where))]
    tail = [head.chunk({"content": rest})] if rest else []
    return [*tail, head.chunk({}, finish="stop", **_ours(answer)), _END]


def _error(error: RagleapError) -> bytes:
    """An error in mid-stream, as the OpenAI clients raise it."""
    found = problem.problem_of(error)
    body = {"error": {"message": found.detail, "type": "server_error", "param": None, "code": found.kind}}
    return f"data: {json.dumps(body)}\n\n".encode()
