"""Whatever passes the gate writes nothing, not even where no other wall stands.

The witness is a connection of a user who may write, with nothing read-only about it: tables, settings and files are the
same after every statement that passed; PostgreSQL has given no transaction a number, SQLite has changed no row.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pymysql
import pytest
from hypothesis import HealthCheck, given, settings
from sql_shop import COLUMNS, HONEST
from sql_statements import statements

from actors.database.dialects import Family
from actors.database.gate import Checked, check
from tests.integration.database.conftest import Shop

_TEST_S = 1.0  # a statement that takes longer is given up


class Witness:
    """Runs statements with all rights; ``wrote`` says whether the last one changed anything it can tell at once."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.wrote = False

    def run(self, statement: str) -> None:
        getattr(self, f"_{self.shop.family}")(statement)

    def state(self) -> object:
        """Tables with their contents, settings, and the files in the folder."""
        execute, family = self.shop.execute, self.shop.family
        rows = [sorted(map(str, execute(f"SELECT * FROM {table}"))) for table in COLUMNS]
        assert all(rows), "a witness that sees no rows sees no change"
        if family is Family.SQLITE:
            digest = hashlib.sha256((self.shop.folder / "shop.db").read_bytes()).hexdigest()
            return rows, digest, sorted(path.name for path in self.shop.folder.iterdir())
        files = [Path("/tmp/ragleap-never").exists()]
        if family is Family.POSTGRES:
            kept = execute("SELECT name, setting FROM pg_settings WHERE name NOT LIKE 'transaction%' ORDER BY name")
            known = execute("SELECT relname, relkind FROM pg_class ORDER BY oid")
            locks = execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
            return rows, kept, known, locks, files
        kept = execute("SHOW GLOBAL VARIABLES WHERE Variable_name NOT LIKE 'gtid%'")
        known = execute("SELECT table_schema, table_name FROM information_schema.tables ORDER BY 1, 2")
        return rows, kept, known, files

    def _postgres(self, statement: str) -> None:
        with psycopg.connect(self.shop.url.replace("+psycopg", "")) as connection:
            connection.execute(f"SET statement_timeout = {int(_TEST_S * 1000)}")
            connection.commit()
            with contextlib.suppress(psycopg.Error):
                connection.execute(statement)  # type: ignore[arg-type]
                self.wrote = connection.execute("SELECT pg_current_xact_id_if_assigned()").fetchone() != (None,)
                connection.commit()

    def _mysql(self, statement: str) -> None:
        socket = self.shop.url.partition("unix_socket=")[2]
        name = self.shop.url.partition("localhost/")[2].partition("?")[0]
        connection = pymysql.connect(
            unix_socket=socket, user="reader", password="secret", database=name, autocommit=True
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(f"SET max_statement_time = {_TEST_S}, sql_mode = 'NO_ENGINE_SUBSTITUTION'")
            with contextlib.suppress(pymysql.Error):
                cursor.execute(statement)

    def _sqlite(self, statement: str) -> None:
        with contextlib.closing(sqlite3.connect(self.shop.folder / "shop.db", isolation_level=None)) as connection:
            connection.set_progress_handler(_Steps(2_000), 10_000)
            with contextlib.suppress(sqlite3.Error):
                connection.execute(statement).fetchmany(1_000)
            self.wrote = connection.total_changes > 0


class _Steps:
    """Ends a statement after so many looks at it."""

    def __init__(self, most: int) -> None:
        self._left = most

    def __call__(self) -> bool:
        self._left -= 1
        return self._left < 0


@pytest.fixture
def witness(a_shop: Shop) -> Iterator[Witness]:
    made = Witness(a_shop)
    before = made.state()
    yield made
    assert made.state() == before


def _passed(shop: Shop, sql: str) -> Checked | None:
    verdict = check(sql, shop.family, shop.schema)
    return verdict if isinstance(verdict, Checked) else None


def test_no_honest_statement_writes(witness: Witness) -> None:
    for sql in HONEST[witness.shop.family]:
        checked = _passed(witness.shop, sql)
        assert checked is not None
        witness.run(checked.statement)
        assert not witness.wrote, checked.statement


def test_no_statement_made_by_chance_that_passes_writes(witness: Witness) -> None:
    passed = 0
    family: Family = witness.shop.family

    @settings(max_examples=2_000, deadline=None, suppress_health_check=list(HealthCheck))
    @given(sql=statements(family))
    def search(sql: str) -> None:
        nonlocal passed
        checked = _passed(witness.shop, sql)
        if checked is None:
            return
        passed += 1
        witness.run(checked.statement)
        assert not witness.wrote, checked.statement

    search()
    assert passed > 20  # the search found statements to try


def test_the_witness_sees_a_write(a_shop: Shop) -> None:
    """Else the tests above would say nothing."""
    made: Witness = Witness(a_shop)
    before = made.state()
    try:
        made.run("INSERT INTO staff VALUES (99, 'x', NULL)")
        assert made.wrote or a_shop.family is Family.MYSQL
        assert made.state() != before
    finally:
        a_shop.execute("DELETE FROM staff WHERE id = 99")
