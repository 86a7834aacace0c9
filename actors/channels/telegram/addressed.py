"""Whether a message of a group is meant for the bot: it names it, answers it, or is a command to it. Pure.

Offsets and lengths of entities count UTF-16 units (https://core.telegram.org/bots/api#messageentity).

Held by tests/unit/actors/channels/test_telegram_parse.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from actors.channels.wire import Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """Who we are at Telegram, as ``getMe`` tells. ``username`` is without its ``@``."""

    id: str
    username: str


def heard(said: Fields, text: str, bot: Bot) -> str | None:
    """What is said to ``bot``: ``text`` without the bot's own name in it; None where somebody else is meant."""
    units = text.encode("utf-16-le")
    told = "caption_entities" if "caption_entities" in said else "entities"
    for entity in said.each(told):
        start, length = entity.number("offset"), entity.number("length")
        if start is None or length is None or start < 0 or length <= 0:
            continue
        span = slice(int(start) * 2, int(start + length) * 2)
        named = units[span].decode("utf-16-le", "replace")
        if entity.text("type") == "mention" and named.casefold() == f"@{bot.username}".casefold():
            return _without(units, span)
        if entity.text("type") == "text_mention" and entity.fields("user").text("id") == bot.id:
            return _without(units, span)
        command, _, to = named.partition("@")
        if entity.text("type") == "bot_command" and start == 0 and to.casefold() == bot.username.casefold():
            return _without(units, span) or command
    answers = said.fields("reply_to_message").fields("from").text("id") == bot.id
    return text if answers else None


def _without(units: bytes, span: slice) -> str:
    before, after = (part.decode("utf-16-le", "replace") for part in (units[: span.start], units[span.stop :]))
    return f"{before.rstrip()} {after.lstrip()}".strip()
