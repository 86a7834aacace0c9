"""Webhooks of the WhatsApp Cloud API: everything in a batch is told, and nothing that is not in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.channels.whatsapp.parse import parse
from actors.channels.wire import Fields
from actors.inbound import MAX_TEXT, Content, Delivery, InboundMessage, Received

OURS = "77001"
ADA = {"profile": {"name": "Ada"}, "wa_id": "4917000001"}
AT = "1800000000"


def change(value: Mapping[str, Any], field: str = "messages", number: str = OURS) -> dict[str, Any]:
    return {"field": field, "value": {"metadata": {"phone_number_id": number}, "contacts": [ADA], **value}}


def received(*changes: Mapping[str, Any]) -> Received:
    payload = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": list(changes)}]}
    return parse(Fields(payload), phone_number_id=OURS)


def said(kind: str, part: Any, **more: Any) -> dict[str, Any]:
    return {"from": "4917000001", "id": "wamid.1", "timestamp": AT, "type": kind, kind: part, **more}


def only(message: Mapping[str, Any], contacts: list[dict[str, Any]] | None = None) -> InboundMessage:
    found = received(change({"messages": [message], "contacts": [ADA] if contacts is None else contacts}))
    assert found.ignored == {}
    (one,) = found.messages
    return one


def test_a_text_is_told_with_who_when_and_where_to_answer() -> None:
    message = only(said("text", {"body": "Do you ship abroad?"}))

    assert (message.content, message.text) == (Content.TEXT, "Do you ship abroad?")
    assert (message.sender.id, message.sender.name, message.sender.phone) == ("4917000001", "Ada", "4917000001")
    assert message.reply_to == {"to": "4917000001"}
    assert (message.dedupe_key, message.sent_at) == ("wamid.1", 1_800_000_000.0)


def test_a_person_is_known_by_the_business_scoped_id_and_answered_by_phone_where_there_is_one() -> None:
    contacts = [{**ADA, "user_id": "DE.1349"}]
    message = only(said("text", {"body": "Hi"}), contacts)
    assert (message.sender.id, message.conversation, message.reply_to) == ("DE.1349", "DE.1349", {"to": "4917000001"})

    hidden = said("text", {"body": "Hi"}, from_user_id="DE.1349")
    del hidden["from"]
    message = only(hidden, [{"profile": {"name": "Ada"}, "user_id": "DE.1349"}])
    assert (message.sender.id, message.sender.name, message.sender.phone) == ("DE.1349", "Ada", "")
    assert message.reply_to == {"recipient": "DE.1349"}


def test_nobody_gets_the_name_or_id_of_another_person_of_the_batch() -> None:
    eve = {"profile": {"name": "Eve"}, "wa_id": "4917000002", "user_id": "DE.2"}
    messages = [said("text", {"body": "a"}), said("text", {"body": "b"}, **{"from": "4917000002", "id": "wamid.2"})]
    found = received(change({"messages": messages, "contacts": [eve]}))

    assert [(each.sender.id, each.sender.name) for each in found.messages] == [("4917000001", ""), ("DE.2", "Eve")]


def test_a_batch_gives_all_that_is_in_it_in_its_order() -> None:
    first = change({"messages": [said("text", {"body": "1"}), said("text", {"body": "2"}, id="wamid.2")]})
    status = {"id": "wamid.9", "status": "read", "timestamp": AT, "recipient_id": "4917000001"}
    second = change({"messages": [said("text", {"body": "3"}, id="wamid.3")], "statuses": [status]})
    found = received(first, second)

    assert [each.text for each in found.messages] == ["1", "2", "3"]
    assert [each.state for each in found.deliveries] == [Delivery.READ]


@pytest.mark.parametrize(
    ("kind", "part", "attachment", "text"),
    [
        ("image", {"id": "m1", "mime_type": "image/jpeg", "caption": "Broken!"}, "image", "Broken!"),
        ("document", {"id": "m1", "filename": "bill.pdf", "mime_type": "application/pdf"}, "document", ""),
        ("audio", {"id": "m1", "voice": True}, "voice", ""),
        ("audio", {"id": "m1", "voice": False}, "audio", ""),
        ("video", {"id": "m1"}, "video", ""),
        ("sticker", {"id": "m1", "animated": True}, "sticker", ""),
    ],
)
def test_media_come_as_attachments(kind: str, part: dict[str, Any], attachment: str, text: str) -> None:
    message = only(said(kind, part))

    assert (message.content, message.text) == (Content.MEDIA, text)
    assert [(each.kind, each.reference, each.filename) for each in message.attachments] == [
        (attachment, "m1", part.get("filename", ""))
    ]


@pytest.mark.parametrize(
    ("message", "content", "text"),
    [
        (said("button", {"text": "Yes", "payload": "y"}), Content.CHOICE, "Yes"),
        (
            said("interactive", {"type": "button_reply", "button_reply": {"id": "b", "title": "Track"}}),
            Content.CHOICE,
            "Track",
        ),
        (said("interactive", {"type": "list_reply", "list_reply": {"id": "l", "title": "Red"}}), Content.CHOICE, "Red"),
        (
            said(
                "interactive",
                {"type": "nfm_reply", "nfm_reply": {"response_json": '{"flow_token": "t", "size": "M", "n": 2}'}},
            ),
            Content.CHOICE,
            "size: M\nn: 2",
        ),
        (
            said("location", {"latitude": 52.5, "longitude": 13.4, "name": "Shop", "address": "Main St"}),
            Content.LOCATION,
            "Location: Shop, Main St (52.500000, 13.400000)",
        ),
        (said("location", {"latitude": 1, "longitude": 2}), Content.LOCATION, "Location: (1.000000, 2.000000)"),
        (
            said("contacts", [{"name": {"formatted_name": "Bo"}, "phones": [{"phone": "+49 1"}]}]),
            Content.CONTACTS,
            "Contact: Bo +49 1",
        ),
        (
            said("order", {"text": "Gift wrap", "product_items": [{"product_retailer_id": "CUP", "quantity": 2}]}),
            Content.ORDER,
            "Order: 2 × CUP\nGift wrap",
        ),
        (said("reaction", {"message_id": "wamid.0", "emoji": "👍"}), Content.REACTION, "👍"),
        (said("reaction", {"message_id": "wamid.0"}), Content.REACTION, ""),
        (
            said("edit", {"original_message_id": "wamid.0", "message": {"type": "text", "text": {"body": "two"}}}),
            Content.EDIT,
            "two",
        ),
        (said("revoke", {"original_message_id": "wamid.0"}), Content.REVOKED, ""),
        (said("unsupported", {"type": "poll"}, errors=[{"code": 131051}]), Content.UNREADABLE, ""),
    ],
)
def test_each_kind_is_told_in_words(message: dict[str, Any], content: Content, text: str) -> None:
    found = only(message)

    assert (found.content, found.text) == (content, text)


def test_what_a_reaction_an_edit_and_a_reply_are_about_is_told() -> None:
    assert only(said("reaction", {"message_id": "wamid.0"})).metadata["about"] == "wamid.0"
    assert only(said("revoke", {"original_message_id": "wamid.0"})).metadata["about"] == "wamid.0"
    assert only(said("text", {"body": "x"}, context={"id": "wamid.0"})).metadata["in_reply_to"] == "wamid.0"


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (said("hologram", {"body": "x"}), "hologram"),
        (said("system", {"body": "x", "type": "user_changed_number"}), "system"),
        (said("interactive", {"type": "call_permission_reply"}), "interactive"),
        (said("text", {"body": "   "}), "text"),
        (said("text", "no object"), "text"),
        (said("edit", {"message": {"type": "edit", "edit": {}}}), "edit"),
        (said("text", {"body": "x"}, timestamp="soon"), "malformed"),
        (said("text", {"body": "x"}, id=""), "malformed"),
        (said("text", {"body": "x"}, **{"from": "not a number\n"}), "malformed"),
        (said("text", {"body": "x"}, group_id="g1"), "group"),
    ],
)
def test_what_cannot_be_answered_is_counted_and_its_neighbours_are_told(message: dict[str, Any], reason: str) -> None:
    found = received(change({"messages": [message, said("text", {"body": "next"}, id="wamid.2")]}))

    assert found.ignored == {reason: 1}
    assert [each.text for each in found.messages] == ["next"]


def test_other_fields_and_other_numbers_are_not_ours() -> None:
    text = {"messages": [said("text", {"body": "x"})]}
    found = received(change(text, field="smb_message_echoes"), change(text, number="77002"), change({}, field="calls"))

    assert found.messages == ()
    assert found.ignored == {"smb_message_echoes": 1, "another_number": 1, "calls": 1}


def test_a_status_tells_our_own_id_and_why_it_failed() -> None:
    error = {"code": 131047, "title": "Re-engagement message", "error_data": {"details": "More than 24 hours"}}
    status = {
        "id": "wamid.9",
        "status": "failed",
        "timestamp": AT,
        "recipient_id": "4917000001",
        "biz_opaque_callback_data": "out_turn_1",
        "errors": [error],
    }
    (told,) = received(change({"statuses": [status]})).deliveries

    assert (told.state, told.our_id, told.code, told.reason) == (
        Delivery.FAILED,
        "out_turn_1",
        "131047",
        "More than 24 hours",
    )


def test_a_status_that_nobody_knows_is_counted() -> None:
    found = received(change({"statuses": [{"id": "wamid.9", "status": "teleported", "timestamp": AT}]}))

    assert (found.deliveries, found.ignored) == ((), {"status": 1})


def test_a_text_of_any_length_is_cut() -> None:
    assert len(only(said("text", {"body": "ש" * 100_000})).text) == MAX_TEXT


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["entry", "changes", "field", "value", "messages", "statuses", "contacts", "type", "id"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(st.sampled_from(["text", "image", "interactive", "order", "contacts", "edit", "location", "reaction"]), ANYTHING)
def test_no_shape_of_a_message_raises(kind: str, part: Any) -> None:
    found = received(change({"messages": [said(kind, part)], "contacts": part, "statuses": part}))

    assert len(found.messages) + found.ignored.get(kind, 0) >= 1
    for message in found.messages:
        message.text.encode()
