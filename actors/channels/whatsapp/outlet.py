"""The way out to WhatsApp (``runtime.channel.Channel``): an answer as messages from the number that was written to.

Each message carries our id as ``biz_opaque_callback_data``, which comes back with its statuses. Nothing can be asked of
the Graph API about a message: a call whose answer is lost was a success where a status of its last message has come
back, and stays unknown where none has.

Held by tests/integration/channels/test_whatsapp.py and tests/integration/channels/test_deliveries.py.
"""

from __future__ import annotations

from actors.channels.accounts import Accounts
from actors.channels.calls import Calls
from actors.channels.format.whatsapp import whatsapp
from actors.channels.parts import Parts
from actors.channels.reply import reply_of
from actors.channels.whatsapp.account import WhatsAppAccount
from actors.channels.whatsapp.judge import result_of
from actors.channels.wire import Fields
from actors.deliveries import ToldDeliveries
from runtime.channel import Found, Outgoing, Resolution
from runtime.errors import Terminal


class WhatsAppOutlet:
    """``url`` is the Graph API's, with its version."""

    def __init__(self, accounts: Accounts, calls: Calls, url: str, told: ToldDeliveries) -> None:
        self._accounts = accounts
        self._told = told
        self._calls = calls
        self._url = url.rstrip("/")
        self._parts = Parts()

    async def send(self, outgoing: Outgoing) -> str:
        reply = reply_of(outgoing)
        account = await self._accounts.of(outgoing.tenant, reply.channel_id)
        address = {name: reply.to[name] for name in ("to", "recipient") if reply.to.get(name)}
        if not isinstance(account, WhatsAppAccount) or not address:
            raise Terminal("The message is for nobody who has written to this number.")
        url = f"{self._url}/{account.phone_number_id}/messages"
        headers = {"Authorization": f"Bearer {account.access_token}"}

        async def send(text: str, at: int) -> str:
            body = {
                "messaging_product": "whatsapp",
                "recipient_type": "individual",
                **address,
                "type": "text",
                "text": {"body": text, "preview_url": False},
                "biz_opaque_callback_data": f"{outgoing.outbox_id}.{at}",
            }
            result = result_of(await self._calls.post(url, body, headers=headers))
            return next(result.each("messages"), Fields({})).id("id")

        return await self._parts.send(outgoing, whatsapp(reply.text, reply.citations), send)

    async def resolve(self, outgoing: Outgoing) -> Resolution:
        reply = reply_of(outgoing)
        told = await self._told.of(outgoing.tenant, outgoing.outbox_id)
        last = told.get(len(whatsapp(reply.text, reply.citations)) - 1)
        if last is None:
            return Resolution(found=Found.UNKNOWN)
        return Resolution(found=Found.SENT, provider_id=last.provider_id)
