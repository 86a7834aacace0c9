"""The way out to Telegram (``runtime.channel.Channel``): an answer as messages of the bot that was written to.

Telegram takes no id of ours and tells nothing of what was sent, so a call whose answer is lost stays unknown.

Held by tests/integration/channels/test_telegram.py.
"""

from __future__ import annotations

from actors.channels.accounts import Accounts
from actors.channels.calls import Calls
from actors.channels.format.telegram import telegram
from actors.channels.parts import Parts
from actors.channels.reply import reply_of
from actors.channels.telegram.account import TelegramAccount
from actors.channels.telegram.judge import result_of
from runtime.channel import Found, Outgoing, Resolution
from runtime.errors import Terminal


class TelegramOutlet:
    """``url`` is the Bot API's."""

    def __init__(self, accounts: Accounts, calls: Calls, url: str) -> None:
        self._accounts = accounts
        self._calls = calls
        self._url = url.rstrip("/")
        self._parts = Parts()

    async def send(self, outgoing: Outgoing) -> str:
        reply = reply_of(outgoing)
        account = await self._accounts.of(outgoing.tenant, reply.channel_id)
        if not isinstance(account, TelegramAccount) or not reply.to.get("chat_id"):
            raise Terminal("The message is for no chat of this bot.")
        url, to = f"{self._url}/bot{account.token}/sendMessage", reply.to

        async def send(text: str, at: int) -> str:
            body: dict[str, object] = {"chat_id": _number(to["chat_id"]), "text": text, "parse_mode": "MarkdownV2"}
            if to.get("message_thread_id"):
                body["message_thread_id"] = _number(to["message_thread_id"])
            if to.get("message_id") and at == 0:
                about = {"message_id": _number(to["message_id"]), "allow_sending_without_reply": True}
                body["reply_parameters"] = about
            return result_of(await self._calls.post(url, body)).id("message_id")

        return await self._parts.send(outgoing, telegram(reply.text, reply.citations), send)

    async def resolve(self, outgoing: Outgoing) -> Resolution:
        return Resolution(found=Found.UNKNOWN)


def _number(text: str) -> int | str:
    """Chats and messages have numbers; channels may have names."""
    return int(text) if text.lstrip("-").isdecimal() else text
