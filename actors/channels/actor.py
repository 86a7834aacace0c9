"""The ``channels`` actor: one per tenant, the only one that connects its accounts at providers.

Promises: what the provider did not take is not kept; secrets are sealed before they are written and are told to nobody
again, but for what the owner has to enter at the provider, once.

Held by tests/integration/channels/test_connect.py.
"""

from __future__ import annotations

from actors.channels.accounts import Accounts
from actors.channels.connect import Connect, checked
from actors.messages import AddChannel, ChannelReady, CheckChannel
from runtime.actor import Actor, ActorContext, Turn, handles
from runtime.errors import Conflict, Invalid
from runtime.ids import new_id
from runtime.principal import Role
from runtime.store.channels import KeepChannel

MOST_CHANNELS = 50
_MOST_NAME = 100


class ChannelsActor(Actor):
    def __init__(self, context: ActorContext, *, accounts: Accounts, connect: Connect) -> None:
        super().__init__(context)
        self._accounts = accounts
        self._connect = connect

    @handles(AddChannel)
    async def add(self, turn: Turn, message: AddChannel) -> ChannelReady:
        """Raises Invalid, Conflict, and what the provider says."""
        turn.principal.require(Role.OWNER, Role.STAFF)
        checked(message.kind, message.public_url, message.settings, message.secrets)
        channel_id = await self._id(message.kind, message.name)
        made = await self._connect.connect(
            message.kind, channel_id, message.public_url, message.settings, message.secrets
        )
        turn.effect(
            KeepChannel(
                channel_id=channel_id,
                kind=message.kind,
                name=message.name,
                settings=made.settings,
                sealed=self._accounts.sealed(self.context.tenant, channel_id, made.secrets),
            )
        )
        return ChannelReady(
            channel_id=channel_id,
            kind=message.kind,
            name=message.name,
            account=made.account,
            webhook_url=made.webhook_url,
            todo=made.todo,
        )

    @handles(CheckChannel)
    async def check(self, turn: Turn, message: CheckChannel) -> ChannelReady:
        """Raises NotFound, and what the provider says."""
        turn.principal.require(Role.OWNER, Role.STAFF)
        account = await self._accounts.of(self.context.tenant, message.channel_id)
        name = await self._connect.account_name(account)
        return ChannelReady(channel_id=message.channel_id, kind=account.kind, name="", account=name)

    async def _id(self, kind: str, name: str) -> str:
        """Of the channel that has this name, or a new one."""
        if not 0 < len(name) <= _MOST_NAME or not name.isprintable():
            raise Invalid(f"A channel's name must be 1 to {_MOST_NAME} printable characters.")
        rows = await self._accounts.rows(self.context.tenant)
        for row in rows:
            if row.name == name:
                if row.kind != kind:
                    raise Conflict(f"{name!r} is a {row.kind} channel already.", do="Choose another name.")
                return row.channel_id
        if len(rows) >= MOST_CHANNELS:
            raise Conflict(f"This tenant has {MOST_CHANNELS} channels already.")
        return new_id("ch", now=self.context.clock.now())
