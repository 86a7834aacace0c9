"""/webhooks: what providers call. The provider's signature over the raw body is the authentication.

Promises: 200 means that every message in the webhook is in the journal, or was before, or is none of ours; what could
not be committed is answered with an error, so that the provider tells it again. What is stale, unknown or a repeat is
accepted, counted and ignored.

Held by tests/integration/api/test_api_webhooks.py.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse

from actors import ports
from actors.api.auth import TheDoor, TheTrace
from actors.api.door import READ_DEADLINE_S, Door, within
from actors.api.metrics import Metrics
from actors.hearing import Heard
from actors.inbound import DeliveryTold, InboundMessage
from actors.messages import DeliveriesKept, KeepDeliveries
from actors.owner_identity import role_of
from runtime.address import ActorId
from runtime.errors import Forbidden, Invalid, NotFound
from runtime.ids import new_id
from runtime.message import Trace, Verdict
from runtime.principal import Principal, Role

KINDS = ("whatsapp", "telegram")
_DAY_S = 86_400.0

log = structlog.get_logger("webhooks")


class TakenOut(BaseModel):
    accepted: int
    duplicates: int
    ignored: int


def router(metrics: Metrics) -> APIRouter:
    api = APIRouter(tags=["webhooks"])

    @api.get("/webhooks/{kind}/{channel_id}", response_class=PlainTextResponse)
    async def confirm(kind: str, channel_id: str, request: Request, door: TheDoor) -> PlainTextResponse:
        """The provider asks, when the address is registered with it, whether this is ours."""
        inlet = await _inlet(door, kind, channel_id)
        challenge = inlet.challenge(request.query_params)
        if challenge is None:
            metrics.webhooks.labels(kind, "refused").inc()
            raise Forbidden("This is not the provider's request.", do="Enter the verify token of the channel there.")
        return PlainTextResponse(challenge)

    @api.post("/webhooks/{kind}/{channel_id}")
    async def receive(kind: str, channel_id: str, request: Request, door: TheDoor, trace: TheTrace) -> TakenOut:
        """Messages and what became of ours, told by the provider."""
        inlet = await _inlet(door, kind, channel_id)
        request.state.tenant = inlet.tenant
        body = await request.body()
        if not inlet.genuine(request.headers, body):
            metrics.webhooks.labels(kind, "refused").inc()
            raise Forbidden("The signature is not the provider's.", do="Check the channel's secret on both sides.")
        try:
            received = inlet.read(body)
        except Invalid as error:
            metrics.webhooks.labels(kind, "malformed").inc()
            raise HTTPException(400, str(error)) from error
        now, known_s = door.clock.now(), door.settings.message_retention_days * _DAY_S
        fresh = [message for message in received.messages if not message.stale(now, known_s=known_s)]
        duplicates = await _accept(door, inlet, fresh, trace) if fresh else 0
        if received.deliveries:
            await _keep(door, inlet, received.deliveries, trace)
        ignored = {**received.ignored, "stale": len(received.messages) - len(fresh)}
        for outcome, number in (
            ("accepted", len(fresh) - duplicates),
            ("duplicate", duplicates),
            ("status", len(received.deliveries)),
            ("stale", ignored["stale"]),
            ("unknown", sum(received.ignored.values())),
        ):
            metrics.webhooks.labels(kind, outcome).inc(number)
        if any(ignored.values()):
            told = {name: number for name, number in ignored.items() if number}
            log.info("webhook.ignored", tenant=inlet.tenant, channel=channel_id, kinds=told, **trace.log_fields())
        return TakenOut(
            accepted=len(fresh) - duplicates,
            duplicates=duplicates,
            ignored=sum(ignored.values()) + len(received.deliveries),
        )

    return api


async def _inlet(door: Door, kind: str, channel_id: str) -> ports.Inlet:
    async with within(READ_DEADLINE_S, "The journal"):
        inlet = await door.inlets.find(kind, channel_id) if kind in KINDS else None
    if inlet is None:
        raise NotFound("There is no such channel.", do="`ragleap channel list` shows each one's address.")
    return inlet


async def _accept(door: Door, inlet: ports.Inlet, messages: Sequence[InboundMessage], trace: Trace) -> int:
    """Commit them together; how many were there already. Raises what keeps them from being committed."""
    async with within(READ_DEADLINE_S, "The journal"):
        known = await door.owners.of_kind(inlet.tenant, messages[0].channel)
    heard = Heard(tenant=inlet.tenant, channel_id=inlet.channel_id, verified_by=inlet.verified_by)
    deadline = door.clock.now() + door.settings.message_ttl_s
    envelopes = [
        heard.envelope(message, role=role_of(message, known), trace=trace, deadline=deadline) for message in messages
    ]
    async with within(READ_DEADLINE_S, "The cell"):
        receipts = await door.cells.accept(envelopes)
    return sum(receipt.verdict is Verdict.DUPLICATE for receipt in receipts)


async def _keep(door: Door, inlet: ports.Inlet, told: Sequence[DeliveryTold], trace: Trace) -> None:
    """Note what became of messages of ours. Raises what keeps it from being noted: the provider tells it again."""
    provider = Principal(
        tenant=inlet.tenant, role=Role.ANONYMOUS, identity=inlet.channel_id, verified_by=inlet.verified_by
    )
    keep = KeepDeliveries(deliveries=tuple(told))
    to = ActorId(inlet.tenant, "deliveries")
    asked = door.envelope(
        to, keep, principal=provider, trace=trace, message_id=new_id("in"), deadline_s=READ_DEADLINE_S
    )
    await door.ask(asked, DeliveriesKept)
