"""A webhook of the WhatsApp Cloud API as what it tells: messages, statuses, and the rest counted. Pure.

Promises: a batch gives all that is in it, and a damaged part takes nothing else with it; what is for another number of
the same app is not ours; a person is known by the business-scoped id where there is one, else by the phone number.

https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components.

Held by tests/unit/actors/channels/test_whatsapp_parse.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from actors.channels.whatsapp.contents import content_of
from actors.channels.wire import Fields, Ignored
from actors.inbound import Delivery, DeliveryTold, InboundMessage, Received, Sender

CHANNEL = "whatsapp"

_STATES = {
    "sent": Delivery.SENT,
    "failed": Delivery.FAILED,
    "delivered": Delivery.DELIVERED,
    "read": Delivery.READ,
    "played": Delivery.READ,
}


def parse(payload: Fields, *, phone_number_id: str) -> Received:
    """All of one webhook that is for the number ``phone_number_id``."""
    messages: list[InboundMessage] = []
    deliveries: list[DeliveryTold] = []
    ignored = Ignored()
    for change in (change for entry in payload.each("entry") for change in entry.each("changes")):
        if change.text("field") != "messages":
            ignored.add(change.text("field") or "unknown")
            continue
        value = change.fields("value")
        if value.fields("metadata").text("phone_number_id") != phone_number_id:
            ignored.add("another_number")
            continue
        people = _People(value)
        for said in value.each("messages"):
            messages += _message(said, people, ignored)
        for status in value.each("statuses"):
            deliveries += _delivery(status, ignored)
        for _ in value.each("errors"):
            ignored.add("error")
    return Received(messages=tuple(messages), deliveries=tuple(deliveries), ignored=ignored.counts())


class _People:
    """Who the batch is about. A message names its sender by number, by business-scoped id, or by both."""

    def __init__(self, value: Fields) -> None:
        self._known = list(value.each("contacts"))

    def sender(self, said: Fields) -> Sender | None:
        phone, user_id = said.id("from"), said.id("from_user_id")
        contact = self._contact(phone, user_id)
        user_id = user_id or contact.id("user_id")
        if not (phone or user_id):
            return None
        return Sender(id=user_id or phone, name=contact.fields("profile").text("name", most=200), phone=phone)

    def _contact(self, phone: str, user_id: str) -> Fields:
        for contact in self._known:
            theirs = contact.id("user_id")
            if user_id and theirs:
                if user_id == theirs:
                    return contact
            elif phone and contact.id("wa_id") == phone:
                return contact
        return Fields({})


def _message(said: Fields, people: _People, ignored: Ignored) -> Iterator[InboundMessage]:
    sender, provider_id, sent_at = people.sender(said), said.id("id"), said.number("timestamp")
    kind = said.text("type")
    if said.text("group_id"):
        ignored.add("group")  # it does not tell who is addressed
        return
    if sender is None or not provider_id or sent_at is None or not kind:
        ignored.add("malformed")
        return
    found = content_of(kind, said)
    if found is None:
        ignored.add(kind)
        return
    yield InboundMessage(
        content=found.content,
        text=found.text,
        sender=sender,
        channel=CHANNEL,
        conversation=sender.id,
        reply_to={"to": sender.phone} if sender.phone else {"recipient": sender.id},
        provider_id=provider_id,
        dedupe_key=provider_id,
        sent_at=sent_at,
        attachments=found.attachments,
        metadata={**_context(said), **found.metadata},
        private=True,
    )


def _context(said: Fields) -> Mapping[str, str]:
    context = said.fields("context")
    told = {
        "in_reply_to": context.id("id"),
        "forwarded": "true" if context.true("forwarded") or context.true("frequently_forwarded") else "",
        "referred_by": said.fields("referral").text("source_url"),
    }
    return {name: value for name, value in told.items() if value}


def _delivery(status: Fields, ignored: Ignored) -> Iterator[DeliveryTold]:
    state, provider_id = _STATES.get(status.text("status")), status.id("id")
    at = status.number("timestamp")
    if state is None or not provider_id or at is None:
        ignored.add("status")
        return
    if status.text("recipient_type") == "group":
        ignored.add("group")
        return
    error = next(status.each("errors"), Fields({}))
    yield DeliveryTold(
        provider_id=provider_id,
        state=state,
        at=at,
        recipient=status.id("recipient_user_id", "recipient_id"),
        our_id=status.id("biz_opaque_callback_data"),
        code=error.text("code"),
        reason=error.fields("error_data").text("details") or error.text("title", "message"),
    )
