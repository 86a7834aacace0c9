"""All the mailboxes of the tenants that this cell serves, each read by a loop of its own.

Promises: a mailbox is read in one cell, that which its tenant is placed at; one that was added, changed or moved here
is read within ``LOOK_S``; trouble with one does not touch the others.

Held by tests/integration/channels/test_mail.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from actors.addresses import Network
from actors.channels.accounts import Accounts
from actors.channels.mail.account import MailAccount
from actors.channels.mail.mailbox import POLL_S, Mailbox, Take
from actors.channels.mail.parse import CHANNEL
from runtime.clock import Clock
from runtime.errors import RagleapError
from runtime.journal import Journal
from runtime.store import channels
from runtime.store.channels import ChannelRow
from runtime.store.wall import ACROSS_TENANTS

LOOK_S = 5.0
MOST = 200  # mailboxes that one cell reads: each has a thread and a connection
_FETCHING = 2

log = structlog.get_logger("mail")


@dataclass(frozen=True, slots=True)
class _Read:
    row: ChannelRow
    task: asyncio.Task[None]


class Mailboxes:
    """``serves``: whether this cell has a tenant."""

    def __init__(
        self,
        journal: Journal,
        accounts: Accounts,
        *,
        take: Take,
        serves: Callable[[str], bool],
        clock: Clock,
        allowed: Sequence[Network],
        message_ttl_s: float,
        known_s: float,
        look_s: float = LOOK_S,
        poll_s: float = POLL_S,
    ) -> None:
        self._journal = journal
        self._accounts = accounts
        self._serves = serves
        self._look_s = look_s
        self._fetching = asyncio.Semaphore(_FETCHING)
        self._mailbox = partial(
            Mailbox,
            journal=journal,
            take=take,
            clock=clock,
            allowed=allowed,
            message_ttl_s=message_ttl_s,
            known_s=known_s,
            fetching=self._fetching,
            poll_s=poll_s,
        )
        self._read: dict[str, _Read] = {}

    async def keep_read(self) -> None:
        """Until it is cancelled."""
        try:
            while True:
                try:
                    await self._look()
                except RagleapError as error:
                    log.error("mail.mailboxes_not_known", error=str(error))
                await asyncio.sleep(self._look_s)
        finally:
            for each in self._read.values():
                each.task.cancel()
            await asyncio.gather(*(each.task for each in self._read.values()), return_exceptions=True)
            self._read.clear()

    async def _look(self) -> None:
        """Begin to read what is new here, and leave what has gone or changed."""
        found = await self._journal.read(partial(channels.of_kind, kind=CHANNEL), tenant=ACROSS_TENANTS)
        rows = {row.channel_id: row for row in found if self._serves(row.tenant)}
        for channel_id, each in list(self._read.items()):
            if each.task.done() or rows.get(channel_id) != each.row:
                each.task.cancel()
                await asyncio.wait([each.task])
                del self._read[channel_id]
        for channel_id, row in rows.items():
            if channel_id in self._read:
                continue
            if len(self._read) >= MOST:
                log.error("mail.too_many_mailboxes", most=MOST, tenant=row.tenant, channel=channel_id)
                return
            try:
                account = self._accounts.opened(row)
            except RagleapError as error:
                log.error("mail.mailbox_not_opened", tenant=row.tenant, channel=channel_id, error=str(error))
                continue
            if isinstance(account, MailAccount):
                task = asyncio.get_running_loop().create_task(self._mailbox(account).run())
                self._read[channel_id] = _Read(row, task)
