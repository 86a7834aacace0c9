"""An answer as a mail: to the address that it is bound to, in the thread that it belongs to. Pure.

RFC 5322 3.6.4 (threading), RFC 3834 3.1.8 and 5 (Auto-Submitted).

Held by tests/unit/actors/channels/mail/test_write.py.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from actors.channels.format.mail import mail
from actors.channels.mail.header import one_address
from actors.channels.mail.thread import our_id
from actors.channels.reply import Reply
from runtime.errors import Terminal

_RE = re.compile(r"^\s*(?:re|aw|sv|antw|rif|ref|rv|odp)\s*(?:\[\d+\])?:", re.IGNORECASE)
_MOST_SUBJECT = 200


def written(reply: Reply, *, outbox_id: str, own: str, now: float) -> EmailMessage:
    """Raises Terminal where it is bound to no address, or says nothing."""
    to = one_address(reply.to.get("address", ""))
    if not to:
        raise Terminal("The message is for no mail address.")
    if not reply.text.strip():
        raise Terminal("The answer is empty.")
    message = EmailMessage(policy=SMTP)
    message["From"] = own
    message["To"] = to
    message["Subject"] = _subject(reply.to.get("subject", ""))
    message["Date"] = format_datetime(datetime.fromtimestamp(now, UTC))
    message["Message-ID"] = f"<{message_id(reply, outbox_id, own)}>"
    if answered := _one_id(reply.to.get("message_id", "")):
        message["In-Reply-To"] = f"<{answered}>"
        chain = [each for each in map(_one_id, reply.to.get("references", "").split()) if each]
        message["References"] = " ".join(f"<{each}>" for each in chain or [answered])
    message["Auto-Submitted"] = "auto-replied"
    message["X-Auto-Response-Suppress"] = "All"
    bodies = mail(reply.text, reply.citations)
    message.set_content(bodies.plain, cte="quoted-printable")
    message.add_alternative(bodies.html, subtype="html", cte="quoted-printable")
    return message


def message_id(reply: Reply, outbox_id: str, own: str) -> str:
    """The same in every try, without angle brackets."""
    return our_id(outbox_id, reply.to.get("thread", "0" * 20), own)


def _subject(asked: str) -> str:
    subject = " ".join("".join(each if each.isprintable() else " " for each in asked).split())[:_MOST_SUBJECT]
    return subject if _RE.match(subject) else f"Re: {subject}".strip()


def _one_id(text: str) -> str:
    return text if re.fullmatch(r"[!-;=?-~]{1,250}", text) else ""
