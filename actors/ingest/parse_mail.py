"""Mail (RFC 5322, MIME) to text: decoded headers, the readable body, and the names of what is attached.

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

from actors.ingest.detect import EML
from actors.ingest.parsed import Heading, Mail, Parsed
from actors.ingest.text import clean, decode
from runtime.errors import Terminal

_DROP = re.compile(r"<(script|style|head|title)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6]|/table|/blockquote)\b[^>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_BLANK = re.compile(r"\n{3,}")
_MAX_PARTS = 500


def parse_mail(data: bytes) -> Parsed:
    """A mail as text: From, To, Date, Subject, then the body. Raises Terminal where there is neither."""
    message = message_from_bytes(data.lstrip(b"\r\n \t"), policy=policy.compat32)
    body, attachments = _content(message)
    sender = _addresses(message, "from")[:1]
    to = [*_addresses(message, "to"), *_addresses(message, "cc")]
    subject = header(message, "subject")
    if not (body or subject):
        raise Terminal("The mail has no subject and no readable text.", do="Send it as plain text or HTML.")
    when, day = _date(message)
    name, address = sender[0] if sender else ("", "")
    head = [
        ("Subject", subject),
        ("From", _readable(name, address)),
        ("To", ", ".join(_readable(*each) for each in to[:20])),
        ("Date", when),
        ("Attachments", ", ".join(attachments)),
    ]
    front = "\n".join(f"{key}: {value}" for key, value in head if value) + "\n\n"
    mail = Mail(
        message_id=header(message, "message-id").strip("<> ") or hashlib.sha256(data).hexdigest()[:32],
        from_name=name,
        from_address=address,
        to=to,
        subject=subject,
        sent_on=day,
        in_reply_to=header(message, "in-reply-to").strip("<> "),
        body=(len(front), len(front) + len(body)),
        attachments=attachments,
    )
    headings = [Heading(start=0, level=1, text=subject)] if subject else []
    return Parsed(
        text=front + body + "\n", media_type=EML, title=subject, headings=headings, mail=mail, occurred_on=day
    )


def header(message: Message, name: str) -> str:
    """A header with its RFC 2047 words decoded and its folds undone; empty where it is missing."""
    return _decoded(_raw(message, name))


def html_text(markup: str) -> str:
    """The words of an HTML part, with line breaks where blocks end."""
    text = unescape(_TAG.sub(" ", _BREAK.sub("\n", _DROP.sub(" ", markup))))
    return "\n".join(" ".join(line.split()) for line in text.split("\n"))


def _content(message: Message) -> tuple[str, list[str]]:
    plain: list[str] = []
    rich: list[str] = []
    attachments: list[str] = []
    for part in _parts(message):
        name = _filename(part)
        kind = part.get_content_type()
        if name or part.get_content_disposition() == "attachment" or not kind.startswith("text/"):
            if name or kind != "message/rfc822":
                attachments.append(name or kind)
            continue
        (rich if kind == "text/html" else plain).append(_part_text(part))
    body = "\n\n".join(text for text in plain if text.strip())
    if not body.strip():
        body = "\n\n".join(html_text(text) for text in rich)
    return _BLANK.sub("\n\n", "\n".join(line.rstrip() for line in body.split("\n"))).strip(), attachments


def _parts(message: Message) -> Iterator[Message]:
    for number, part in enumerate(message.walk()):
        if number >= _MAX_PARTS:
            return
        if not part.is_multipart():
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


def _readable(name: str, address: str) -> str:
    return f"{name} <{address}>" if name and address else name or address
