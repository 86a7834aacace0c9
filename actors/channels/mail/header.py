"""Reading a mail's headers, of which nothing is certain: what is malformed reads as empty or as it stands. Pure.

Held by tests/unit/actors/channels/mail/test_parse.py.
"""

from __future__ import annotations

import re
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses

from actors.channels.wire import clean

_MOST = 4_000  # characters of one header
_MOST_FROM = 500
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_ID = re.compile(r"<([!-;=?-~]{1,250})>")


def header(message: Message, name: str) -> str:
    """The first of that name on one line, without its RFC 2047 words decoded."""
    return _line(message.get(name, ""))


def headers(message: Message, name: str) -> list[str]:
    """All of that name, the topmost first."""
    return [_line(value) for value in message.get_all(name, [])]


def words(message: Message, name: str) -> str:
    """The header with its RFC 2047 words decoded."""
    return decoded(header(message, name))


def decoded(text: str) -> str:
    try:
        return " ".join(clean(str(make_header(decode_header(text)))).split())
    except Exception:  # email's own decoder raises many kinds on malformed words: they stay as they are
        return text


def address(message: Message, name: str) -> tuple[str, str]:
    """The display name and the address, in small letters, of a header that names exactly one; else ("", "")."""
    found = headers(message, name)
    if len(found) != 1 or len(found[0]) > _MOST_FROM:
        return "", ""
    try:
        pairs = getaddresses(found)
    except (ValueError, IndexError):
        return "", ""
    found_address = one_address(pairs[0][1]) if len(pairs) == 1 else ""
    return (decoded(pairs[0][0])[:100], found_address) if found_address else ("", "")


def one_address(text: str) -> str:
    """The address that ``text`` is, in small letters; "" for what is none."""
    return text.lower() if len(text) <= 254 and _ADDRESS.fullmatch(text) else ""


def ids(message: Message, name: str) -> list[str]:
    """The message ids in a header, without their angle brackets, in order."""
    return _ID.findall(header(message, name))


def _line(value: object) -> str:
    try:
        raw = str(value)[:_MOST].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except Exception:  # email's own header classes raise on malformed ones
        return ""
    return " ".join(clean(raw).split())
