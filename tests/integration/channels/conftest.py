"""A shop that people write to over channels whose providers are fakes."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from channel_house import House, opened
from fakes.bot_api import BotApi
from fakes.graph_api import GraphApi


@pytest.fixture
async def telegram() -> AsyncIterator[BotApi]:
    made = BotApi()
    await made.start()
    yield made
    await made.close()


@pytest.fixture
async def whatsapp() -> AsyncIterator[GraphApi]:
    made = GraphApi()
    await made.start()
    yield made
    await made.close()


@pytest.fixture
async def house(tmp_path: Path, migrated_sqlite: Path, telegram: BotApi, whatsapp: GraphApi) -> AsyncIterator[House]:
    shutil.copy(migrated_sqlite, tmp_path / "journal.db")
    async with opened(tmp_path, telegram, whatsapp) as made:
        yield made
