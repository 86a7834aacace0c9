"""The sample shop on real databases of three families; the user that reads it could write, so that our walls hold."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import mariadb_server
import psycopg
import pytest
from mariadb_server import MariaDbServer
from postgres_server import PostgresServer
from sql_shop import CREATE, FILL, shop
from stores import not_installed

from actors.database.answer import Caps
from actors.database.dialects import Family
from actors.database.reader import Reader
from actors.database.schema import Schema
from actors.database.target import target_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """``execute`` runs a statement past all walls."""

    family: Family
    url: str
    folder: Path
    schema: Schema
    execute: Callable[[str], list[tuple[object, ...]]]

    def reader(self, **caps: float) -> Reader:
        return Reader(target_of(self.url, sqlite_folder=self.folder, sockets=True), Caps(**caps))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDbServer]:
    """A server of this session's own. CI must have it; elsewhere its tests are skipped where it is not installed."""
    daemon = mariadb_server.programs()
    if daemon is None:
        not_installed(
            "MariaDB is not installed: `mariadb-server-core` and `mariadb-client-core` are Debian's packages."
        )
    server = MariaDbServer(daemon)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module", params=Family)
def a_shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    family: Family = request.param
    folder = tmp_path_factory.mktemp("shop")
    if family is Family.POSTGRES:
        made = _on_postgres(request.getfixturevalue("postgres"), folder)
    elif family is Family.MYSQL:
        made = _on_mariadb(request.getfixturevalue("mariadb"), folder)
    else:
        made = _on_sqlite(folder)
    for statement in CREATE + FILL:
        made.execute(statement)
    return made


@pytest.fixture
async def reader(a_shop: Shop) -> AsyncIterator[Reader]:
    made = a_shop.reader(rows=1_000, seconds=5.0)
    yield made
    await asyncio.to_thread(made.close)


def _on_postgres(server: PostgresServer, folder: Path) -> Shop:
    name = server.make()

    def execute(statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(server.url(name).replace("+psycopg", ""), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return list(cursor.fetchall()) if cursor.description else []

    return Shop(
        family=Family.POSTGRES, url=server.url(name), folder=folder, schema=shop(Family.POSTGRES), execute=execute
    )


def _on_mariadb(server: MariaDbServer, folder: Path) -> Shop:
    name = server.make()
    return Shop(
        family=Family.MYSQL,
        url=server.url(name),
        folder=folder,
        schema=shop(Family.MYSQL, name),
        execute=lambda statement: server.execute(statement, database=name),
    )


def _on_sqlite(folder: Path) -> Shop:
    def execute(statement: str) -> list[tuple[object, ...]]:
        connection = sqlite3.connect(folder / "shop.db", isolation_level=None)
        try:
            return connection.execute(statement).fetchall()
        finally:
            connection.close()

    return Shop(
        family=Family.SQLITE, url="sqlite:///shop.db", folder=folder, schema=shop(Family.SQLITE), execute=execute
    )
