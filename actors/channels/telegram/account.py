"""A bot at Telegram: what its owner gave us, and what comes in from it (``ports.Inlet``).

Held by tests/unit/actors/channels/test_accounts.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from actors.channels.telegram.addressed import Bot
from actors.channels.telegram.parse import CHANNEL, parse
from actors.channels.telegram.verify import verified
from actors.channels.wire import read_object
from actors.inbound import Received


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramAccount:
    """``token`` is the bot's, ``secret_token`` what ``setWebhook`` was given."""

    tenant: str
    channel_id: str
    bot: Bot
    token: str = field(repr=False)
    secret_token: str = field(repr=False)

    kind = CHANNEL
    verified_by = "telegram-secret"

    def challenge(self, query: Mapping[str, str]) -> str | None:
        return None  # Telegram has no such request

    def genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        return verified(headers.get("x-telegram-bot-api-secret-token", ""), self.secret_token)

    def read(self, body: bytes) -> Received:
        return parse(read_object(body), bot=self.bot)
