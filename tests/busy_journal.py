"""A journal whose writer is busy, so that what is written meanwhile lands in one commit."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import Connection

from runtime.journal import Journal
from runtime.store.wall import ACROSS_TENANTS


@asynccontextmanager
async def held(journal: Journal) -> AsyncIterator[None]:
    """The writer is busy with one work until the block ends, so that what is written meanwhile waits together."""
    entered, release = threading.Event(), threading.Event()

    def hold(connection: Connection) -> None:
        entered.set()
        release.wait(10)

    task = asyncio.get_running_loop().create_task(journal.write(hold, tenant=ACROSS_TENANTS))
    await asyncio.to_thread(entered.wait, 10)
    try:
        yield
    finally:
        release.set()
    await task


async def start(*works: asyncio.Future[object]) -> None:
    """Let the tasks put their work into the queue."""
    for _ in range(5):
        await asyncio.sleep(0)
