"""A gateway and a cell in this process, with a real IMAP server before them and a mail server behind.

As tests/channel_house.py, for mail: what answers is a composer that repeats what it was asked.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from channel_house import OWNER, Echo
from dovecot_server import PASSWORD, DovecotServer
from fakes.smtp import MailServer
from sqlalchemy import Connection, select
from stand_ins.door import StandInPlatform, door_over, listening

from actors.addresses import networks
from actors.api.app import create_app
from actors.channels.accounts import Accounts
from actors.channels.actor import ChannelsActor
from actors.channels.calls import Calls
from actors.channels.connect import Connect
from actors.channels.mail.mailboxes import Mailboxes
from actors.channels.mail.outlet import MailOutlet
from actors.drafts import DraftsActor
from actors.records import JournalRecords
from actors.session import SessionActor
from runtime.actor import ActorContext, Kind
from runtime.cell import Cell
from runtime.channel import Outlet
from runtime.clock import SystemClock
from runtime.config import Settings
from runtime.journal import Journal
from runtime.limits import Limits
from runtime.local_cell import open_cell
from runtime.message import Envelope, Receipt
from runtime.retry import RetryPolicy
from runtime.sealing import Sealer, new_key
from runtime.store import mail
from runtime.store.mail import Cursor
from runtime.store.tables import inbox, outbox

AUTHSERV = "mx.shop.example"
ALLOWED = networks("127.0.0.0/8", "the tests'")
KEY = os.environ.get("RAGLEAP_TESTS_SEALING_KEY") or new_key()  # a process of ours has the same
SOON_S = 20.0


@dataclass
class MailHouse:
    """``address`` is the mailbox's own, and its name at the server."""

    http: httpx.AsyncClient
    journal: Journal
    imap: DovecotServer
    smtp: MailServer
    address: str
    channel_id: str = ""
    folder: str = "INBOX"
    settings: dict[str, str] = field(default_factory=dict)

    async def connect(self, **settings: str) -> httpx.Response:
        body = {
            "kind": "email",
            "settings": {
                "address": self.address,
                "imap": f"imap://127.0.0.1:{self.imap.port}",
                "smtp": f"smtp://127.0.0.1:{self.smtp.port}",
                "authserv_id": AUTHSERV,
                **settings,
            },
            "secrets": {"password": PASSWORD},
        }
        self.folder = settings.get("folder", "INBOX")
        return await self.http.post("/v1/channels", json=body, headers=OWNER)

    async def begin(self, **settings: str) -> None:
        """Connect the mailbox, and wait until it is read."""
        made = await self.connect(**settings)
        assert made.status_code == 201, made.text
        self.channel_id = made.json()["channel_id"]
        await self.read_to(0)

    async def deliver(self, *mails: bytes) -> None:
        await asyncio.to_thread(partial(self.imap.deliver, self.address, *mails, folder=self.folder))

    async def read_to(self, uid: int) -> Cursor:
        """The cursor, once the mailbox was read to there."""
        found = await self._once(lambda: self._cursor(), lambda cursor: cursor is not None and cursor.last_uid >= uid)
        assert isinstance(found, Cursor)
        return found

    async def drafts(self, number: int) -> list[dict[str, Any]]:
        async def look() -> list[dict[str, Any]]:
            return list((await self.http.get("/v1/drafts", headers=OWNER)).json()["drafts"])

        return await self._once(look, lambda found: len(found) >= number)

    async def decide(self, draft_id: str, decision: str, **body: str) -> httpx.Response:
        return await self.http.post(f"/v1/drafts/{draft_id}/{decision}", json=body, headers=OWNER)

    async def rows(self) -> list[Any]:
        """The outbox, oldest first."""
        return await self._read(lambda connection: list(connection.execute(select(outbox).order_by(outbox.c.seq))))

    async def settled(self, number: int) -> list[tuple[str, int]]:
        over = ("sent", "failed", "draft", "discarded")
        rows = await self._once(self.rows, lambda rows: len(rows) >= number and all(row.state in over for row in rows))
        return [(row.state, row.maybe_duplicate) for row in rows]

    async def inbox(self) -> list[Any]:
        return await self._read(lambda connection: list(connection.execute(select(inbox).order_by(inbox.c.seq))))

    async def _cursor(self) -> Cursor | None:
        read = partial(mail.cursor, tenant="shop", channel_id=self.channel_id, folder=self.folder)
        return await self._read(read)

    async def _read(self, work: Callable[[Connection], Any]) -> Any:
        return await self.journal.read(work, tenant="shop")

    async def _once(self, look: Callable[[], Any], enough: Callable[[Any], bool]) -> Any:
        async with asyncio.timeout(SOON_S):
            while True:
                if enough(found := await look()):
                    return found
                await asyncio.sleep(0.02)  # the journal tells nobody


