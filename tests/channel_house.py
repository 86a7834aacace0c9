"""A gateway and a cell in this process, with the real channels and journal, between people and a fake provider.

What answers is a composer that repeats what it was asked; everything on the way to it and from it is the product's own.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from fakes import bot_api, graph_api
from fakes.bot_api import BotApi
from fakes.graph_api import GraphApi
from sqlalchemy import select
from stand_ins.door import StandInPlatform, door_over, listening

from actors.api.app import create_app
from actors.channels.accounts import Accounts
from actors.channels.actor import ChannelsActor
from actors.channels.calls import Calls
from actors.channels.connect import Connect
from actors.channels.telegram.outlet import TelegramOutlet
from actors.channels.whatsapp.outlet import WhatsAppOutlet
from actors.messages import Answer, Citation, Manner, Status
from actors.records import JournalRecords
from actors.session import Lines, SessionActor
from runtime.actor import ActorContext, Kind
from runtime.cell import Cell
from runtime.channel import Outlet
from runtime.config import Settings
from runtime.journal import Journal
from runtime.limits import Limits
from runtime.local_cell import open_cell
from runtime.retry import RetryPolicy
from runtime.sealing import Sealer, new_key
from runtime.store.tables import outbox

APP_SECRET = "app-secret-of-the-tests"
PUBLIC_URL = "https://shop.example"
OWNER = {"Authorization": "Bearer key-shop"}
ANSWER = "You said **{}** [1]."


class Echo:
    """A composer that repeats the question."""

    async def compose(
        self,
        question: str,
        *,
        context: Lines = (),
        as_of: str | None = None,
        manner: Manner = Manner(),
        patient: bool = True,
        emit: Callable[[str, Mapping[str, object]], Any] | None = None,
    ) -> Answer:
        cited = Citation(n=1, document_id="policy", chunk_id="c1", quote=question, title="Policy")
        return Answer(status=Status.ANSWERED, text=ANSWER.format(question), citations=(cited,))


@dataclass
class House:
    """One tenant, "shop", with a Telegram bot and a WhatsApp number, each by its channel's id."""

    http: httpx.AsyncClient
    cell: Cell
    journal: Journal
    telegram: BotApi
    whatsapp: GraphApi
    bot: str
    number: str
    _number: int = field(default=0)

    async def write(self, text: str, *, number: int | None = None, person: int = 5, **more: Any) -> httpx.Response:
        """A person writes to the bot; ``number`` is the update's."""
        self._number += 1
        message = {
            "message_id": 100 + self._number,
            "date": int(time.time()),
            "chat": {"id": person, "type": "private"},
            "from": {"id": person, "is_bot": False, "first_name": "Ada"},
            "text": text,
            **more,
        }
        update = {"update_id": self._number if number is None else number, "message": message}
        return await self.update(update)

    async def update(self, update: Mapping[str, Any]) -> httpx.Response:
        """Telegram tells of something, with the secret that it was given."""
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.telegram.webhook["secret_token"]}
        return await self.http.post(f"/webhooks/telegram/{self.bot}", json=update, headers=headers)

    async def send(self, *texts: str, person: str = "491") -> httpx.Response:
        """A person writes to the number, in one batch."""
        messages = []
        for text in texts:
            self._number += 1
            about = {"from": person, "id": f"wamid.in{self._number}", "timestamp": str(int(time.time()))}
            messages.append({**about, "type": "text", "text": {"body": text}})
        value = {"metadata": {"phone_number_id": graph_api.NUMBER}, "messages": messages}
        body = json.dumps({"entry": [{"changes": [{"field": "messages", "value": value}]}]}).encode()
        digest = hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": f"sha256={digest}"}
        return await self.http.post(f"/webhooks/whatsapp/{self.number}", content=body, headers=headers)

    async def settled(self, number: int) -> list[tuple[str, int]]:
        """The outbox's rows, their states and flags, once there are so many and none is under way."""
        async with asyncio.timeout(20):
            while True:
                rows = await self.rows()
                if len(rows) >= number and all(row.state in ("sent", "failed") for row in rows):
                    return [(row.state, row.maybe_duplicate) for row in rows]
                await asyncio.sleep(0.02)  # the journal tells nobody

    async def rows(self) -> list[Any]:
        """The outbox, oldest first."""
        statement = select(outbox).order_by(outbox.c.seq)
        return await self.journal.read(lambda connection: list(connection.execute(statement)), tenant="shop")


@asynccontextmanager
async def opened(folder: Path, telegram: BotApi, whatsapp: GraphApi) -> AsyncIterator[House]:
    url = f"sqlite:///{folder / 'journal.db'}"
    calls, sealer = Calls(), Sealer([new_key()])
    reader = Journal(url, read_only=True)
    accounts = Accounts(reader, sealer)

    def session(context: ActorContext) -> SessionActor:
        records = JournalRecords(context.tenant, reader)
        return SessionActor(context, composer_for=lambda search, ask_set: Echo(), records=records)

    terms: dict[str, Any] = {"retry": RetryPolicy(tries=5, first_s=0.05), "call_s": 5.0, "settle_s": 0.1}
    outlets = {
        "telegram": Outlet(channel=TelegramOutlet(accounts, calls, telegram.url), **terms),
        "whatsapp": Outlet(channel=WhatsAppOutlet(accounts, calls, whatsapp.url), **terms),
    }
    connect = Connect(calls, telegram_url=telegram.url, whatsapp_url=whatsapp.url)
    kinds = {
        "session": Kind(actor=SessionActor, make=session),
        "channels": Kind(actor=ChannelsActor, make=partial(ChannelsActor, accounts=accounts, connect=connect)),
    }
    async with open_cell(url, kinds, tenants=["shop"], outlets=outlets, limits=Limits(tick_s=0.02)) as cell:
        platform = StandInPlatform()
        platform.add_tenant("shop")
        door = replace(
            door_over(platform, Settings(data_dir=folder)),
            cells=cell,
            inlets=accounts,
            records_for=lambda tenant: JournalRecords(tenant, reader),
        )
        async with listening(create_app(door)) as base, httpx.AsyncClient(base_url=base, trust_env=False) as http:
            bot = await _connected(http, kind="telegram", secrets={"token": bot_api.TOKEN})
            secrets = {"access_token": graph_api.TOKEN, "app_secret": APP_SECRET}
            settings = {"phone_number_id": graph_api.NUMBER}
            number = await _connected(http, kind="whatsapp", settings=settings, secrets=secrets)
            telegram.calls.clear()
            yield House(http, cell, reader, telegram, whatsapp, bot, number)
    await calls.close()
    reader.close()


async def _connected(http: httpx.AsyncClient, **channel: Any) -> str:
    """The id of a channel that its owner has added."""
    added = await http.post("/v1/channels", json={"public_url": PUBLIC_URL, **channel}, headers=OWNER)
    assert added.status_code == 201, added.text
    return str(added.json()["channel_id"])
