"""A gateway and a cell in this process, with the real channels and journal, between people and a fake provider.

What answers is a composer that repeats what it was asked; everything on the way to it and from it is the product's own.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
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
from actors.audience import audience_of
from actors.channels.accounts import Accounts
from actors.channels.actor import ChannelsActor
from actors.channels.calls import Calls
from actors.channels.connect import Connect
from actors.channels.telegram.outlet import TelegramOutlet
from actors.channels.whatsapp.outlet import WhatsAppOutlet
from actors.deliveries import DeliveriesActor, ToldDeliveries
from actors.messages import Answer, AskSet, Citation, Manner, SetAnswer, Status
from actors.owners import OwnersActor, RegisteredOwners
from actors.records import JournalRecords
from actors.session import Lines, SessionActor
from runtime.actor import Actor, ActorContext, Kind, Turn, handles
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
    """A composer that repeats the question, or lists what it is asked to list."""

    def __init__(self, ask_set: Callable[[AskSet], Awaitable[SetAnswer]]) -> None:
        self._ask_set = ask_set

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
        if listed := await self._listed(question):
            return listed
        cited = Citation(n=1, document_id="policy", chunk_id="c1", quote=question, title="Policy")
        return Answer(status=Status.ANSWERED, text=ANSWER.format(question), citations=(cited,))

    async def _listed(self, question: str) -> Answer | None:
        return (await self._ask_set(AskSet(question=question))).answer if question.startswith("Which ") else None


class Retrieval(Actor):
    """Says on which side of the business it is asked."""

    @handles(AskSet, read_only=True)
    async def ask_set(self, turn: Turn, message: AskSet) -> SetAnswer:
        answer = Answer(status=Status.ANSWERED, text=f"A list for {audience_of(turn.principal)}")
        return SetAnswer(planned=True, answer=answer)


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
        return await self._webhook({"messages": messages})

    async def becomes(self, our_id: str, status: str, **more: Any) -> httpx.Response:
        """WhatsApp tells what became of the message that has our id."""
        told = {"id": f"wamid.{our_id}", "status": status, "timestamp": str(int(time.time())), "recipient_id": "491"}
        return await self._webhook({"statuses": [{**told, "biz_opaque_callback_data": our_id, **more}]})

    async def _webhook(self, about: Mapping[str, Any]) -> httpx.Response:
        value = {"metadata": {"phone_number_id": graph_api.NUMBER}, **about}
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


async def command_line(house: House, *arguments: str, entered: str = "") -> tuple[int, str, str]:
    """`ragleap …` by the shop's owner: its status, what it printed and what it complained of."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cluster.cli.main", *arguments),
        *("--url", str(house.http.base_url), "--key", "key-shop"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "NO_COLOR": "1"},
    )
    out, err = await process.communicate(entered.encode())
    return process.returncode or 0, out.decode(), err.decode()


@asynccontextmanager
async def opened(folder: Path, telegram: BotApi, whatsapp: GraphApi) -> AsyncIterator[House]:
    url = f"sqlite:///{folder / 'journal.db'}"
    calls, sealer = Calls(), Sealer([new_key()])
    reader = Journal(url, read_only=True)
    accounts = Accounts(reader, sealer)

    def session(context: ActorContext) -> SessionActor:
        records = JournalRecords(context.tenant, reader)
        return SessionActor(context, composer_for=lambda search, ask_set: Echo(ask_set), records=records)

    terms: dict[str, Any] = {"retry": RetryPolicy(tries=5, first_s=0.05), "call_s": 5.0, "settle_s": 0.1}
    outlets = {
        "telegram": Outlet(channel=TelegramOutlet(accounts, calls, telegram.url), **terms),
        "whatsapp": Outlet(channel=WhatsAppOutlet(accounts, calls, whatsapp.url, ToldDeliveries(reader)), **terms),
    }
    connect = Connect(calls, telegram_url=telegram.url, whatsapp_url=whatsapp.url)
    kinds = {
        "session": Kind(actor=SessionActor, make=session),
        "retrieval": Kind(actor=Retrieval),
        "deliveries": Kind(actor=DeliveriesActor),
        "owners": Kind(actor=OwnersActor, make=partial(OwnersActor, owners=RegisteredOwners(reader))),
        "channels": Kind(actor=ChannelsActor, make=partial(ChannelsActor, accounts=accounts, connect=connect)),
    }
    async with open_cell(url, kinds, tenants=["shop"], outlets=outlets, limits=Limits(tick_s=0.02)) as cell:
        platform = StandInPlatform()
        platform.add_tenant("shop")
        door = replace(
            door_over(platform, Settings(data_dir=folder)),
            cells=cell,
            inlets=accounts,
            owners=RegisteredOwners(reader),
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