@asynccontextmanager
async def opened(
    folder: Path, imap: DovecotServer, smtp: MailServer, address: str, *, poll_s: float = 30.0
) -> AsyncIterator[MailHouse]:
    """On the journal in ``folder``, which another house may have had before. With the long ``poll_s``, what comes soon
    was noticed by IDLE."""
    url = f"sqlite:///{folder / 'journal.db'}"
    calls, clock, reader = Calls(), SystemClock(), Journal(url, read_only=True)
    accounts = Accounts(reader, Sealer([KEY]))

    def session(context: ActorContext) -> SessionActor:
        records = JournalRecords(context.tenant, reader)
        return SessionActor(context, composer_for=lambda search, ask_set: Echo(ask_set), records=records)

    connect = Connect(calls, telegram_url="http://127.0.0.1:9", whatsapp_url="http://127.0.0.1:9", allowed=ALLOWED)
    retry = RetryPolicy(tries=5, first_s=0.05)
    outlets = {"email": Outlet(channel=MailOutlet(accounts, clock, ALLOWED), retry=retry, call_s=5.0, settle_s=0.1)}
    kinds = {
        "session": Kind(actor=SessionActor, make=session),
        "channels": Kind(actor=ChannelsActor, make=partial(ChannelsActor, accounts=accounts, connect=connect)),
        "drafts": Kind(actor=DraftsActor, make=partial(DraftsActor, journal=reader)),
    }
    async with open_cell(url, kinds, tenants=["shop"], outlets=outlets, limits=Limits(tick_s=0.02)) as cell:
        platform = StandInPlatform()
        platform.add_tenant("shop")
        door = replace(door_over(platform, Settings(data_dir=folder)), cells=cell, inlets=accounts)
        async with (
            _read(cell, reader, accounts, clock, poll_s),
            listening(create_app(door)) as base,
            httpx.AsyncClient(base_url=base, trust_env=False) as http,
        ):
            house = MailHouse(http, reader, imap, smtp, address)
            if known := await accounts.rows("shop"):
                house.channel_id, house.folder = known[0].channel_id, known[0].settings.get("folder", "INBOX")
            yield house
    await calls.close()
    reader.close()


@asynccontextmanager
async def _read(
    cell: Cell, journal: Journal, accounts: Accounts, clock: SystemClock, poll_s: float
) -> AsyncIterator[None]:
    async def take(tenant: str, envelopes: list[Envelope], beside: Callable[[Connection], None]) -> list[Receipt]:
        return await (await cell.tenant(tenant)).accept(envelopes, beside)

    mailboxes = Mailboxes(
        journal,
        accounts,
        take=take,
        serves=cell.serves,
        clock=clock,
        allowed=ALLOWED,
        message_ttl_s=60.0,
        known_s=7 * 86_400.0,
        look_s=0.05,
        poll_s=poll_s,
    )
    task = asyncio.get_running_loop().create_task(mailboxes.keep_read())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
