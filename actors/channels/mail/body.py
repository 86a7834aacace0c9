"""A mail's readable body and what is attached to it. Pure.

Promises: unknown charsets, broken encodings and odd nestings degrade, never fail; the parts looked at are bounded.

Held by tests/unit/actors/channels/mail/test_parse.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Literal

from charset_normalizer import from_bytes

from actors.channels.mail.header import decoded
from actors.channels.mail.html import text_of
from actors.channels.wire import clean
from actors.inbound import Attachment

MOST_ATTACHMENTS = 50
_MOST_PARTS = 200
_MOST_TEXT = 1_000_000  # bytes of one text part that are read
_KINDS: dict[str, Literal["image", "audio", "video"]] = {"image": "image", "audio": "audio", "video": "video"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """``text`` still has what it quotes."""

    text: str
    attachments: tuple[Attachment, ...] = ()


def body_of(message: Message) -> Body:
    """The plain body, or the words of the HTML one where that is all there is."""
    plain: list[str] = []
    rich: list[str] = []
    files: list[Attachment] = []
    for number, part in enumerate(_parts(message)):
        kind, name = part.get_content_type(), _filename(part)
        if name or part.get_content_disposition() == "attachment" or not kind.startswith("text/"):
            files.append(_attachment(part, number, kind, name))
        else:
            (rich if kind == "text/html" else plain).append(_text(part))
    text = "\n\n".join(each for each in plain if each.strip())
    if not text.strip():
        text = "\n\n".join(text_of(each) for each in rich)
    return Body(text=text, attachments=tuple(files[:MOST_ATTACHMENTS]))


def _parts(message: Message) -> Iterator[Message]:
    """The parts that hold something, in order; a mail within the mail is one of them."""
    todo, seen = [message], 0
    while todo and seen < _MOST_PARTS:
        part = todo.pop()
        seen += 1
        inner = part.get_payload() if part.is_multipart() and part.get_content_type() != "message/rfc822" else None
        if isinstance(inner, list):
            todo.extend(each for each in reversed(inner) if isinstance(each, Message))
        else:
            yield part


def _text(part: Message) -> str:
    payload = _payload(part)[:_MOST_TEXT]
    try:
        return clean(payload.decode(part.get_content_charset() or "utf-8"))
    except (LookupError, UnicodeError, ValueError):
        best = from_bytes(payload[:50_000]).best()
        return clean(payload.decode(best.encoding if best is not None else "latin-1", "replace"))


def _attachment(part: Message, number: int, media_type: str, name: str) -> Attachment:
    return Attachment(
        kind=_KINDS.get(media_type.partition("/")[0], "document"),
        reference=str(number),
        media_type=media_type[:200],
        filename=name,
        size=len(_payload(part)),
    )


def _payload(part: Message) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except Exception:  # email's own decoders raise on malformed parts
        return b""
    return payload if isinstance(payload, bytes) else b""


def _filename(part: Message) -> str:
    try:
        return decoded(str(part.get_filename() or ""))[:255]
    except Exception:  # email's own parameter parser raises on malformed ones
        return ""
