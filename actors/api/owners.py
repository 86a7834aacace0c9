"""/v1/owners: whose phone number, Telegram id or mail address speaks as the owner, or as staff."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from actors.api.auth import Owner, TheDoor, TheTrace
from actors.api.door import READ_DEADLINE_S, Door, within
from actors.messages import AddOwner, OwnerChanged, RemoveOwner
from runtime.address import ActorId
from runtime.clock import iso
from runtime.ids import new_id
from runtime.message import Trace
from runtime.principal import Principal


class OwnerIn(BaseModel):
    kind: Literal["whatsapp", "telegram", "email"]
    identity: str = Field(min_length=1, max_length=320)
    role: Literal["owner", "staff"] = "owner"


class OwnerOut(BaseModel):
    kind: str
    identity: str
    role: str


class RegisteredOut(OwnerOut):
    added_at: str


class OwnersOut(BaseModel):
    owners: list[RegisteredOut]


class RemovedOut(BaseModel):
    kind: str
    identity: str
    removed: bool = True


def router() -> APIRouter:
    api = APIRouter(tags=["owners"])

    @api.get("/v1/owners")
    async def index(door: TheDoor, owner: Owner) -> OwnersOut:
        """Everybody that is registered, the first one first."""
        async with within(READ_DEADLINE_S, "The journal"):
            found = await door.owners.every(owner.tenant)
        return OwnersOut(
            owners=[
                RegisteredOut(kind=each.kind, identity=each.identity, role=each.role, added_at=iso(each.added_at))
                for each in found
            ]
        )

    @api.post("/v1/owners", status_code=201)
    async def add(body: OwnerIn, door: TheDoor, owner: Owner, trace: TheTrace) -> OwnerOut:
        """Who writes to your channels as `identity` is answered from all documents, and set questions too; the same
        identity again changes its role. In a group everybody is answered as a customer."""
        add = AddOwner(kind=body.kind, identity=body.identity, staff=body.role == "staff")
        made = await _asked(door, owner, trace, add)
        return OwnerOut(kind=made.kind, identity=made.identity, role=made.role)

    @api.delete("/v1/owners/{kind}/{identity}")
    async def remove(kind: str, identity: str, door: TheDoor, owner: Owner, trace: TheTrace) -> RemovedOut:
        """What that person writes from now on is a customer's."""
        gone = await _asked(door, owner, trace, RemoveOwner(kind=kind, identity=identity))
        return RemovedOut(kind=gone.kind, identity=gone.identity)

    return api


async def _asked(door: Door, owner: Principal, trace: Trace, change: AddOwner | RemoveOwner) -> OwnerChanged:
    to = ActorId(owner.tenant, "owners")
    asked = door.envelope(to, change, principal=owner, trace=trace, message_id=new_id("in"))
    return await door.ask(asked, OwnerChanged)
