"""An Outlook message (MSG) as a letter: its headers, its body, and what is attached, mails within it too.

Promises: a property that is missing or broken is left out; strings are decoded by their own type.

Source: [MS-OXMSG] (the file's storages and streams), [MS-OXPROPS] (the properties' numbers).

Held by tests/unit/actors/ingest/test_parse_msg.py.
"""

from __future__ import annotations

import hashlib
import io
import struct
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email import message_from_string, policy
from email.message import Message
from email.utils import parsedate_to_datetime

import olefile

from actors.ingest.allowance import MAX_ATTACHMENTS, MAX_DEPTH
from actors.ingest.detect import MSG
from actors.ingest.letter import Address, Attachment, Letter
from actors.ingest.parse_mail import header, html_text, tidy_body
from actors.ingest.text import clean, decode
from runtime.errors import Terminal

_SUBJECT, _BODY, _HTML, _HEADERS = 0x0037, 0x1000, 0x1013, 0x007D
_SENDER_NAME, _SENDER_SMTP, _SENDER_ADDRESS = 0x0C1A, 0x5D01, 0x0C1F
_MESSAGE_ID, _IN_REPLY_TO = 0x1035, 0x1042
_SUBMITTED, _DELIVERED = 0x0039, 0x0E06
_NAME, _ADDRESS, _SMTP, _RECIPIENT = 0x3001, 0x3003, 0x39FE, 0x0C15
_LONG_NAME, _SHORT_NAME, _MIME, _DATA = 0x3707, 0x3704, 0x370E, 0x3701
_CODEPAGE = 0x3FFD
_UNICODE, _BYTES, _STRING, _OBJECT = 0x001F, 0x0102, 0x001E, 0x000D
_TO, _CC = 1, 2
_MAX_PARTS = 1_000  # recipients or attachments of a message
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)  # of a FILETIME, in units of 100 ns


def letter_of_msg(data: bytes) -> Letter:
    """Raises Terminal where the file is damaged."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            names = [tuple(path) for path in file.listdir(streams=True, storages=True)]
            return _letter(_Storage(file, names, ()), hashlib.sha256(data).hexdigest()[:32], 0)
    except (OSError, ValueError, IndexError, struct.error, RecursionError) as error:
        raise Terminal("The mail is damaged.", do="Save it again, as EML or MSG, then upload it.") from error


class _Storage:
    """The properties of a message, a recipient or an attachment: a folder of the file."""

    def __init__(self, file: olefile.OleFileIO[str], names: Sequence[tuple[str, ...]], path: tuple[str, ...]) -> None:
        self._file, self.path = file, path
        self._names = [name for name in names if name[: len(path)] == path]  # of all that is in it
        self._fixed = self._numbers()

    def text(self, number: int) -> str:
        """A property's string; empty where it has none."""
        if (found := self._stream(number, _UNICODE)) is not None:
            return clean(found.decode("utf-16-le", "replace")).strip("\0")
        if (found := self._stream(number, _STRING)) is not None:
            try:
                return clean(found.decode(f"cp{self.number(_CODEPAGE)}"))
            except (LookupError, UnicodeError):
                return decode(found)
        return ""

    def data(self, number: int) -> bytes | None:
        return self._stream(number, _BYTES)

    def number(self, number: int) -> int:
        """A property of a fixed size: an integer, or a time in units of 100 ns since 1601."""
        return self._fixed.get(number, 0)

    def within(self, start: str) -> Iterator[_Storage]:
        """The storages right below whose names begin so, in order."""
        depth = len(self.path)
        found = {name[depth] for name in self._names if len(name) > depth and name[depth].startswith(start)}
        return (_Storage(self._file, self._names, (*self.path, name)) for name in sorted(found)[:_MAX_PARTS])

    def message(self) -> _Storage | None:
        """The message that an attachment is."""
        return next(self.within(f"__substg1.0_{_DATA:04X}{_OBJECT:04X}"), None)

    def _stream(self, number: int, kind: int) -> bytes | None:
        return self._read(f"__substg1.0_{number:04X}{kind:04X}")

    def _read(self, name: str) -> bytes | None:
        path = [*self.path, name]
        if not self._file.exists(path) or self._file.get_type(path) != olefile.STGTY_STREAM:
            return None
        return bytes(self._file.openstream(path).read())

    def _numbers(self) -> dict[int, int]:
        """The entries of the property stream; its head is longer for a message than for a part of one."""
        stream = self._read("__properties_version1.0") or b""
        parts = self.path[-1:] and self.path[-1].startswith(("__recip", "__attach"))
        begin = 8 if parts else 24 if self.path else 32
        found = {}
        for at in range(begin, len(stream) - 15, 16):
            kind, number, _, value = struct.unpack_from("<HHIQ", stream, at)
            found[number] = value & 0xFFFFFFFF if kind in (0x0002, 0x0003, 0x000B) else value
        return found


