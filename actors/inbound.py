"""What a channel's webhook comes to: messages of people, what became of ours, and how much was none of either.

Plain data without a vendor's types: the adapters in ``actors/channels`` make it, the door hands it on.

Held by tests/unit/actors/test_inbound.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

MAX_TEXT = 8_000  # characters of one message that are kept; providers allow about half of it
_LATE_S = 86_400.0  # how far ahead of ours a provider's clock may be


class Content(StrEnum):
    """What a person has sent."""

    TEXT = "text"
    MEDIA = "media"  # with or without words beside it
    CHOICE = "choice"  # a button or a list's row that we had offered
    LOCATION = "location"
    CONTACTS = "contacts"
    ORDER = "order"
    UNREADABLE = "unreadable"  # the provider says that there is something, and not what
    REACTION = "reaction"
    EDIT = "edit"
    REVOKED = "revoked"


_UNANSWERED = frozenset({Content.REACTION, Content.EDIT, Content.REVOKED})


def wants_answer(content: Content) -> bool:
    """Whether the person waits for a reply: a reaction, a correction or a withdrawal is only taken note of."""
    return content not in _UNANSWERED


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file beside a message, still at the provider: ``reference`` is what fetches it there."""

    kind: Literal["image", "audio", "voice", "video", "document", "sticker"]
    reference: str
    media_type: str = ""
    filename: str = ""
    size: int | None = None  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who wrote, by the provider's word. ``id`` is what the person is known by within the channel."""

    id: str
    name: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """One message of a person. ``text`` is what it says in words, "" where it has none.

    ``conversation`` names where it was said within the channel, and ``reply_to`` is the address (the provider's fields
    and their values) that an answer goes to, and no other. ``dedupe_key`` is the same however often the provider tells
    it; ``sent_at`` is the provider's time, in seconds since the epoch.
    """

    content: Content
    text: str
    sender: Sender
    channel: str
    conversation: str
    reply_to: Mapping[str, str]
    provider_id: str
    dedupe_key: str
    sent_at: float
    attachments: tuple[Attachment, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    private: bool = False  # nobody but the sender reads what is answered there

    def stale(self, now: float, *, known_s: float) -> bool:
        """Whether it is too old to tell from a replay: the inbox knows its messages for ``known_s``. What comes from
        the future would be known for ever, and is as little believed."""
        return not now - known_s < self.sent_at < now + _LATE_S


class Delivery(StrEnum):
    """What became of a message of ours. Providers tell it in any order, and leave steps out."""

    SENT = "sent"
    FAILED = "failed"
    DELIVERED = "delivered"
    READ = "read"


_RANK = {state: rank for rank, state in enumerate(Delivery)}


def advanced(known: Delivery | None, told: Delivery) -> Delivery:
    """What is known after ``told``: never less than before. What was delivered cannot have failed; what had failed on
    one device of a person may still be delivered on another."""
    return told if known is None or _RANK[told] > _RANK[known] else known


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryTold:
    """The provider's word on a message of ours. ``our_id`` is the id that we gave with it, where it comes back;
    ``code`` and ``reason`` say why it failed."""

    provider_id: str
    state: Delivery
    at: float
    recipient: str = ""
    our_id: str = ""
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One webhook's whole content. ``ignored``: what is not for us, or of a kind that we do not know → how many."""

    messages: tuple[InboundMessage, ...] = ()
    deliveries: tuple[DeliveryTold, ...] = ()
    ignored: Mapping[str, int] = field(default_factory=dict)
