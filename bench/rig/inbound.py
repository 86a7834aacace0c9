"""The product's gateway with one more route: a message in, acknowledged when it is in the journal, as a webhook is.

``POST /bench/messages {text, conversation}`` → 202 ``{message_id}``. Authentication, tracing, metrics, limits and the
way to the cell are the product's own; only the answer is not waited for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field
from ray import serve
from ray.serve import Application
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from actors.api import answers
from actors.api.app import create_app
from actors.api.auth import Caller, IdempotencyKey, TheDoor, TheTrace
from actors.api.door import Door
from actors.api.naming import chosen_id
from actors.messages import Say
from cluster.doors import build_door
from runtime import heap


class MessageIn(BaseModel):
    text: str = Field(min_length=1, max_length=8_000)
    conversation: str = Field(min_length=1, max_length=128)


def router() -> APIRouter:
    api = APIRouter()

    @api.post("/bench/messages")
    async def take(
        body: MessageIn, door: TheDoor, caller: Caller, trace: TheTrace, idempotency_key: IdempotencyKey
    ) -> Response:
        asked = await answers.accept(
            door,
            Say(text=body.text, conversation_id=body.conversation, channel="sink"),
            principal=caller,
            trace=trace,
            message_id=chosen_id("msg", caller, idempotency_key),
            session_id=body.conversation,
        )
        return JSONResponse({"message_id": asked.message_id}, status_code=202)

    return api


@serve.deployment(name="gateway", max_ongoing_requests=512)
@serve.ingress()
class InboundGateway:
    """``actors.api.deployment.Gateway`` with the route above."""

    async def __init__(self) -> None:  # type: ignore[misc]  # Serve awaits it
        self._door: Door = await build_door()

    def __serve_build_asgi_app__(self) -> ASGIApp:
        app = create_app(self._door)
        app.include_router(router())
        heap.settle()
        return app


def gateway(arguments: Mapping[str, object]) -> Application:
    """What the bench's Serve configuration names."""
    deployment: Any = InboundGateway
    application: Application = deployment.bind()
    return application
