"""What one Telegram message says: its kind, its words, its files. Pure; None where it says nothing to us.

https://core.telegram.org/bots/api#message.

Held by tests/unit/actors/channels/test_telegram_parse.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from actors.channels.wire import Fields
from actors.inbound import MAX_TEXT, Attachment, Content

_FILES: tuple[tuple[str, Literal["image", "audio", "voice", "video", "document", "sticker"]], ...] = (
    ("voice", "voice"),
    ("audio", "audio"),
    ("video", "video"),
    ("video_note", "video"),
    ("animation", "video"),  # before "document", which repeats it
    ("sticker", "sticker"),
    ("document", "document"),
)
_UNREADABLE = frozenset({"poll", "dice", "game", "story", "paid_media", "checklist", "invoice"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    content: Content
    text: str = ""
    attachments: tuple[Attachment, ...] = ()


def content_of(said: Fields) -> Said | None:
    text = said.text("text", most=MAX_TEXT)
    if text.strip():
        return Said(content=Content.TEXT, text=text)
    attachment = _photo(said) or _file(said)
    caption = said.text("caption", most=MAX_TEXT)
    if attachment is not None:
        return Said(content=Content.MEDIA, text=caption, attachments=(attachment,))
    if caption.strip():
        return Said(content=Content.TEXT, text=caption)
    return _place(said) or _contact(said) or _unreadable(said)


def _photo(said: Fields) -> Attachment | None:
    """The largest of the sizes, which come with growing width."""
    sizes = [size for size in said.each("photo") if size.text("file_id")]
    if not sizes:
        return None
    best = max(sizes, key=lambda size: size.number("width") or 0.0)
    return Attachment(kind="image", reference=best.text("file_id"), media_type="image/jpeg", size=_size(best))


def _file(said: Fields) -> Attachment | None:
    for name, kind in _FILES:
        part = said.fields(name)
        if name in said:
            return Attachment(
                kind=kind,
                reference=part.text("file_id"),  # "" where the provider left it out: there is one all the same
                media_type=part.text("mime_type", most=200),
                filename=part.text("file_name", most=255),
                size=_size(part),
            )
    return None


def _size(part: Fields) -> int | None:
    size = part.number("file_size")
    return int(size) if size is not None and size >= 0 else None


def _place(said: Fields) -> Said | None:
    venue = said.fields("venue")
    at = venue.fields("location") if venue else said.fields("location")
    latitude, longitude = at.number("latitude"), at.number("longitude")
    if latitude is None or longitude is None:
        return None
    where = ", ".join(name for name in (venue.text("title"), venue.text("address")) if name)
    text = f"Location: {where + ' ' if where else ''}({latitude:.6f}, {longitude:.6f})"
    return Said(content=Content.LOCATION, text=text)


def _contact(said: Fields) -> Said | None:
    person = said.fields("contact")
    told = (
        person.text("first_name", most=100),
        person.text("last_name", most=100),
        person.text("phone_number", most=60),
    )
    words = " ".join(part for part in told if part)
    return Said(content=Content.CONTACTS, text=f"Contact: {words}") if words else None


def _unreadable(said: Fields) -> Said | None:
    return Said(content=Content.UNREADABLE) if any(name in _UNREADABLE for name in said.names()) else None
