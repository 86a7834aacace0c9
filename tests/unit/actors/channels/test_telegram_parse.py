"""Updates of the Telegram Bot API: people are heard, in groups only when they speak to the bot."""

from __future__ import annotations

from typing import Any

import pytest

from actors.channels.telegram.addressed import Bot
from actors.channels.telegram.parse import parse
from actors.channels.telegram.verify import verified
from actors.channels.wire import Fields
from actors.inbound import Content, InboundMessage, Received

BOT = Bot(id="900", username="ShopBot")
ADA = {"id": 5, "is_bot": False, "first_name": "Ada", "last_name": "L", "language_code": "de", "username": "ada"}
US = {"id": 900, "is_bot": True, "first_name": "Shop", "username": "ShopBot"}


def said(text: str | None = "Hi", *, chat: str = "private", **more: Any) -> dict[str, Any]:
    number = 5 if chat == "private" else -1007
    words = {} if text is None else {"text": text}
    return {
        "message_id": 31,
        "date": 1_800_000_000,
        "chat": {"id": number, "type": chat},
        "from": ADA,
        **words,
        **more,
    }


def received(message: dict[str, Any], kind: str = "message") -> Received:
    return parse(Fields({"update_id": 77, kind: message}), bot=BOT)


def only(message: dict[str, Any], kind: str = "message") -> InboundMessage:
    found = received(message, kind)
    assert found.ignored == {}
    (one,) = found.messages
    return one


