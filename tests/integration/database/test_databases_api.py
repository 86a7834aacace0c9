"""Live databases through the API: real PostgreSQL, MariaDB and SQLite behind a gateway and a cell of this process."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from shutil import copy
from typing import Any

import httpx
import pytest
from sql_shop import COLUMNS
from sqlalchemy import text
from stand_ins.door import StandInPlatform, door_over, listening
from tcp_relay import relayed

from actors.api.app import create_app
from actors.database.actor import DatabaseActor
from actors.database.dialects import Family
from actors.database.kept import KeptDatabases
from runtime.actor import Kind
from runtime.config import Settings
from runtime.journal import Journal
from runtime.local_cell import open_cell
from runtime.sealing import Sealer, new_key
from tests.integration.database.conftest import Shop

OWNER = {"Authorization": "Bearer key-shop"}
OTHER = {"Authorization": "Bearer key-other"}
PASSWORD = "secret"  # of both servers' users


@dataclass(frozen=True)
class Office:
    """Two tenants, "shop" and "other"; ``url`` leads to the first one's database, over TCP where it is a server."""

    http: httpx.AsyncClient
    journal: Journal
    shop: Shop
    url: str

    async def add(self, name: str = "till", *, url: str = "", **more: Any) -> httpx.Response:
        body = {"name": name, "url": url or self.url, **more}
        return await self.http.post("/v1/databases", json=body, headers=OWNER)

    async def query(self, sql: str, name: str = "till", headers: dict[str, str] = OWNER) -> httpx.Response:
        return await self.http.post(f"/v1/databases/{name}/query", json={"sql": sql}, headers=headers)

    async def rows(self, sql: str) -> list[list[object]]:
        answer = (await self.query(sql)).json()
        assert answer["status"] == "answered", answer
        return list(answer["rows"])


def _socket(shop: Shop) -> tuple[str, Path]:
    """The URL with %s for host and port, and the Unix socket that leads there."""
    before, _, socket = shop.url.partition("=")
    start, _, database = before.partition("?")[0].rpartition("/")
    user = start.partition("://")[2].partition("@")[0]
    if shop.family is Family.POSTGRES:
        return f"postgresql://{user}:{PASSWORD}@%s/{database}", Path(socket) / ".s.PGSQL.5432"
    return f"mariadb://{user}@%s/{database}", Path(socket)


@pytest.fixture
async def office(a_shop: Shop, tmp_path: Path, migrated_sqlite: Path) -> AsyncIterator[Office]:
    copy(migrated_sqlite, tmp_path / "journal.db")
    journal_url = f"sqlite:///{tmp_path / 'journal.db'}"
    reader = Journal(journal_url, read_only=True)
    async with AsyncExitStack() as stack:
        if a_shop.family is Family.SQLITE:
            (tmp_path / "files" / "shop").mkdir(parents=True)
            copy(a_shop.folder / "shop.db", tmp_path / "files" / "shop" / "shop.db")
            url = "sqlite:///shop.db"
        else:
            told, socket = _socket(a_shop)
            url = told % f"127.0.0.1:{await stack.enter_async_context(relayed(socket))}"
        kept = KeptDatabases(reader, Sealer([new_key()]), networks="127.0.0.0/8", files=str(tmp_path / "files"))
        kinds = {"database": Kind(actor=DatabaseActor, make=partial(DatabaseActor, kept=kept))}
        cell = await stack.enter_async_context(open_cell(journal_url, kinds, tenants=["shop", "other"]))
        platform = StandInPlatform()
        platform.add_tenant("shop")
        platform.add_tenant("other")
        door = replace(door_over(platform, Settings(data_dir=tmp_path)), cells=cell)
        base = await stack.enter_async_context(listening(create_app(door)))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=base, trust_env=False, timeout=60))
        yield Office(http, reader, a_shop, url)
    reader.close()


