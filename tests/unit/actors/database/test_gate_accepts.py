"""Honest questions pass the gate, and what is written for them is what was asked."""

from __future__ import annotations

import sqlite3

import pytest
from sql_shop import CREATE, FILL, HONEST, shop

from actors.database.dialects import Family
from actors.database.gate import Checked, check

_ALL = [(family, sql) for family, honest in HONEST.items() for sql in honest]


def accepted(sql: str, family: Family, **more: int) -> str:
    verdict = check(sql, family, shop(family), **more)
    assert isinstance(verdict, Checked), f"{verdict} in {sql}"
    return verdict.statement


@pytest.mark.parametrize(("family", "sql"), _ALL)
def test_an_honest_question_passes_with_a_schema_and_without_one(family: Family, sql: str) -> None:
    assert accepted(sql, family)
    assert isinstance(check(sql, family, None), Checked)


@pytest.mark.parametrize(("family", "sql"), _ALL)
def test_what_was_written_passes_again_and_is_written_the_same(family: Family, sql: str) -> None:
    once = accepted(sql, family)
    assert accepted(once, family) == once


@pytest.mark.parametrize("sql", HONEST[Family.SQLITE])
def test_sqlite_gives_the_same_rows_for_what_was_asked_and_what_was_written(sql: str) -> None:
    with sqlite3.connect(":memory:") as shelf:
        for statement in CREATE + FILL:
            shelf.execute(statement)
        asked, written = shelf.execute(sql.rstrip(";")), shelf.execute(accepted(sql, Family.SQLITE))
        hidden = [n for n, column in enumerate(asked.description) if column[0] == "password_hash"]
        rows = [tuple(value for n, value in enumerate(row) if n not in hidden) for row in asked.fetchall()]
        assert written.fetchall() == rows
    shelf.close()


@pytest.mark.parametrize("family", Family)
def test_a_statement_that_asks_for_more_rows_than_may_be_given_gets_the_most(family: Family) -> None:
    assert accepted("SELECT id FROM orders", family, rows=50).endswith(" LIMIT 50")
    assert accepted("SELECT id FROM orders LIMIT 60", family, rows=50).endswith(" LIMIT 50")
    assert accepted("SELECT id FROM orders LIMIT 7", family, rows=50).endswith(" LIMIT 7")
    assert accepted("SELECT id FROM orders UNION SELECT id FROM products", family, rows=50).endswith(" LIMIT 50")


def test_the_other_ways_to_say_limit_are_one() -> None:
    assert accepted("SELECT id FROM orders FETCH FIRST 3 ROWS ONLY", Family.POSTGRES).endswith(" LIMIT 3")
    assert accepted("SELECT id FROM orders LIMIT ALL", Family.POSTGRES, rows=9).endswith(" LIMIT 9")
    assert accepted("SELECT id FROM orders LIMIT 4, 3", Family.MYSQL).endswith(" LIMIT 3 OFFSET 4")


def test_comments_do_not_reach_the_database() -> None:
    assert "secret" not in accepted("SELECT /* secret */ id FROM orders -- secret", Family.POSTGRES)


def test_the_tables_that_a_statement_reads_are_told() -> None:
    verdict = check("SELECT * FROM orders o JOIN items i ON i.order_id = o.id", Family.SQLITE, shop(Family.SQLITE))
    assert isinstance(verdict, Checked)
    assert [table.name for table in verdict.tables] == ["orders", "items"]
