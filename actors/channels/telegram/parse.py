"""An update of the Telegram Bot API as what it tells: a person's message or nothing, the rest counted. Pure.

Promises: of a group only what is addressed to the bot is heard; bots and channels' posts never are, so that no two
assistants can talk to each other.

https://core.telegram.org/bots/api#update.

Held by tests/unit/actors/channels/test_telegram_parse.py.
"""

from __future__ import annotations

from collections.abc import Mapping

from actors.channels.telegram.addressed import Bot, heard
from actors.channels.telegram.contents import content_of
from actors.channels.wire import Fields, Ignored
from actors.inbound import Content, InboundMessage, Received, Sender

CHANNEL = "telegram"

_GREETING = "Hello"  # what the button "Start" of a private chat says in words


def parse(update: Fields, *, bot: Bot) -> Received:
    """The one thing that an update is about."""
    ignored, message = Ignored(), None
    if not update.id("update_id"):
        ignored.add("malformed")
    elif "message" in update:
        message = _message(update, update.fields("message"), bot, ignored)
    elif "edited_message" in update:
        message = _message(update, update.fields("edited_message"), bot, ignored, edited=True)
    else:
        ignored.add(next((name for name in update.names() if name != "update_id"), "unknown"))
    return Received(messages=(message,) if message else (), ignored=ignored.counts())


def _message(
    update: Fields, said: Fields, bot: Bot, ignored: Ignored, *, edited: bool = False
) -> InboundMessage | None:
    chat, person = said.fields("chat"), said.fields("from")
    chat_id, provider_id = chat.id("id"), said.id("message_id")
    sent_at = said.number("edit_date" if edited else "date") or said.number("date")
    if not chat_id or not provider_id or sent_at is None or not person.id("id"):
        ignored.add("malformed")
        return None
    if person.true("is_bot"):
        ignored.add("bot")
        return None
    found = content_of(said)
    if found is None:
        ignored.add("service")  # somebody came or went, a message was pinned, …
        return None
    private = chat.text("type") == "private"
    text = found.text if private else heard(said, found.text, bot)
    if text is None:
        ignored.add("group")
        return None
    if text == "/start" or text.startswith("/start "):
        text = _GREETING
    thread = said.id("message_thread_id") if said.true("is_topic_message") else ""
    return InboundMessage(
        content=Content.EDIT if edited else found.content,
        text=text,
        sender=_sender(person),
        channel=CHANNEL,
        conversation=f"{chat_id}:{thread}" if thread else chat_id,
        reply_to=_reply_to(chat_id, thread, "" if private else provider_id),
        provider_id=provider_id,
        dedupe_key=update.id("update_id"),
        sent_at=sent_at,
        attachments=found.attachments,
        metadata=_metadata(said, person, provider_id if edited else ""),
        private=private,
    )


def _sender(person: Fields) -> Sender:
    names = (person.text("first_name", most=100), person.text("last_name", most=100))
    return Sender(id=person.id("id"), name=" ".join(name for name in names if name))


def _reply_to(chat_id: str, thread: str, message_id: str) -> Mapping[str, str]:
    """In a group the answer refers to its question, so that people see whom it answers."""
    told = {"chat_id": chat_id, "message_thread_id": thread, "message_id": message_id}
    return {name: value for name, value in told.items() if value}


def _metadata(said: Fields, person: Fields, edited: str) -> Mapping[str, str]:
    told = {
        "about": edited,
        "in_reply_to": said.fields("reply_to_message").text("message_id"),
        "language": person.text("language_code", most=35),
        "username": person.text("username", most=64),
        "album": said.text("media_group_id"),
        "forwarded": "true" if "forward_origin" in said else "",
    }
    return {name: value for name, value in told.items() if value}
