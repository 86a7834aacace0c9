"""The accounts that tenants have at providers, out of the journal, with their secrets opened (``ports.Inlets``).

Promises: nothing is kept in memory between two looks, so that what was changed or deleted counts at once; an account is
its tenant's own, whoever asks with another tenant's name finds none.

Held by tests/unit/actors/channels/test_accounts.py.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import TypeAlias

from actors.channels.mail.account import MailAccount, mail_account
from actors.channels.telegram.account import TelegramAccount
from actors.channels.telegram.addressed import Bot
from actors.channels.whatsapp.account import WhatsAppAccount
from runtime.errors import NotFound, Terminal
from runtime.journal import Journal
from runtime.sealing import Sealer
from runtime.store import channels
from runtime.store.channels import ChannelRow, purpose_of
from runtime.store.wall import ACROSS_TENANTS

Called: TypeAlias = WhatsAppAccount | TelegramAccount  # by their providers
Account: TypeAlias = Called | MailAccount


class Accounts:
    def __init__(self, journal: Journal, sealer: Sealer) -> None:
        self._journal = journal
        self._sealer = sealer

    async def find(self, kind: str, channel_id: str) -> Called | None:
        """Of whichever tenant: the webhook's address is all that the door knows."""
        row = await self._journal.read(partial(channels.by_id, channel_id=channel_id), tenant=ACROSS_TENANTS)
        if row is None or row.kind != kind or kind == MailAccount.kind:
            return None
        found = self.opened(row)
        return None if isinstance(found, MailAccount) else found

    async def of(self, tenant: str, channel_id: str) -> Account:
        """The tenant's own. Raises NotFound; Terminal where its secrets cannot be opened."""
        for row in await self.rows(tenant):
            if row.channel_id == channel_id:
                return self.opened(row)
        raise NotFound(f"There is no channel {channel_id[:80]!r}.", do="`ragleap channel list` shows them.")

    async def rows(self, tenant: str) -> list[ChannelRow]:
        """What the tenant has registered, without its secrets opened."""
        return await self._journal.read(partial(channels.of_tenant, tenant=tenant), tenant=tenant)

    def sealed(self, tenant: str, channel_id: str, secrets: Mapping[str, str]) -> str:
        return self._sealer.seal(json.dumps(dict(secrets)), tenant=tenant, purpose=purpose_of(channel_id))

    def opened(self, row: ChannelRow) -> Account:
        """Raises Terminal where its secrets cannot be opened."""
        sealed = self._sealer.open(row.sealed, tenant=row.tenant, purpose=purpose_of(row.channel_id))
        return account(row.tenant, row.channel_id, row.kind, row.settings, json.loads(sealed))


def account(
    tenant: str, channel_id: str, kind: str, settings: Mapping[str, str], secrets: Mapping[str, str]
) -> Account:
    """Raises Terminal for a kind that this version does not know."""
    if kind == WhatsAppAccount.kind:
        return WhatsAppAccount(
            tenant=tenant,
            channel_id=channel_id,
            phone_number_id=settings.get("phone_number_id", ""),
            access_token=secrets.get("access_token", ""),
            app_secret=secrets.get("app_secret", ""),
            verify_token=secrets.get("verify_token", ""),
        )
    if kind == TelegramAccount.kind:
        return TelegramAccount(
            tenant=tenant,
            channel_id=channel_id,
            bot=Bot(id=settings.get("bot_id", ""), username=settings.get("username", "")),
            token=secrets.get("token", ""),
            secret_token=secrets.get("secret_token", ""),
        )
    if kind == MailAccount.kind:
        return mail_account(tenant, channel_id, settings, secrets)
    raise Terminal(f"This version knows no channel of the kind {kind!r}.")
