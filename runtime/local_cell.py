"""A whole cell in this process alone, on a database of its own: to try an actor in, for a test or a tool.

Promises: the database is made and migrated, and the tenants that it lacks are added, before the cell starts; those that
are there stay as they are, so the same program goes on where it was. At the end of the block the cell is drained and
the database let go of, also where the block or the start fails.

Held by tests/unit/runtime/test_local_cell.py.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial

from sqlalchemy import Connection

from runtime.actor import Kind
from runtime.cell import Cell
from runtime.channel import Outlet
from runtime.clock import Clock, SystemClock
from runtime.codec import Codec
from runtime.ids import new_id
from runtime.journal import Journal
from runtime.limits import Limits
from runtime.random import Random
from runtime.store import database
from runtime.store import tenants as tenant_rows
from runtime.store.wall import ACROSS_TENANTS


@asynccontextmanager
async def open_cell(
    url: str,
    kinds: Mapping[str, Kind],
    *,
    tenants: Collection[str] = (),
    durable: Iterable[type] | None = None,
    outlets: Mapping[str, Outlet] | None = None,
    clock: Clock | None = None,
    random_source: Random | None = None,
    limits: Limits | None = None,
) -> AsyncIterator[Cell]:
    """The started cell of the database at ``url`` (``sqlite:///file.db``, or PostgreSQL).

    ``durable``: the classes of messages that may be accepted; without it, all that the kinds' actors handle. Nothing
    else may run a cell on the same database meanwhile: this one fences it.
    """
    await asyncio.to_thread(database.prepare, url)
    clock, journal = clock or SystemClock(), Journal(url)
    try:
        await journal.write(partial(_add_missing, wanted=tenants, now=clock.now()), tenant=ACROSS_TENANTS)
        cell = Cell(
            "cell-0",
            kinds=kinds,
            journal=journal,
            codec=Codec(_handled(kinds) if durable is None else durable),
            clock=clock,
            random=random_source or random.SystemRandom(),
            limits=limits or Limits(),
            outlets=outlets,
        )
        try:
            await cell.start()
            yield cell
        finally:
            await cell.drain()
    finally:
        await asyncio.to_thread(journal.close)


def _add_missing(connection: Connection, *, wanted: Collection[str], now: float) -> None:
    there = {row.tenant for row in tenant_rows.every(connection)}
    for tenant in sorted(set(wanted) - there):
        tenant_rows.create(connection, tenant, tenant, new_id("emb", now=now), now)


def _handled(kinds: Mapping[str, Kind]) -> Iterable[type]:
    return {body for kind in kinds.values() for body in kind.actor.handlers}