def mention(text: str, name: str, kind: str = "mention", **more: Any) -> dict[str, Any]:
    before = text[: text.index(name)]
    units = [len(part.encode("utf-16-le")) // 2 for part in (before, name)]
    return {"type": kind, "offset": units[0], "length": units[1], **more}


def test_a_private_text_is_told_with_who_when_and_where_to_answer() -> None:
    message = only(said("Do you ship abroad?"))

    assert (message.content, message.text) == (Content.TEXT, "Do you ship abroad?")
    assert (message.sender.id, message.sender.name) == ("5", "Ada L")
    assert (message.conversation, message.reply_to) == ("5", {"chat_id": "5"})
    assert (message.dedupe_key, message.sent_at) == ("77", 1_800_000_000.0)
    assert message.metadata["language"] == "de"


def test_an_edit_is_told_as_one_and_at_its_own_time() -> None:
    message = only(said("Two cups", edit_date=1_800_000_050), "edited_message")

    assert (message.content, message.text, message.sent_at) == (Content.EDIT, "Two cups", 1_800_000_050.0)
    assert message.metadata["about"] == "31"


@pytest.mark.parametrize("chat", ["group", "supergroup"])
def test_a_group_is_not_listened_to(chat: str) -> None:
    other = "@ShopBotty are you there?"
    for message in (
        said("What do you think?", chat=chat),
        said(other, chat=chat, entities=[mention(other, "@ShopBotty")]),
        said("/help", chat=chat, entities=[mention("/help", "/help", "bot_command")]),
        said("/help@OtherBot", chat=chat, entities=[mention("/help@OtherBot", "/help@OtherBot", "bot_command")]),
        said("Yes", chat=chat, reply_to_message={"message_id": 9, "from": ADA}),
        said("@ShopBot without an entity", chat=chat),
    ):
        assert received(message).messages == ()
        assert received(message).ignored == {"group": 1}


@pytest.mark.parametrize(
    ("text", "entity", "heard"),
    [
        ("@ShopBot do you ship?", mention("@ShopBot do you ship?", "@ShopBot"), "do you ship?"),
        ("😀 do you, @shopbot, ship?", mention("😀 do you, @shopbot, ship?", "@shopbot"), "😀 do you, , ship?"),
        ("Shop, hello", mention("Shop, hello", "Shop", "text_mention", user=US), ", hello"),
        ("/price@ShopBot cups", mention("/price@ShopBot cups", "/price@ShopBot", "bot_command"), "cups"),
        ("/start@ShopBot", mention("/start@ShopBot", "/start@ShopBot", "bot_command"), "Hello"),
    ],
)
def test_a_group_is_heard_when_it_speaks_to_the_bot(text: str, entity: dict[str, Any], heard: str) -> None:
    message = only(said(text, chat="supergroup", entities=[entity]))

    assert message.text == heard
    assert message.reply_to == {"chat_id": "-1007", "message_id": "31"}


def test_an_answer_to_the_bot_and_a_caption_that_names_it_are_heard() -> None:
    assert only(said("And abroad?", chat="group", reply_to_message={"message_id": 9, "from": US})).text == "And abroad?"

    photo = {"photo": [{"file_id": "f", "width": 90}], "caption": "@ShopBot broken"}
    named = said(None, chat="group", **photo, caption_entities=[mention("@ShopBot broken", "@ShopBot")])
    assert only(named).text == "broken"


def test_a_topic_of_a_forum_is_a_conversation_of_its_own() -> None:
    text = "@ShopBot hi"
    message = only(
        said(text, chat="supergroup", is_topic_message=True, message_thread_id=4, entities=[mention(text, "@ShopBot")])
    )

    assert message.conversation == "-1007:4"
    assert message.reply_to == {"chat_id": "-1007", "message_thread_id": "4", "message_id": "31"}


@pytest.mark.parametrize("offset", [-1, 1e9, "x", None, 3.5])
def test_entities_that_are_nowhere_do_no_harm(offset: object) -> None:
    entity = {"type": "mention", "offset": offset, "length": 8}

    assert received(said("@ShopBot hi", chat="group", entities=[entity])).messages == ()


@pytest.mark.parametrize(
    ("part", "kind", "reference"),
    [
        ({"photo": [{"file_id": "s", "width": 90}, {"file_id": "l", "width": 900}]}, "image", "l"),
        ({"voice": {"file_id": "f"}}, "voice", "f"),
        ({"audio": {"file_id": "f"}}, "audio", "f"),
        ({"video": {"file_id": "f"}}, "video", "f"),
        ({"video_note": {"file_id": "f"}}, "video", "f"),
        ({"animation": {"file_id": "f"}, "document": {"file_id": "f"}}, "video", "f"),
        ({"document": {"file_id": "f", "file_name": "bill.pdf"}}, "document", "f"),
        ({"sticker": {"emoji": "👍"}}, "sticker", ""),
    ],
)
def test_media_come_as_attachments(part: dict[str, Any], kind: str, reference: str) -> None:
    message = only(said(None, caption="Look", **part))

    assert (message.content, message.text) == (Content.MEDIA, "Look")
    assert [(each.kind, each.reference) for each in message.attachments] == [(kind, reference)]


@pytest.mark.parametrize(
    ("part", "content", "text"),
    [
        ({"location": {"latitude": 1, "longitude": 2}}, Content.LOCATION, "Location: (1.000000, 2.000000)"),
        (
            {"venue": {"title": "Shop", "address": "Main St", "location": {"latitude": 1, "longitude": 2}}},
            Content.LOCATION,
            "Location: Shop, Main St (1.000000, 2.000000)",
        ),
        ({"contact": {"first_name": "Bo", "phone_number": "+49 1"}}, Content.CONTACTS, "Contact: Bo +49 1"),
        ({"poll": {"question": "?"}}, Content.UNREADABLE, ""),
        ({"caption": "words alone"}, Content.TEXT, "words alone"),
    ],
)
def test_each_kind_is_told_in_words(part: dict[str, Any], content: Content, text: str) -> None:
    message = only(said(None, **part))

    assert (message.content, message.text) == (content, text)


@pytest.mark.parametrize("text", ["/start", "/start ref42"])
def test_the_button_start_is_a_greeting(text: str) -> None:
    assert only(said(text)).text == "Hello"


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (said("beep", **{"from": US}), "bot"),
        (said(None, new_chat_members=[ADA]), "service"),
        (said("Hi", date="soon"), "malformed"),
        (said("Hi", chat="group", **{"from": {}}), "malformed"),
    ],
)
def test_who_is_no_person_is_counted(message: dict[str, Any], reason: str) -> None:
    assert received(message).ignored == {reason: 1}


@pytest.mark.parametrize("kind", ["channel_post", "callback_query", "business_message", "my_chat_member", "tomorrow"])
def test_other_updates_are_counted(kind: str) -> None:
    found = received(said(), kind)

    assert (found.messages, found.ignored) == ((), {kind: 1})


def test_an_update_without_its_number_is_counted() -> None:
    assert parse(Fields({"message": said()}), bot=BOT).ignored == {"malformed": 1}


@pytest.mark.parametrize("header", ["", "secre", "secret ", "é\ud800"])
def test_only_who_brings_our_secret_is_telegram(header: str) -> None:
    assert verified("secret", "secret")
    assert not verified(header, "secret")
    assert not verified("", "")
