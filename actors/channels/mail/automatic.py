"""Mails that no reply may go to: what machines have sent, so that no two of them can talk to each other. Pure.

RFC 3834 (Auto-Submitted, null Return-Path), RFC 2919 and 2369 (List-*), RFC 6522 (multipart/report), and the headers
that large systems use beside these (Precedence, X-Auto-Response-Suppress: MS-OXCMAIL 2.2.3.2.14).

Held by tests/unit/actors/channels/mail/test_automatic.py.
"""

from __future__ import annotations

import re
from email.message import Message

from actors.channels.mail.header import header
from actors.channels.mail.thread import is_ours

_MACHINES = re.compile(
    r"(?:mailer-daemon|postmaster|bounces?|(?:no|do[-_.]?not)[-_.]?reply|auto-?reply|listserv|majordomo)(?:[-+=_.].*)?",
    re.IGNORECASE,
)
_SAID = ("x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply-from", "x-mail-autoreply", "feedback-id")
_SUPPRESSED = frozenset({"all", "oof", "autoreply"})


def automatic(message: Message, sender: str, own: str) -> str:
    """Why nobody waits for a reply to this mail of ``sender``'s to ``own``, in a word to count it by; "" for a person's
    mail."""
    if sender == own or is_ours(header(message, "message-id")):
        return "own"
    if header(message, "auto-submitted").partition(";")[0].strip().lower() not in ("", "no"):
        return "auto_submitted"
    if message.get_content_type() == "multipart/report" or header(message, "return-path").replace(" ", "") == "<>":
        return "bounce"
    if _MACHINES.fullmatch(sender.rpartition("@")[0]):
        return "machine"
    if header(message, "precedence").lower() in ("bulk", "junk", "list", "auto_reply"):
        return "bulk"
    if any(name.lower().startswith("list-") for name in message):
        return "list"
    suppressed = {each.strip().lower() for each in header(message, "x-auto-response-suppress").split(",")}
    if suppressed & _SUPPRESSED or any(name in message for name in _SAID):
        return "suppressed"
    return ""