def _letter(message: _Storage, otherwise_id: str, depth: int) -> Letter:
    headers = message_from_string(message.text(_HEADERS), policy=policy.compat32)
    sender = (_single(message.text(_SENDER_NAME)), _address(message, _SENDER_SMTP, _SENDER_ADDRESS))
    when, day = _date(message, headers)
    return Letter(
        message_id=message.text(_MESSAGE_ID).strip("<> ") or header(headers, "message-id").strip("<> ") or otherwise_id,
        sender=(sender[0] if sender[0].casefold() != sender[1] else "", sender[1]),
        to=list(_recipients(message)),
        subject=_single(message.text(_SUBJECT)),
        when=when,
        day=day,
        in_reply_to=message.text(_IN_REPLY_TO).strip("<> "),
        body=_body(message),
        attachments=list(_attachments(message, depth)),
    )


def _body(message: _Storage) -> str:
    plain = message.text(_BODY)
    if plain.strip():
        return tidy_body(plain)
    html = message.data(_HTML)
    return tidy_body(html_text(decode(html) if html is not None else message.text(_HTML)))


def _attachments(message: _Storage, depth: int) -> Iterator[Attachment]:
    for number, each in enumerate(message.within("__attach_version1.0_")):
        if number >= MAX_ATTACHMENTS:
            return
        name = _single(each.text(_LONG_NAME) or each.text(_SHORT_NAME) or each.text(_NAME))
        inner = each.message()
        if inner is not None and depth < MAX_DEPTH:
            letter = _letter(inner, f"attachment {number + 1}", depth + 1)
            yield Attachment(name=name or letter.subject or "message", media_type=MSG, content=letter)
        else:
            kind = each.text(_MIME)
            yield Attachment(name=name or kind or "attachment", media_type=kind, content=each.data(_DATA) or b"")


def _recipients(message: _Storage) -> Iterator[Address]:
    for each in message.within("__recip_version1.0_"):
        if each.number(_RECIPIENT) in (_TO, _CC):
            name, address = _single(each.text(_NAME)), _address(each, _SMTP, _ADDRESS)
            if name or address:
                yield (name if name.casefold() != address else "", address)


def _address(holder: _Storage, *numbers: int) -> str:
    """The first property that is an Internet address; Exchange's own are none."""
    told = (_single(holder.text(number)).casefold() for number in numbers)
    return next((each for each in told if "@" in each and " " not in each), "")


def _date(message: _Storage, headers: Message) -> tuple[str, str | None]:
    """As the sender saw it where the headers tell, else in UTC."""
    try:
        sent = parsedate_to_datetime(header(headers, "date"))
    except (ValueError, TypeError, IndexError, OverflowError):
        ticks = message.number(_SUBMITTED) or message.number(_DELIVERED)
        if not 0 < ticks < 1 << 58:
            return "", None
        sent = _EPOCH + timedelta(microseconds=ticks // 10)
    return sent.strftime("%Y-%m-%d %H:%M"), sent.date().isoformat()


def _single(text: str) -> str:
    return " ".join(text.split())
