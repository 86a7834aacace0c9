"""The way out by mail (``runtime.channel.Channel``): an answer, handed to the mailbox's own server.

A message whose call ended without an answer is looked for, by its id, in the mailbox's folder of sent mails: what is
there was sent. Most servers put nothing there by themselves, so that one which is not there stays unknown: it goes once
more, with the same Message-ID, by which the receiving side can tell it for the same.

Held by tests/integration/channels/test_mail.py.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import aiosmtplib

from actors.addresses import Network
from actors.channels.accounts import Accounts
from actors.channels.mail.account import MailAccount
from actors.channels.mail.imap import Session
from actors.channels.mail.judge import judged
from actors.channels.mail.server import connected, is_this_machine
from actors.channels.mail.write import message_id, written
from actors.channels.reply import Reply, reply_of
from runtime.channel import Found, Outgoing, Resolution
from runtime.clock import Clock
from runtime.errors import Terminal

CALL_S = 60.0
_STEP_S = 20.0


class MailOutlet:
    """``allowed``: networks that mail servers may be in although they are not public."""

    def __init__(self, accounts: Accounts, clock: Clock, allowed: Sequence[Network]) -> None:
        self._accounts = accounts
        self._clock = clock
        self._allowed = allowed

    async def send(self, outgoing: Outgoing) -> str:
        reply = reply_of(outgoing)
        account = await self._account(outgoing, reply)
        message = written(reply, outbox_id=outgoing.outbox_id, own=account.address, now=self._clock.now())
        sending = False
        try:
            async with signed_in(account, self._allowed) as server:
                await server.mail(account.address)
                await server.rcpt(str(message["To"]))
                sending = True
                await server.data(message.as_bytes())
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise judged(error, sending=sending) from _bare(error)
        return message_id(reply, outgoing.outbox_id, account.address)

    async def resolve(self, outgoing: Outgoing) -> Resolution:
        reply = reply_of(outgoing)
        account = await self._account(outgoing, reply)
        ours = message_id(reply, outgoing.outbox_id, account.address)
        found = await asyncio.to_thread(_look, account, self._allowed, ours)
        return Resolution(found=Found.SENT, provider_id=ours) if found else Resolution(found=Found.UNKNOWN)

    async def _account(self, outgoing: Outgoing, reply: Reply) -> MailAccount:
        account = await self._accounts.of(outgoing.tenant, reply.channel_id)
        if not isinstance(account, MailAccount):
            raise Terminal("The message is for no mailbox.")
        return account


@asynccontextmanager
async def signed_in(account: MailAccount, allowed: Sequence[Network]) -> AsyncIterator[aiosmtplib.SMTP]:
    """A dialogue with the account's server. Raises the library's errors, and those of :func:`connected`."""
    made = await asyncio.to_thread(connected, account.smtp, allowed)
    here = is_this_machine(made)
    context = ssl.create_default_context()
    if here:  # this machine's own server, whose certificate nobody has signed
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    server = aiosmtplib.SMTP(
        sock=made,
        hostname=account.smtp.host,
        local_hostname=account.address.rpartition("@")[2],
        timeout=_STEP_S,
        use_tls=account.smtp.tls,
        start_tls=False,
        tls_context=context,
    )
    try:
        await server.connect()
        if not account.smtp.tls and (not here or server.supports_extension("starttls")):
            await server.starttls(server_hostname=account.smtp.host, tls_context=context)
        if not here or server.supports_extension("auth"):
            await server.login(account.username, account.password)
        yield server
    finally:
        with suppress(aiosmtplib.SMTPException, OSError):
            await server.quit(timeout=2.0)
        server.close()
        made.close()


def _look(account: MailAccount, allowed: Sequence[Network], ours: str) -> bool:
    session = Session(account, allowed)
    try:
        session.open()
        return session.was_sent(ours)
    finally:
        session.close()


def _bare(error: Exception) -> Exception:
    """Without what was said in the dialogue, which may hold a password."""
    return RuntimeError(type(error).__name__) if isinstance(error, aiosmtplib.SMTPAuthenticationError) else error
