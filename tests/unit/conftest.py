"""A migrated SQLite database per test; a house of toy cells on it, or a shop with documents."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from shop import Shop, open_shop
from toys import FakeClock, House

from runtime.journal import Journal
from runtime.store.database import migrate, open_engine


@pytest.fixture(scope="session", autouse=True)
def plain_logs() -> None:
    """Structlog's console draws every traceback with its locals, which takes a second each."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["level", "event"]),
        ]
    )


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database as the migrations make it."""
    path = tmp_path_factory.mktemp("schema") / "journal.db"
    engine = open_engine(f"sqlite:///{path}", pool_size=1)
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(migrated, tmp_path / "journal.db"))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def journal(database: Path) -> Iterator[Journal]:
    made = Journal(f"sqlite:///{database}")
    yield made
    made.close()


@pytest.fixture
async def house(database: Path) -> AsyncIterator[House]:
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
