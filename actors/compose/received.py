"""Messages that are not words: how the conversation's history shows them, and what is said to them. Pure.

Held by tests/unit/actors/compose/test_received.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from actors.inbound import Attachment, Content

_NAMES = {
    "image": "a picture",
    "audio": "a sound file",
    "voice": "a voice message",
    "video": "a video",
    "document": "a document",
    "sticker": "a sticker",
}
_SHOWN = {Content.EDIT: "edited", Content.REVOKED: "withdrew a message", Content.REACTION: "reacted"}


def line_of(content: Content, text: str, attachments: Sequence[Attachment]) -> str:
    """The history's line: the words, with what else there was in brackets before them."""
    besides = [_NAMES[each.kind] for each in attachments]
    if content in _SHOWN:
        besides.insert(0, _SHOWN[content])
    elif content is Content.UNREADABLE:
        besides.append("something that this channel does not show")
    return f"({', '.join(besides)}) {text}".strip() if besides else text


def acknowledged(attachments: Sequence[Attachment]) -> str:
    """What to say to a message without words, whose sender waits."""
    kinds = {each.kind for each in attachments}
    if "voice" in kinds or "audio" in kinds:
        return "I have got your recording, but I cannot listen to it. Could you write it to me?"
    if kinds == {"sticker"}:
        return "Thank you! What would you like to know?"
    if kinds:
        named = _NAMES[attachments[0].kind]
        return f"I have got {named} from you. What would you like to know about it?"
    return "I cannot read this kind of message. Could you write it to me?"
