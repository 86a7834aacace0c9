"""A light session: the product's durable turn without a composer, so that what is measured is the runtime.

A message leaves what a session's turn leaves: the conversation touched, two lines of history, one row in the outbox,
all in one commit with the message's "done" mark. :func:`build` is what a cell's process builds (``runtime.cell_host``).
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Mapping

from actors.messages import Say
from actors.tenancy import Tenancy
from bench.rig.sink_channel import SinkChannel
from runtime import telemetry
from runtime.actor import Actor, Kind, Turn, handles
from runtime.cell import Cell
from runtime.cell_host import Hosted
from runtime.channel import Outlet
from runtime.clock import SystemClock
from runtime.codec import Codec
from runtime.config import Settings
from runtime.journal import Journal
from runtime.limits import Limits
from runtime.store.conversations import AppendHistory, SendOut, TouchConversation, answer_with
from runtime.store.database import prepare

SINK = "sink"


class LightSession(Actor):
    """Answers every message at once."""

    @handles(Say)
    async def say(self, turn: Turn, message: Say) -> None:
        conversation = message.conversation_id
        done = {"status": "answered", "answer": message.text, "message_id": turn.message_id}
        turn.effect(TouchConversation(conversation_id=conversation, channel=SINK))
        turn.effect(AppendHistory(conversation_id=conversation, author="customer", text=message.text))
        answer_with(turn, done, conversation_id=conversation, text=message.text)
        turn.effect(SendOut(conversation_id=conversation, channel=SINK, body={"text": message.text}))


async def build(name: str) -> Hosted:
    """One cell of light sessions, with the operator's command that makes a tenant."""
    import cluster.cell_root  # noqa: F401  # what a cell of the product carries; here, the head's program must not

    settings, clock = Settings.from_environment(os.environ), SystemClock()
    telemetry.configure(settings.log_level)
    await asyncio.to_thread(prepare, settings.database_url)
    journal = Journal(settings.database_url)
    cell = Cell(
        name,
        kinds={"session": Kind(actor=LightSession)},
        journal=journal,
        codec=Codec([Say]),
        clock=clock,
        random=random.SystemRandom(),
        limits=Limits(),
        outlets={SINK: Outlet(channel=SinkChannel(int(os.environ["BENCH_SINK"])))},
    )
    tenancy = Tenancy(
        journal,
        clock=clock,
        secret=settings.session_secret.encode(),
        drop_actors=cell.drop,
        require_served=cell.require_served,
        vectors_for=_none,
        graph_for=_none,
        blobs_for=_none,
    )

    async def create(arguments: Mapping[str, object]) -> Mapping[str, object]:
        return await tenancy.create(str(arguments["name"]))

    async def status(arguments: Mapping[str, object]) -> Mapping[str, object]:
        return {**cell.status(), "pid": os.getpid()}

    async def close() -> None:
        await asyncio.to_thread(journal.close)

    return Hosted(cell=cell, services={}, commands={"tenant.create": create, "status": status}, close=(close,))


def _none(tenant: str) -> object:
    raise NotImplementedError("light sessions have no documents")
