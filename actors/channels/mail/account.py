"""A mailbox: what its owner gave us. Nothing is called by it, so it is no way in for webhooks.

Held by tests/unit/actors/channels/mail/test_account.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from actors.channels.mail.header import one_address
from actors.channels.mail.parse import CHANNEL
from actors.channels.mail.server import Server, server_of
from runtime.errors import Invalid

DRAFT, SEND = "draft", "send"
SETTINGS = ("address", "imap", "smtp")
MORE_SETTINGS = ("username", "folder", "authserv_id", "replies")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailAccount:
    """``address`` is ours, in small letters. ``authserv_id`` names the server whose Authentication-Results are believed
    ("": none). ``sends``: answers to verified senders go without a person's approval."""

    tenant: str
    channel_id: str
    address: str
    imap: Server
    smtp: Server
    username: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    authserv_id: str = ""
    sends: bool = False

    kind = CHANNEL


def mail_account(tenant: str, channel_id: str, settings: Mapping[str, str], secrets: Mapping[str, str]) -> MailAccount:
    """Raises Invalid for settings that do not fit."""
    address = one_address(settings.get("address", ""))
    if not address:
        raise Invalid("The mailbox's address does not fit.", do="Give one like support@example.com.")
    replies = settings.get("replies", DRAFT)
    if replies not in (DRAFT, SEND):
        raise Invalid("replies is either draft or send.", do="draft: a person approves each; send: they go at once.")
    return MailAccount(
        tenant=tenant,
        channel_id=channel_id,
        address=address,
        imap=server_of(settings.get("imap", ""), "imap"),
        smtp=server_of(settings.get("smtp", ""), "smtp"),
        username=settings.get("username") or address,
        password=secrets.get("password", ""),
        folder=settings.get("folder") or "INBOX",
        authserv_id=settings.get("authserv_id", ""),
        sends=replies == SEND,
    )
