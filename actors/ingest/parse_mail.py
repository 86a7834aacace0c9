"""Mail (RFC 5322, MIME) as a letter: decoded headers, the readable body, and what is attached.

Promises: any bytes that are a mail parse; unknown charsets, broken base64 and malformed headers degrade, never fail.

Held by tests/unit/actors/ingest/test_parse_mail.py.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from html import unescape

from actors.ingest.allowance import MAX_DEPTH
from actors.ingest.detect import EML
from actors.ingest.letter import Attachment, Letter
from actors.ingest.text import clean, decode, utf_16_order

_DROP = re.compile(r"<(script|style|head|title)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/table|/blockquote)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_BLANK = re.compile(r"\n{3,}")
_MAX_PARTS = 500


def letter_of(data: bytes) -> Letter:
    """The mail in these bytes, also where a program has saved it as UTF-16."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or utf_16_order(data):
        data = decode(data).encode()
    message = message_from_bytes(data.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n \t"), policy=policy.compat32)
    return _letter(message, hashlib.sha256(data).hexdigest()[:32], 0)


def _letter(message: Message, otherwise_id: str, depth: int) -> Letter:
    body, attachments = _content(message, depth)
    sender = _addresses(message, "from")[:1]
    when, day = _date(message)
    return Letter(
        message_id=header(message, "message-id").strip("<> ") or otherwise_id,
        sender=sender[0] if sender else ("", ""),
        to=[*_addresses(message, "to"), *_addresses(message, "cc")],
        subject=header(message, "subject"),
        when=when,
        day=day,
        in_reply_to=header(message, "in-reply-to").strip("<> "),
        body=body,
        attachments=attachments,
    )


def header(message: Message, name: str) -> str:
    """A header with its RFC 2047 words decoded and its folds undone; empty where it is missing."""
    return _decoded(_raw(message, name))


def html_text(markup: str) -> str:
    """The words of an HTML part, with line breaks where blocks end."""
    text = unescape(_TAG.sub(" ", _BREAK.sub("\n", _DROP.sub(" ", markup))))
    return "\n".join(" ".join(line.split()) for line in text.split("\n"))


def _content(message: Message, depth: int) -> tuple[str, list[Attachment]]:
    plain: list[str] = []
    rich: list[str] = []
    attachments: list[Attachment] = []
    for part in _parts(message):
        name = _filename(part)
        kind = part.get_content_type()
        if kind == "message/rfc822" and part.is_multipart():
            attachments.append(_forwarded(part, name, depth))
        elif name or part.get_content_disposition() == "attachment" or not kind.startswith("text/"):
            payload = part.get_payload(decode=True)
            content = payload if isinstance(payload, bytes) else b""
            attachments.append(Attachment(name=name or kind, media_type=kind, content=content))
        else:
            (rich if kind == "text/html" else plain).append(_part_text(part))
    body = "\n\n".join(text for text in plain if text.strip())
    if not body.strip():
        body = "\n\n".join(html_text(text) for text in rich)
    return tidy_body(body), attachments


def tidy_body(body: str) -> str:
    """A body without trailing white space and runs of blank lines."""
    return _BLANK.sub("\n\n", "\n".join(line.rstrip() for line in body.split("\n"))).strip()


def _forwarded(part: Message, name: str, depth: int) -> Attachment:
    """A mail that is attached whole."""
    inner = part.get_payload(0)
    if not isinstance(inner, Message) or depth >= MAX_DEPTH:
        return Attachment(name=name or "message", media_type=EML, content=b"")
    letter = _letter(inner, hashlib.sha256(repr(inner.items()).encode()).hexdigest()[:32], depth + 1)
    return Attachment(name=name or letter.subject or "message", media_type=EML, content=letter)


def _parts(message: Message) -> Iterator[Message]:
    """The parts that hold something, in order; a mail within the mail is one of them."""
    todo, seen = [message], 0
    while todo and seen < _MAX_PARTS:
        part = todo.pop()
        seen += 1
        inner = part.get_payload() if part.is_multipart() and part.get_content_type() != "message/rfc822" else None
        if isinstance(inner, list):
            todo.extend(each for each in reversed(inner) if isinstance(each, Message))
        else:
            yield part


def _part_text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    charset = part.get_content_charset() or ""
    try:
        return clean(payload.decode(charset or "utf-8"))
    except (LookupError, UnicodeError, ValueError):
        return decode(payload)


def _filename(part: Message) -> str:
    try:
        return " ".join(clean(str(part.get_filename() or "")).split())[:200]
    except Exception:  # email's own parameter parser raises on malformed ones
        return ""


def _raw(message: Message, name: str) -> str:
    try:
        return " ".join(
            str(message.get(name, "")).encode("utf-8", "surrogateescape").decode("utf-8", "replace").split()
        )
    except Exception:  # email's own header classes raise on malformed ones
        return ""


def _decoded(text: str) -> str:
    try:
        text = str(make_header(decode_header(text)))
    except Exception:  # email's own decoder raises many kinds on malformed words: they stay as they are
        return " ".join(clean(text).split())
    return " ".join(clean(text).split())


def _addresses(message: Message, name: str) -> list[tuple[str, str]]:
    try:
        pairs = getaddresses([_raw(message, name)])  # split first: a decoded name may hold a comma
    except (ValueError, IndexError):
        return []
    found = []
    for raw, raw_address in pairs:
        display, address = _decoded(raw), raw_address.strip().casefold()
        if "@" in address and " " not in address:
            found.append((" ".join(display.split()).strip("'\""), address))
        elif display or address:
            found.append((display or address, ""))
    return found


def _date(message: Message) -> tuple[str, str | None]:
    try:
        sent = parsedate_to_datetime(header(message, "date"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return "", None
    return sent.strftime("%Y-%m-%d %H:%M"), sent.date().isoformat()
