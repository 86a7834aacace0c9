"""A journal on a migrated database per test, on either store; a house of toy cells on it, or a shop with documents."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import structlog
from shop import Shop, open_shop
from toys import FakeClock, House

from runtime import telemetry
from runtime.journal import Journal


@pytest.fixture(scope="session", autouse=True)
def plain_logs() -> None:
    """Structlog's console draws every traceback with its locals, which takes a second each."""
    structlog.configure(
        processors=[
            telemetry.add_subject,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["level", "event"]),
        ]
    )


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def journal(database: str) -> Iterator[Journal]:
    made = Journal(database)
    yield made
    made.close()


@pytest.fixture
async def house(database: str) -> AsyncIterator[House]:
    """The tenant ``acme`` exists; a test opens the cells that it needs."""
    made = House(database)
    await made.add_tenant("acme")
    yield made
    async with asyncio.timeout(30):
        await made.close()


@pytest.fixture
async def shop(house: House, journal: Journal, clock: FakeClock) -> AsyncIterator[Shop]:
    """The tenants ``acme`` and ``other`` exist, with no documents."""
    await house.add_tenant("other")
    made = await open_shop(journal, clock)
    yield made
    await made.cell.drain()
