"""Is it Telegram that calls? It brings back the secret that ``setWebhook`` was given. Pure.

https://core.telegram.org/bots/api#setwebhook (secret_token).

Held by tests/unit/actors/channels/test_telegram_parse.py.
"""

from __future__ import annotations

from actors.channels.wire import same_secret


def verified(header: str, secret_token: str) -> bool:
    """Whether the header ``X-Telegram-Bot-Api-Secret-Token`` is ours; in constant time."""
    return same_secret(header, secret_token)
