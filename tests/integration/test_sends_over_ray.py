"""A cell that is killed again and again in the middle of its sends: each message is sent, and where nobody can know
whether it was, the row says so."""

from __future__ import annotations

import asyncio
import functools
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import psutil
import pytest
from sink import Sink
from sqlalchemy import insert, select
from toy_cell import Letter, Question, build

from runtime.address import ActorId
from runtime.cell_client import RayCells
from runtime.cell_host import start_cell
from runtime.clock import SystemClock
from runtime.ids import new_id
from runtime.journal import Journal
from runtime.message import Envelope, Trace
from runtime.principal import Principal, Role
from runtime.routes import Routes
from runtime.store import placements
from runtime.store.tables import dead_letters, outbox, tenants
from runtime.store.wall import ACROSS_TENANTS

pytestmark = pytest.mark.timeout(240)

SEED = int(os.environ.get("RAGLEAP_CHAOS_SEED", "1"))
KILLS = 8
TALKS = 40  # conversations of each channel; in each a letter before every kill
SETTLED_S = 90.0


@dataclass
class Sender:
    """A cell over Ray whose letters go to ``sink``."""

    cells: RayCells
    journal: Journal
    sink: Sink
    met: list[int] = field(default_factory=list)  # calls that were running, kill by kill

    async def kill(self, after_s: float, letters: Sequence[tuple[str, Letter]]) -> None:
        """The cell accepts ``letters``, and is killed a moment after a call of its outbox has begun."""
        pid = int(str(await self.cells.ask(_envelope(Question(text="which"), "ask"))).removeprefix("which "))
        before = self.sink.calls
        await self.cells.accept([_envelope(letter, talk) for talk, letter in letters])
        await self.sink.called(before)
        await asyncio.sleep(after_s)
        process = psutil.Process(pid)
        self.met.append(self.sink.open)
        os.kill(pid, signal.SIGKILL)
        await asyncio.to_thread(process.wait, 10)

    async def rows(self) -> list[dict[str, Any]]:
        """The outbox, once every row has come to its end."""
        async with asyncio.timeout(SETTLED_S):
            while True:
                rows = await self._outbox()
                if len(rows) == 2 * TALKS * KILLS and all(row["state"] in ("sent", "failed") for row in rows):
                    return rows
                await asyncio.sleep(0.1)

    async def dead(self) -> int:
        return len(await self.journal.read(lambda c: c.execute(select(dead_letters)).all(), tenant=ACROSS_TENANTS))

    async def _outbox(self) -> list[dict[str, Any]]:
        found = await self.journal.read(lambda c: c.execute(select(outbox)).mappings().all(), tenant=ACROSS_TENANTS)
        return [dict(row) for row in found]


@pytest.fixture
async def sender(ray_address: str, empty_database: str) -> AsyncIterator[Sender]:
    import ray

    sink = Sink(SEED)
    async with sink.listening():
        actor = start_cell(new_id("toy"), functools.partial(build, empty_database, "", sink=sink.url))
        assert await actor.ready.remote() is True
        journal = Journal(empty_database)
        tenant = {"tenant_id": "acme", "name": "a", "embed_key": "e", "state": "active", "created_at": 0}
        await journal.write(lambda c: c.execute(insert(tenants).values(**tenant)), tenant=ACROSS_TENANTS)
        routes = Routes(lambda: journal.read(placements.load, tenant=ACROSS_TENANTS), SystemClock())
        yield Sender(RayCells(routes, hold_s=60.0), journal, sink)
        ray.kill(actor)
        journal.close()


async def test_every_letter_is_sent_and_every_doubtful_one_resolved_or_flagged_when_the_cell_is_killed_mid_send(
    sender: Sender,
) -> None:
    draw = random.Random(SEED)
    for line in range(KILLS):
        letters = [
            (f"{channel}-{talk}", Letter(text=f"{line}", channel=channel))
            for talk in range(TALKS)
            for channel in ("tells", "silent")
        ]
        await sender.kill(draw.uniform(0, 0.4), letters)
    rows = await sender.rows()

    assert sum(met > 0 for met in sender.met) > KILLS // 2, sender.met
    arrivals = Counter(outbox_id for outbox_id, _ in sender.sink.arrived)
    assert arrivals.keys() <= {row["outbox_id"] for row in rows}
    for row in rows:
        came = arrivals[row["outbox_id"]]
        if row["channel"] == "tells":  # the provider was asked: once, whatever died
            assert (row["state"], row["maybe_duplicate"], came) == ("sent", 0, 1), row
        elif row["maybe_duplicate"]:
            assert came <= 2, row
        else:
            assert (row["state"], came) == ("sent", 1), row
    flagged = [row for row in rows if row["maybe_duplicate"]]
    assert flagged, "no send was ever in doubt: was the cell killed in the middle of one?"
    failed = [row for row in rows if row["state"] == "failed"]
    assert all(row["maybe_duplicate"] and "may have arrived" in row["error"] for row in failed), failed
    assert await sender.dead() == len(failed)
    _in_order(sender.sink, rows)


def _envelope(body: object, key: str) -> Envelope:
    return Envelope(
        message_id=new_id("msg"),
        to=ActorId("acme", "worker", key),
        principal=Principal(tenant="acme", role=Role.OWNER, identity="k", verified_by="api-key"),
        body=body,
        trace=Trace.new(),
        deadline=SystemClock().now() + 900,
    )


def _in_order(sink: Sink, rows: Sequence[dict[str, Any]]) -> None:
    """Within a conversation no letter arrived before an earlier one had."""
    talks = {row["outbox_id"]: row["conversation_id"] for row in rows}
    first: dict[str, list[int]] = {}
    for outbox_id, text in dict(sink.arrived).items():
        first.setdefault(talks[outbox_id], []).append(int(text))
    for talk, lines in first.items():
        assert lines == sorted(lines), (talk, lines)
