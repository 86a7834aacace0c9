"""What one WhatsApp message says: its kind, its words, its files. Pure; None for kinds that we do not know.

https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/payload-examples.

Held by tests/unit/actors/channels/test_whatsapp_parse.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from actors.channels.wire import Fields, clean
from actors.inbound import MAX_TEXT, Attachment, Content

_MEDIA: Mapping[str, Literal["image", "audio", "video", "document", "sticker"]] = {
    "image": "image",
    "audio": "audio",
    "video": "video",
    "document": "document",
    "sticker": "sticker",
}
_MOST = 20  # items of an order, people of a card, answers of a form


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    content: Content
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)


def content_of(kind: str, said: Fields) -> Said | None:
    """What a message of the type ``kind`` says."""
    if kind in _MEDIA:
        return _media(kind, said.fields(kind))
    if kind == "contacts":  # the one whose part is a list
        return _contacts(said)
    reader = _READERS.get(kind)
    return None if reader is None else reader(said.fields(kind))


def _text(part: Fields) -> Said | None:
    text = part.text("body", most=MAX_TEXT)
    return Said(content=Content.TEXT, text=text) if text.strip() else None


def _media(kind: str, part: Fields) -> Said | None:
    reference = part.text("id")
    if not reference:
        return None
    attachment = Attachment(
        kind="voice" if kind == "audio" and part.true("voice") else _MEDIA[kind],
        reference=reference,
        media_type=part.text("mime_type", most=200),
        filename=part.text("filename", most=255),
    )
    return Said(content=Content.MEDIA, text=part.text("caption", most=MAX_TEXT), attachments=(attachment,))


def _button(part: Fields) -> Said | None:
    """A quick reply of a template."""
    return _choice(part.text("text", most=MAX_TEXT), part.text("payload"))


def _interactive(part: Fields) -> Said | None:
    kind = part.text("type")
    if kind in ("button_reply", "list_reply"):
        chosen = part.fields(kind)
        return _choice(chosen.text("title", most=MAX_TEXT), chosen.text("id"))
    if kind == "nfm_reply":
        return _form(part.fields(kind))
    return None


def _choice(title: str, chosen: str) -> Said | None:
    if not (title or chosen):
        return None
    return Said(content=Content.CHOICE, text=title or chosen, metadata={"chosen": chosen} if chosen else {})


def _form(part: Fields) -> Said | None:
    """A form (WhatsApp calls it a flow) that was filled in: its answers, one a line."""
    try:
        answers = json.loads(part.text("response_json", most=MAX_TEXT))
    except (ValueError, RecursionError):
        return None
    if not isinstance(answers, dict):
        return None
    plain = [(name, value) for name, value in answers.items() if isinstance(value, str | int | float | bool)]
    lines = [f"{name}: {value}" for name, value in plain if name != "flow_token"]
    text = clean("\n".join(lines[:_MOST]))
    return Said(content=Content.CHOICE, text=text[:MAX_TEXT]) if text else None


def _location(part: Fields) -> Said | None:
    latitude, longitude = part.number("latitude"), part.number("longitude")
    if latitude is None or longitude is None:
        return None
    where = ", ".join(name for name in (part.text("name"), part.text("address")) if name)
    text = f"Location: {where + ' ' if where else ''}({latitude:.6f}, {longitude:.6f})"
    return Said(content=Content.LOCATION, text=text)


def _contacts(message: Fields) -> Said | None:
    lines = []
    for person in message.each("contacts"):
        phones = [phone.text("phone", most=60) for phone in person.each("phones")]
        told = [person.fields("name").text("formatted_name", "first_name", most=200), *phones[:3]]
        lines.append(" ".join(part for part in told if part))
    found = [line for line in lines if line][:_MOST]
    return Said(content=Content.CONTACTS, text="Contact: " + "; ".join(found)) if found else None


def _order(part: Fields) -> Said | None:
    items = [
        f"{item.text('quantity', most=20) or '1'} × {name}"
        for item in part.each("product_items")
        if (name := item.text("product_retailer_id", most=200))
    ]
    if not items:
        return None
    note = part.text("text", most=MAX_TEXT // 2)
    text = f"Order: {', '.join(items[:_MOST])}"
    return Said(content=Content.ORDER, text=f"{text}\n{note}" if note else text)


def _reaction(part: Fields) -> Said | None:
    """An empty one takes an earlier one back."""
    about = part.text("message_id")
    return Said(content=Content.REACTION, text=part.text("emoji", most=40), metadata={"about": about})


def _edit(part: Fields) -> Said | None:
    """The message as it is now: of any kind but another edit."""
    inside = part.fields("message")
    kind = inside.text("type")
    now = content_of(kind, inside) if kind != "edit" else None
    if now is None:
        return None
    about = {"about": part.text("original_message_id")}
    return Said(content=Content.EDIT, text=now.text, attachments=now.attachments, metadata=about)


def _revoke(part: Fields) -> Said | None:
    return Said(content=Content.REVOKED, metadata={"about": part.text("original_message_id")})


def _unsupported(part: Fields) -> Said | None:
    return Said(content=Content.UNREADABLE)


_READERS: Mapping[str, Callable[[Fields], Said | None]] = {
    "text": _text,
    "button": _button,
    "interactive": _interactive,
    "location": _location,
    "order": _order,
    "reaction": _reaction,
    "edit": _edit,
    "revoke": _revoke,
    "unsupported": _unsupported,
}
