"""Whether a mailbox's servers take what its owner has given: both are signed in to, and nothing is sent.

Held by tests/integration/channels/test_mail.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import aiosmtplib

from actors.addresses import Network
from actors.channels.mail.account import MailAccount
from actors.channels.mail.imap import Session
from actors.channels.mail.judge import judged
from actors.channels.mail.outlet import signed_in


async def answers(account: MailAccount, allowed: Sequence[Network]) -> str:
    """The mailbox's address. Raises Terminal where a server refuses us, Invalid where it may not be reached,
    Unavailable for now."""
    await asyncio.to_thread(_read, account, allowed)
    try:
        async with signed_in(account, allowed):
            return account.address
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        raise judged(error, sending=False) from None


def _read(account: MailAccount, allowed: Sequence[Network]) -> None:
    session = Session(account, allowed)
    try:
        session.open()
    finally:
        session.close()