async def test_a_database_is_added_asked_listed_and_forgotten(office: Office) -> None:
    added = await office.add()
    assert added.status_code == 201, added.text
    assert {name.rpartition(".")[2] for name in added.json()["tables"]} >= set(COLUMNS)

    answer = (await office.query("SELECT id, updated_at FROM orders WHERE city_unknown = 1")).json()
    assert (answer["status"], answer["rows"]) == ("refused", [])
    assert "city_unknown" in answer["reason"]
    answer = (await office.query("SELECT count(*) AS n FROM orders")).json()
    assert answer["status"] == "answered"
    assert (answer["columns"], answer["rows"], answer["truncated"]) == (["n"], [[4]], False)
    assert "LIMIT" in answer["sql"]
    assert answer["answer"] == "n: 4."
    assert "reason" not in answer

    listed = (await office.http.get("/v1/databases", headers=OWNER)).json()["databases"]
    assert [(each["name"], len(each["tables"]) >= 5) for each in listed] == [("till", True)]
    assert (await office.http.delete("/v1/databases/till", headers=OWNER)).json()["removed"] is True
    assert (await office.query("SELECT 1")).status_code == 404


async def test_the_password_is_sealed_and_never_shown(office: Office) -> None:
    if office.shop.family is Family.SQLITE:
        pytest.skip("a file has no password")
    added = await office.add()
    listed = await office.http.get("/v1/databases", headers=OWNER)
    assert PASSWORD not in added.text + listed.text
    assert "@127.0.0.1" in listed.text

    def dump(connection: Any) -> str:
        names = [row[0] for row in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'"))]
        return json.dumps([str(row) for name in names for row in connection.execute(text(f'SELECT * FROM "{name}"'))])

    assert PASSWORD not in await office.journal.read(dump, tenant="shop")


async def test_another_tenant_and_nobody_reach_nothing_of_it(office: Office) -> None:
    await office.add()
    assert (await office.query("SELECT 1", headers=OTHER)).status_code == 404
    assert (await office.http.get("/v1/databases", headers=OTHER)).json() == {"databases": []}
    assert (await office.query("SELECT 1", headers={})).status_code == 401
    if office.shop.family is Family.SQLITE:
        theirs = {"name": "till", "url": "sqlite:///shop.db"}
        assert (await office.http.post("/v1/databases", json=theirs, headers=OTHER)).status_code == 422
        theirs["url"] = "sqlite:///../shop/shop.db"
        assert (await office.http.post("/v1/databases", json=theirs, headers=OTHER)).status_code == 422


async def test_an_allow_list_holds_for_every_statement(office: Office) -> None:
    added = await office.add(tables=["orders", "customers.city"])
    assert sorted(name.rpartition(".")[2] for name in added.json()["tables"]) == ["customers", "orders"]
    assert await office.rows("SELECT count(*) FROM orders") == [[4]]
    for hidden in ("SELECT name FROM customers", "SELECT * FROM staff", "SELECT password_hash FROM customers"):
        assert (await office.query(hidden)).json()["status"] == "refused"
    wrong = await office.add("second", tables=["nothing_of_this_name"])
    assert (wrong.status_code, "nothing_of_this_name" in wrong.text) == (422, True)


async def test_what_writes_is_refused_with_a_reason_and_writes_nothing(office: Office) -> None:
    await office.add()
    for sql in ("DELETE FROM orders", "SELECT 1; DROP TABLE orders", "UPDATE orders SET total = 0"):
        answer = (await office.query(sql)).json()
        assert (answer["status"], answer["sql"], bool(answer["reason"])) == ("refused", "", True)
    assert await office.rows("SELECT count(*), sum(total) FROM orders") == [[4, 555.75]]


async def test_a_wrong_password_is_one_sentence_and_nothing_is_kept(office: Office) -> None:
    if office.shop.family is Family.SQLITE:
        pytest.skip("a file has no password")
    user = "ragleap:secret@" if office.shop.family is Family.POSTGRES else "reader:secret@"
    refused = await office.add(url=office.url.replace(user, "nobody_of_this_name:wrong@"))
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("The database refuses this user or password.")
    assert "wrong@" not in refused.text
    assert (await office.http.get("/v1/databases", headers=OWNER)).json() == {"databases": []}


async def test_a_server_that_is_away_and_an_address_that_is_not_allowed_are_one_sentence_each(office: Office) -> None:
    away = await office.add(url="postgresql://u:p@127.0.0.1:9/x")
    assert (away.status_code, away.json()["detail"].startswith("The database can't be reached.")) == (503, True)
    for url in ("postgresql://u:p@10.0.0.1/x", "mysql://u:p@169.254.169.254/x", "postgresql:///x"):
        inside = await office.add(url=url)
        assert inside.status_code == 422, inside.text
        assert "not public" in inside.text or "names no host" in inside.text


async def test_a_table_that_comes_and_one_that_goes_are_seen_after_a_refresh(office: Office, tmp_path: Path) -> None:
    def change(statement: str) -> None:
        if office.shop.family is not Family.SQLITE:
            office.shop.execute(statement)
            return
        with sqlite3.connect(tmp_path / "files" / "shop" / "shop.db") as connection:
            connection.execute(statement)
        connection.close()

    change("CREATE TABLE returns (id integer)")
    await office.add()
    assert await office.rows("SELECT count(*) FROM returns") == [[0]]
    change("DROP TABLE returns")
    gone = await office.query("SELECT max(id) FROM returns")
    assert (gone.status_code, "no longer there" in gone.text) == (422, True)
    assert await office.rows("SELECT count(*) FROM orders") == [[4]]
    assert (await office.http.post("/v1/databases/till/refresh", headers=OWNER)).status_code == 200
    assert (await office.query("SELECT max(id) FROM returns")).json()["status"] == "refused"


async def test_a_question_that_ends_by_the_clock_leaves_the_pool_healthy(office: Office) -> None:
    await office.add()
    endless = "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n > 0) SELECT count(*) FROM r"
    for _ in range(3):
        stopped = await office.query(endless)
        assert stopped.status_code == 504 or stopped.json()["status"] == "refused", stopped.text
    assert await office.rows("SELECT count(*) FROM orders") == [[4]]


async def test_the_schema_is_read_anew_on_a_schedule_until_the_database_is_forgotten(office: Office) -> None:
    def schedules(connection: Any) -> list[tuple[str, str]]:
        found = connection.execute(text("SELECT name, cron FROM reminders WHERE kind = 'database'"))
        return [(row[0], row[1]) for row in found]

    await office.add()
    ((name, cron),) = await office.journal.read(schedules, tenant="shop")
    assert (name, cron.endswith(" * * * *")) == ("schema/till", True)
    await office.http.delete("/v1/databases/till", headers=OWNER)
    assert await office.journal.read(schedules, tenant="shop") == []


async def test_a_question_in_plain_words_is_answered_with_what_it_was_taken_for(office: Office) -> None:
    await office.add()
    body = {"question": "How many orders came from Chennai?", "as_of": "2026-03-10"}
    asked = await office.http.post("/v1/databases/till/ask", json=body, headers=OWNER)
    told = asked.json()
    assert (asked.status_code, told["status"]) == (200, "answered"), told
    assert len(told["rows"]) == 1
    assert "Chennai" in told["answer"]
    assert "Chennai" in told["sql"]


async def test_what_the_database_cannot_tell_is_declined_and_nothing_runs(office: Office) -> None:
    await office.add()
    body = {"question": "How many unicorns like Chennai?"}
    told = (await office.http.post("/v1/databases/till/ask", json=body, headers=OWNER)).json()
    assert (told["status"], told["sql"], told["rows"]) == ("declined", "", [])
    assert told["reason"]
