"""Which cell to call, as a process beside the cells knows it: read again when it is old or has proved wrong."""

from __future__ import annotations

import asyncio

import pytest
from toys import FakeClock

from runtime.directory import Directory
from runtime.errors import Unavailable
from runtime.routes import FRESH_S, Routes


class Stored:
    """The directory in the journal, and how often it was read."""

    def __init__(self, *cells: str) -> None:
        self.cells = cells
        self.read = 0

    async def load(self) -> Directory:
        self.read += 1
        await asyncio.sleep(0)
        return Directory(cells=self.cells)


async def test_a_directory_is_read_once_for_all_who_ask_and_again_when_it_is_old(clock: FakeClock) -> None:
    stored = Stored("cell-0")
    routes = Routes(stored.load, clock)

    await asyncio.gather(*(routes.cell_of(f"t{n}") for n in range(20)))
    once = stored.read
    clock.advance(FRESH_S)
    stored.cells = ("cell-1",)

    assert (await routes.cell_of("acme"), once, stored.read) == ("cell-1", 1, 2)


async def test_what_has_proved_wrong_is_read_anew_at_once(clock: FakeClock) -> None:
    stored = Stored("cell-0")
    routes = Routes(stored.load, clock)
    await routes.cell_of("acme")
    stored.cells = ("cell-1",)

    routes.stale()

    assert await routes.cell_of("acme") == "cell-1"


async def test_where_no_cell_serves_yet_that_is_said_and_looked_at_again_by_the_next_one(clock: FakeClock) -> None:
    stored = Stored()
    routes = Routes(stored.load, clock)
    with pytest.raises(Unavailable) as refused:
        await routes.cell_of("acme")
    stored.cells = ("cell-0",)

    assert (await routes.cell_of("acme"), refused.value.retry_after) == ("cell-0", 3)
