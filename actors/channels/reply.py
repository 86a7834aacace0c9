"""An outgoing message as a channel needs it: what to say, and the address that it is bound to. Pure.

Held by tests/unit/actors/channels/test_reply.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from actors.messages import Citation
from runtime.channel import Outgoing
from runtime.errors import Terminal


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """``to`` is the address as it came with the message that is answered."""

    channel_id: str
    to: Mapping[str, str]
    text: str
    citations: tuple[Citation, ...] = ()


_REPLY = TypeAdapter(Reply)


def reply_of(outgoing: Outgoing) -> Reply:
    """Raises Terminal where the message says nobody to send it to."""
    body = outgoing.body
    try:
        return _REPLY.validate_python(
            {
                "channel_id": body.get("channel_id"),
                "to": body.get("reply_to"),
                "text": body.get("text"),
                "citations": body.get("citations") or (),
            }
        )
    except ValidationError as error:
        raise Terminal("The message says no channel and address to be sent to.") from error
