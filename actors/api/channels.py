"""/v1/channels: the accounts at providers that customers write to. Secrets go in and never come out."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from actors.api.auth import Owner, TheDoor, TheTrace
from actors.api.door import READ_DEADLINE_S, within
from actors.messages import AddChannel, ChannelReady, CheckChannel
from runtime.address import ActorId
from runtime.clock import iso
from runtime.ids import new_id

_PROVIDER_S = 45.0  # two calls to a provider that is slow

Setting = Annotated[str, Field(max_length=1_000)]


class ChannelIn(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True)
    kind: str = Field(min_length=1, max_length=40)
    name: str = Field(default="", max_length=100, description="The kind, where it is left out")
    public_url: str = Field(
        default="", max_length=500, description="Where the provider reaches this server: https://…; not for e-mail"
    )
    settings: dict[str, Setting] = {}
    secrets: dict[str, SecretStr] = {}


class ChannelOut(BaseModel):
    channel_id: str
    kind: str
    name: str
    settings: dict[str, str]
    created_at: str


class ChannelsOut(BaseModel):
    channels: list[ChannelOut]


class ReadyOut(BaseModel):
    channel_id: str
    kind: str
    name: str
    account: str
    webhook_url: str
    todo: dict[str, str]


class CheckedOut(BaseModel):
    channel_id: str
    kind: str
    account: str


def router() -> APIRouter:
    api = APIRouter(tags=["channels"])

    @api.get("/v1/channels")
    async def index(door: TheDoor, owner: Owner) -> ChannelsOut:
        """The tenant's channels, the oldest first."""
        async with within(READ_DEADLINE_S, "The journal"):
            rows = await door.inlets.rows(owner.tenant)
        listed = [
            ChannelOut(
                channel_id=row.channel_id,
                kind=row.kind,
                name=row.name,
                settings=dict(row.settings),
                created_at=iso(row.created_at),
            )
            for row in rows
        ]
        return ChannelsOut(channels=listed)

    @api.post("/v1/channels", status_code=201)
    async def create(body: ChannelIn, door: TheDoor, owner: Owner, trace: TheTrace) -> ReadyOut:
        """Connect an account; the same name again changes it. `todo` is what you enter at the provider, shown once."""
        add = AddChannel(
            kind=body.kind,
            name=body.name or body.kind,
            public_url=body.public_url,
            settings=body.settings,
            secrets={name: secret.get_secret_value() for name, secret in body.secrets.items()},
        )
        to = ActorId(owner.tenant, "channels")
        asked = door.envelope(to, add, principal=owner, trace=trace, message_id=new_id("in"), deadline_s=_PROVIDER_S)
        made = await door.ask(asked, ChannelReady)
        return ReadyOut.model_validate(asdict(made))

    @api.post("/v1/channels/{channel_id}/test")
    async def check(channel_id: str, door: TheDoor, owner: Owner, trace: TheTrace) -> CheckedOut:
        """Ask the provider who we are, with the credentials that are kept."""
        to = ActorId(owner.tenant, "channels")
        asked = door.envelope(
            to,
            CheckChannel(channel_id=channel_id),
            principal=owner,
            trace=trace,
            message_id=new_id("in"),
            deadline_s=_PROVIDER_S,
        )
        found = await door.ask(asked, ChannelReady)
        return CheckedOut(channel_id=found.channel_id, kind=found.kind, account=found.account)

    return api
