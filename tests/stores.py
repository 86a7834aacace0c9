"""The fixtures of the journal's database: every test that asks for ``database`` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from postgres_server import PostgresServer, programs

from runtime.store.database import prepare

STORES = ("sqlite", "postgresql")


def not_installed(missing: str) -> NoReturn:
    """End a test that needs what is missing: it fails in CI, and is skipped elsewhere."""
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A server of this session's own. CI must have it; elsewhere its tests are skipped where it is not installed."""
    folder = programs()
    if folder is None:
        not_installed("PostgreSQL is not installed: install Debian's package `postgresql` to run these tests.")
    server = PostgresServer(folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database as the migrations make it."""
    path = tmp_path_factory.mktemp("schema") / "journal.db"
    prepare(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres: PostgresServer) -> str:
    """The name of an empty database as the migrations make it."""
    name = postgres.make()
    prepare(postgres.url(name))
    return name


@pytest.fixture(params=STORES)
def journal_store(request: pytest.FixtureRequest) -> str:
    """Which of the two stores the test runs on."""
    name: str = request.param
    return name


@pytest.fixture
def database(journal_store: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated database of the test's own."""
    if journal_store == "sqlite":
        yield f"sqlite:///{shutil.copy(request.getfixturevalue('migrated_sqlite'), tmp_path / 'journal.db')}"
        return
    yield from _postgres_database(request.getfixturevalue("postgres"), request.getfixturevalue("migrated_postgres"))


@pytest.fixture
def walled(postgres: PostgresServer, migrated_postgres: str) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database, for what only that store has."""
    yield from _postgres_database(postgres, migrated_postgres)


@pytest.fixture
def empty_database(journal_store: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database in which nothing is."""
    if journal_store == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    yield from _postgres_database(request.getfixturevalue("postgres"), "template0")


def _postgres_database(server: PostgresServer, template: str) -> Iterator[str]:
    name = server.borrow(template)
    yield server.url(name)
    server.give_back(name, template)
