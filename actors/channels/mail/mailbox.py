"""One mailbox, read for as long as this cell holds its tenant's lease.

Promises: how far it was read is committed together with the messages that were found up to there, under the lease, so
that nothing is lost and nothing is taken twice, whatever dies when; IDLE is a hint, and the mailbox is looked at every
``POLL_S`` without one; a mailbox that is new begins with what comes from then on. Where the server numbers its mails
anew (UIDVALIDITY), what came since a day before the newest known mail is read again, and the inbox tells the repeats.

Held by tests/integration/channels/test_mail.py.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Protocol, TypeVar

import structlog
from sqlalchemy import Connection

from actors.addresses import Network
from actors.channels.mail.account import MailAccount
from actors.channels.mail.imap import Session
from actors.channels.mail.parse import UNVERIFIED, Fetched, Mail, parse
from actors.channels.mail.senders import Senders
from actors.hearing import Heard
from runtime.clock import Clock
from runtime.errors import DeadlineExceeded, Fenced, RagleapError
from runtime.journal import Journal
from runtime.message import Envelope, Receipt, Trace, Verdict
from runtime.store import mail
from runtime.store.mail import Cursor

POLL_S = 60.0
COMMAND_S = 180.0  # one look at the server, a batch of mails fetched included
AGAIN_S = (2.0, 300.0)  # the first and the longest wait after a failure
DAY_S = 86_400.0

T = TypeVar("T")

log = structlog.get_logger("mail")


class Take(Protocol):
    async def __call__(
        self, tenant: str, envelopes: list[Envelope], beside: Callable[[Connection], None], /
    ) -> list[Receipt]:
        """Accept the messages and do ``beside`` in one commit under the tenant's lease. Raises Fenced where another
        cell has it."""
        ...


class Mailbox:
    """``known_s``: for how long the inbox knows its messages. ``fetching`` bounds how many mailboxes hold mails in
    memory at once."""

    def __init__(
        self,
        account: MailAccount,
        *,
        journal: Journal,
        take: Take,
        clock: Clock,
        allowed: Sequence[Network],
        message_ttl_s: float,
        known_s: float,
        fetching: asyncio.Semaphore,
        poll_s: float = POLL_S,
    ) -> None:
        self._account = account
        self._journal = journal
        self._take = take
        self._clock = clock
        self._allowed = allowed
        self._ttl_s = message_ttl_s
        self._known_s = known_s
        self._fetching = fetching
        self._poll_s = poll_s
        self._senders = Senders()
        self._about = {"tenant": account.tenant, "channel": account.channel_id}

    async def run(self) -> None:
        """Until it is cancelled, or another cell serves the tenant."""
        wait = AGAIN_S[0]
        while True:
            began = self._clock.monotonic()
            try:
                async with self._session() as (session, call):
                    await self._read_on(session, call)
            except Fenced:
                return
            except RagleapError as error:
                log.warning("mail.mailbox_failed", error=str(error), **self._about)
            except Exception:
                log.exception("mail.mailbox_crashed", **self._about)
            wait = AGAIN_S[0] if self._clock.monotonic() - began > AGAIN_S[1] else min(wait * 2, AGAIN_S[1])
            await asyncio.sleep(wait)

    async def _read_on(self, session: Session, call: _Call) -> None:
        cursor = await self._begin(session, call)
        while True:
            cursor = await self._catch_up(session, call, cursor)
            if not await call(partial(session.wait, self._poll_s), self._poll_s + COMMAND_S):
                await asyncio.sleep(self._poll_s)

    async def _begin(self, session: Session, call: _Call) -> Cursor:
        """From where to read on."""
        account, now = self._account, self._clock.now()
        read = partial(mail.cursor, tenant=account.tenant, channel_id=account.channel_id, folder=account.folder)
        known = await self._journal.read(read, tenant=account.tenant)
        if known is None:
            begun = Cursor(validity=session.validity, last_uid=max(0, session.next_uid - 1), came_at=now)
            await self._commit([], begun)
            return begun
        if known.validity == session.validity:
            return replace(known, counts={})
        log.warning("mail.numbered_anew", **self._about)
        since = max(known.came_at - DAY_S, now - self._known_s)
        uids = await call(partial(session.since, since), COMMAND_S)
        first = Cursor(validity=session.validity, last_uid=0, came_at=since)
        return await self._take_in(session, call, first, uids, since=since)

    async def _catch_up(self, session: Session, call: _Call, cursor: Cursor) -> Cursor:
        uids = await call(partial(session.later_than, cursor.last_uid), COMMAND_S)
        return await self._take_in(session, call, cursor, uids)

    async def _take_in(
        self, session: Session, call: _Call, cursor: Cursor, uids: Sequence[int], *, since: float = 0.0
    ) -> Cursor:
        """The mails ``uids``, batch by batch; what came before ``since`` is left out."""
        while uids:
            async with self._fetching:
                found = await call(partial(session.fetch, uids), COMMAND_S)
                read = await call(partial(self._parsed, [each for each in found if each.came_at >= since]), COMMAND_S)
                newest = max((each.came_at for each in found), default=cursor.came_at)
                # Without a mail in it, what was asked for was deleted meanwhile.
                last = found[-1].uid if found else uids[:1][0]
                cursor = Cursor(
                    validity=cursor.validity, last_uid=max(cursor.last_uid, last), came_at=max(cursor.came_at, newest)
                )
                await self._commit(read, cursor)
            uids = [uid for uid in uids if uid > last]
        return cursor

    def _parsed(self, found: Sequence[Fetched]) -> list[Mail]:
        """In the mailbox's thread: a mail's text is looked through for tens of milliseconds."""
        own, authserv_id = self._account.address, self._account.authserv_id
        return [self._bounded(parse(each, own=own, authserv_id=authserv_id)) for each in found]

    def _bounded(self, read: Mail) -> Mail:
        if read.message is None:
            return read
        sender = read.message.sender.id.removeprefix(f"{UNVERIFIED}:")
        return read if self._senders.allow(sender, read.message.sent_at) else Mail(ignored="too_many")

    async def _commit(self, read: Sequence[Mail], cursor: Cursor) -> None:
        account, now = self._account, self._clock.now()
        envelopes = []
        counts = Counter(each.ignored for each in read if each.ignored)
        for each in read:
            if each.message is not None:
                counts["oversized"] += "oversized" in each.message.metadata
                heard = Heard(
                    tenant=account.tenant,
                    channel_id=account.channel_id,
                    verified_by="email-authentication-results" if each.verified else "",
                    held=not (account.sends and each.verified),
                )
                envelopes.append(heard.envelope(each.message, trace=Trace.new(), deadline=now + self._ttl_s))
        told = dict(+counts | Counter({"messages": len(envelopes)}) if envelopes else +counts)
        kept = replace(cursor, counts=told)

        def keep(connection: Connection) -> None:
            mail.keep(connection, account.tenant, account.channel_id, account.folder, kept, now)

        receipts = await self._take(account.tenant, envelopes, keep)
        duplicates = sum(receipt.verdict is Verdict.DUPLICATE for receipt in receipts)
        if read:
            log.info("mail.read", duplicates=duplicates, counts=told, **self._about)

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[tuple[Session, _Call]]:
        """A connection, signed in, and the way to call it."""
        call = _Call(ThreadPoolExecutor(1, thread_name_prefix="mailbox"))
        try:
            await call(partial(call.open, self._account, self._allowed), COMMAND_S)
            assert call.session is not None
            yield call.session, call
        finally:
            call.end()


class _Call:
    """Runs blocking work in the mailbox's thread, within its time; the connection is that thread's."""

    def __init__(self, thread: ThreadPoolExecutor) -> None:
        self._thread = thread
        self.session: Session | None = None

    async def __call__(self, work: Callable[[], T], seconds: float) -> T:
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except TimeoutError as error:
            raise DeadlineExceeded("The mail server did not answer in time.") from error

    def open(self, account: MailAccount, allowed: Sequence[Network]) -> None:
        self.session = Session(account, allowed)
        self.session.open()

    def end(self) -> None:
        """What is under way ends, and then the connection."""
        if self.session is not None:
            self.session.interrupt()
        self._thread.submit(self._close)
        self._thread.shutdown(wait=False)

    def _close(self) -> None:
        if self.session is not None:
            self.session.close()
