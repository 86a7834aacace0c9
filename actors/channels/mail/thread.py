"""Which conversation a mail belongs to, and the ids of our own mails. Pure.

Promises: a mail that answers one of ours finds its conversation by that alone, whatever the person's program makes of
References; the id of our mail is the same in every try to send it.

RFC 5322 3.6.4 (Message-ID, In-Reply-To, References).

Held by tests/unit/actors/channels/mail/test_thread.py.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

_OURS = re.compile(r"ragleap\.([A-Za-z0-9_-]{1,100})\.([0-9a-f]{20})@[A-Za-z0-9.-]{1,200}")
MOST_REFERENCES = 20


def thread_of(references: Sequence[str], in_reply_to: Sequence[str], own_id: str) -> str:
    """The thread of a mail with the id ``own_id``: that of the newest mail of ours which it refers to, else named after
    the mail that its thread began with."""
    for each in (*reversed(in_reply_to), *reversed(references)):
        if ours := _OURS.fullmatch(each):
            return ours[2]
    root = next(iter((*references, *in_reply_to)), own_id)
    return hashlib.sha256(root.encode("utf-8", "replace")).hexdigest()[:20]


def our_id(outbox_id: str, thread: str, address: str) -> str:
    """Without angle brackets."""
    return f"ragleap.{outbox_id}.{thread}@{address.rpartition('@')[2]}"


def is_ours(message_id: str) -> bool:
    return _OURS.fullmatch(message_id.strip("<> ")) is not None


def references(before: Sequence[str], answered: str) -> list[str]:
    """The References of an answer: the first and the newest, where there are too many."""
    chain = [*(each for each in before if each != answered), answered]
    return chain if len(chain) <= MOST_REFERENCES else [chain[0], *chain[1 - MOST_REFERENCES :]]
