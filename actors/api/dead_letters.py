"""/v1/dead-letters: what could not be handled, for the tenant's owner and, over all tenants, for the operator."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from actors.api.auth import IdempotencyKey, Overseer, TheDoor
from runtime.dead_letters import MAX_LISTED


def router() -> APIRouter:
    api = APIRouter(tags=["dead letters"])

    @api.get("/v1/dead-letters")
    async def index(
        door: TheDoor,
        tenant: Overseer,
        limit: Annotated[int, Query(ge=1, le=MAX_LISTED)] = 50,
        before: Annotated[int, Query(ge=0)] = 0,
    ) -> dict[str, Any]:
        """Messages that were given up and not replayed, the newest first. `next` is the `before` of the next page."""
        return await door.administer("dead-letters.list", {"tenant": tenant, "limit": limit, "before": before})

    @api.get("/v1/dead-letters/{message_id}")
    async def read(message_id: str, door: TheDoor, tenant: Overseer) -> dict[str, Any]:
        """One of them, with its message; nothing secret is shown. `maybe_duplicate`: it is a reply of which nobody
        knows whether it arrived; to replay it may send it a second time."""
        return await door.administer("dead-letters.show", {"tenant": tenant, "id": message_id})

    @api.post("/v1/dead-letters/{message_id}/replay")
    async def replay(message_id: str, door: TheDoor, tenant: Overseer, _: IdempotencyKey) -> dict[str, Any]:
        """Have it handled again, under its own id: it has one effect at most. `replayed` is false where it is on its
        way or done already, so a repeat is harmless with or without an `Idempotency-Key`."""
        return await door.administer("dead-letters.replay", {"tenant": tenant, "id": message_id})

    return api
