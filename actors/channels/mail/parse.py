"""A mail as what it tells: a person's message, or nothing and why. Pure.

Promises: any bytes are read or refused, never an error; who wrote is believed only where the receiving server vouches
for it (:mod:`actors.channels.mail.authentic`); an unverified sender has an identity and conversations of its own, so
that nobody gets into another's by writing his name; the reply's address is that of From, and of Reply-To only where
the sender is verified.

RFC 5322.

Held by tests/unit/actors/channels/mail/test_parse.py.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message

from actors.channels.mail.authentic import authentic
from actors.channels.mail.automatic import automatic
from actors.channels.mail.body import body_of
from actors.channels.mail.header import address, ids, words
from actors.channels.mail.reply_text import reply_text
from actors.channels.mail.thread import MOST_REFERENCES, references, thread_of
from actors.inbound import Attachment, Content, InboundMessage, Sender

CHANNEL = "email"
UNVERIFIED = "unverified"  # stands before the address of a sender that nobody vouches for


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A mail as the server gave it: ``uid`` in its folder, and when it came (seconds since the epoch). ``whole`` is
    False where it is too large, and only its headers were fetched."""

    uid: int
    came_at: float
    size: int
    data: bytes
    whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """``message`` is None where no person waits for an answer: ``ignored`` says why, in a word to count it by."""

    message: InboundMessage | None = None
    verified: bool = False
    ignored: str = ""


def parse(fetched: Fetched, *, own: str, authserv_id: str) -> Mail:
    """``own``: the address of this mailbox, in small letters."""
    message = message_from_bytes(fetched.data.lstrip(b"\r\n \t"), policy=policy.compat32)
    name, sender = address(message, "from")
    if not sender:
        return Mail(ignored="malformed")
    if why := automatic(message, sender, own):
        return Mail(ignored=why)
    verified = authentic(message, sender, authserv_id)
    message_id = next(iter(ids(message, "message-id")), "")
    digest = hashlib.sha256(fetched.data).hexdigest()[:40]
    person = sender if verified else f"{UNVERIFIED}:{sender}"
    before, answered = ids(message, "references")[-MOST_REFERENCES:], ids(message, "in-reply-to")
    thread = thread_of(ids(message, "references"), answered, message_id or digest)
    subject, text, content = words(message, "subject")[:500], "", Content.UNREADABLE
    attachments: tuple[Attachment, ...] = ()
    if fetched.whole:
        body = body_of(message)
        text, attachments = reply_text(body.text), body.attachments
        content = Content.MEDIA if attachments and not text else Content.TEXT
    if not text and not attachments and fetched.whole:
        text = subject  # a mail that is its subject and no more
    if not text and content is Content.TEXT:
        return Mail(ignored="empty")
    to = _reply_address(message, sender, own, verified)
    reply_to = {
        "address": to,
        "subject": subject,
        "message_id": message_id,
        "references": " ".join(references(before, message_id)) if message_id else "",
        "thread": thread,
    }
    return Mail(
        message=InboundMessage(
            content=content,
            text=text,
            sender=Sender(id=person, name=name),
            channel=CHANNEL,
            conversation=f"{thread}-{hashlib.sha256(person.encode()).hexdigest()[:12]}",
            reply_to={key: value for key, value in reply_to.items() if value},
            provider_id=message_id or digest,
            dedupe_key=f"{person} {message_id or digest}",
            sent_at=fetched.came_at,
            attachments=attachments,
            metadata=_metadata(subject, verified, fetched),
        ),
        verified=verified,
    )


def _reply_address(message: Message, sender: str, own: str, verified: bool) -> str:
    other = address(message, "reply-to")[1]
    return other if verified and other and other != own else sender


def _metadata(subject: str, verified: bool, fetched: Fetched) -> Mapping[str, str]:
    told = {
        "subject": subject,
        "verified": "true" if verified else "",
        "oversized": "" if fetched.whole else str(fetched.size),
    }
    return {name: value for name, value in told.items() if value}
