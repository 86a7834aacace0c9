"""/v1/tenants and /v1/status: the operator's calls. A key is shown once, when it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from actors.api.auth import IdempotencyKey, Operator, TheDoor
from actors.api.door import READ_DEADLINE_S, WRITE_DEADLINE_S, within

_DELETE_DEADLINE_S = 300.0  # every trace in every store
_STATUS_S = 5.0  # a cell that hangs must not hide the others
_CELL_DEADLINE_S = 180.0  # a process starts, or ends its turns


class TenantIn(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)
    name: str = Field(min_length=1, max_length=200)


class TokenIn(BaseModel):
    ttl_s: int = Field(default=900, ge=60, le=86_400)


class CellIn(BaseModel):
    cell: str = Field(min_length=1, max_length=60)
    dedicated: bool = False


class PlaceIn(BaseModel):
    cell: str = Field(default="", max_length=60)


def router() -> APIRouter:
    api = APIRouter(tags=["tenants"], dependencies=[Operator])

    @api.post("/v1/tenants", status_code=201)
    async def create(
        body: TenantIn, request: Request, door: TheDoor, idempotency_key: IdempotencyKey
    ) -> dict[str, Any]:
        """A new workspace: its API key (shown this once), its public embed key and its chat page.

        A repeat with the same `Idempotency-Key` shows the same again; nothing is kept in clear for it.
        """
        made = await door.administer("tenant.create", {"name": body.name, "idempotency_key": idempotency_key})
        return _with_page(made, request)

    @api.get("/v1/tenants")
    async def index(request: Request, door: TheDoor) -> dict[str, Any]:
        found = await door.administer("tenant.list", {})
        tenants = found.get("tenants")
        listed = tenants if isinstance(tenants, list | tuple) else []
        return {**found, "tenants": [_with_page(tenant, request) for tenant in listed]}

    @api.delete("/v1/tenants/{tenant}")
    async def delete(tenant: str, door: TheDoor) -> dict[str, Any]:
        """Remove every trace of the tenant from every store; says what was removed."""
        return await door.administer("tenant.delete", {"tenant": tenant}, deadline_s=_DELETE_DEADLINE_S)

    @api.post("/v1/tenants/{tenant}/tokens", status_code=201)
    async def mint(tenant: str, body: TokenIn, door: TheDoor, idempotency_key: IdempotencyKey) -> dict[str, Any]:
        """An API key that ends by itself after `ttl_s` seconds."""
        arguments = {"tenant": tenant, "ttl_s": body.ttl_s, "idempotency_key": idempotency_key}
        return await door.administer("key.mint", arguments)

    @api.put("/v1/tenants/{tenant}/cell")
    async def place(tenant: str, body: PlaceIn, door: TheDoor) -> dict[str, Any]:
        """Keep the tenant at one cell, or (with an empty name) let it go where the directory puts it."""
        # Not for the tenant's own cell to do: that may be the one which does not answer.
        return await door.administer("tenant.place", {"placed": tenant, "cell": body.cell})

    @api.get("/v1/cells")
    async def cells(door: TheDoor) -> dict[str, Any]:
        return await door.administer("cell.list", {})

    @api.post("/v1/cells", status_code=201)
    async def add_cell(body: CellIn, door: TheDoor, idempotency_key: IdempotencyKey) -> dict[str, Any]:
        """One more process that serves tenants; a `dedicated` one serves only those that are placed there. The same
        again is safe, with or without an `Idempotency-Key`."""
        arguments = {"cell": body.cell, "dedicated": body.dedicated}
        return await door.administer("cell.add", arguments, deadline_s=_CELL_DEADLINE_S)

    @api.delete("/v1/cells/{cell}")
    async def remove_cell(cell: str, door: TheDoor) -> dict[str, Any]:
        """Hand over the cell's tenants to the others, then end it."""
        return await door.administer("cell.remove", {"cell": cell}, deadline_s=_CELL_DEADLINE_S)

    @api.get("/v1/status")
    async def status(door: TheDoor) -> dict[str, Any]:
        """What the cells are at (tenants awake, their actors, what waits, restarts), and what waits in the journal."""
        async with within(WRITE_DEADLINE_S, "The cells"):
            found = await door.cells.administer_every("status", {}, deadline_s=_STATUS_S)
        async with within(READ_DEADLINE_S, "The journal"):
            figures = await door.figures()
        return {"cells": [found[name] for name in sorted(found)], "journal": asdict(figures)}

    return api


def _with_page(tenant: Mapping[str, object], request: Request) -> dict[str, Any]:
    embed_key = tenant.get("embed_key")
    page = {"chat_url": str(request.url_for("chat_page", embed_key=embed_key))} if embed_key else {}
    return {**tenant, **page}
