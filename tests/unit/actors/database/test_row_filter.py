"""A customer reads rows about themselves, whatever the statement."""

from __future__ import annotations

import sqlite3

import pytest
from sql_shop import CREATE, FILL, shop

from actors.database.dialects import Family
from actors.database.gate import Checked, check
from actors.database.refusal import Refusal, Rule
from actors.database.row_filter import OwnRows, RowFilters
from actors.database.schema import TableNames


def filters(family: Family, me: str) -> RowFilters:
    customers, orders, items, products = (_table(family, n) for n in ("customers", "orders", "items", "products"))
    return RowFilters(
        me=me,
        tables={
            customers: OwnRows(column="email"),
            orders: OwnRows(column="customer_id", of=customers, key="id"),
            items: OwnRows(column="order_id", of=orders, key="id"),
        },
        open=frozenset((products,)),
    )


def _table(family: Family, name: str) -> TableNames:
    return shop(family).find(name)[0]


def rows(sql: str, me: str = "asha@example.com") -> list[tuple[object, ...]]:
    verdict = check(sql, Family.SQLITE, shop(Family.SQLITE), own=filters(Family.SQLITE, me))
    assert isinstance(verdict, Checked), verdict
    shelf = sqlite3.connect(":memory:")
    for statement in CREATE + FILL:
        shelf.execute(statement)
    found = shelf.execute(verdict.statement).fetchall()
    shelf.close()
    return found


@pytest.mark.parametrize(
    ("sql", "seen"),
    [
        ("SELECT name FROM customers", [("Asha",)]),
        ("SELECT id FROM orders ORDER BY id", [(10,), (11,)]),
        ("SELECT sum(i.quantity) FROM items i", [(4,)]),
        ("SELECT c.name, o.id FROM orders o LEFT JOIN customers c ON 1 = 1 ORDER BY 2", [("Asha", 10), ("Asha", 11)]),
        ("SELECT name FROM customers WHERE email = 'bala@example.com' OR 1 = 1", [("Asha",)]),
        ("SELECT name FROM customers UNION SELECT name FROM customers", [("Asha",)]),
        ("WITH x AS (SELECT * FROM customers) SELECT name FROM x", [("Asha",)]),
        ("SELECT (SELECT count(*) FROM customers)", [(1,)]),
        ("SELECT name FROM products ORDER BY id", [("Lamp",), ("Chair",)]),
        ("SELECT o.id FROM (orders o JOIN customers c ON c.id = o.customer_id) ORDER BY 1", [(10,), (11,)]),
    ],
)
def test_a_person_reads_their_own_rows_and_no_others(sql: str, seen: list[tuple[object, ...]]) -> None:
    assert rows(sql) == seen


def test_a_table_of_which_nobody_said_whose_rows_it_has_is_refused() -> None:
    verdict = check("SELECT name FROM staff", Family.SQLITE, shop(Family.SQLITE), own=filters(Family.SQLITE, "a@b.c"))
    assert isinstance(verdict, Refusal)
    assert (verdict.rule, verdict.column) == (Rule.OWN_ROWS, None)


@pytest.mark.parametrize("me", ["x' OR '1'='1", "x\\' OR 1=1 -- ", 'x" OR "1"="1', "x'; DROP TABLE customers; --"])
@pytest.mark.parametrize("family", Family)
def test_an_identity_is_a_text_and_nothing_more(family: Family, me: str) -> None:
    verdict = check("SELECT name FROM customers", family, shop(family), own=filters(family, me))
    if family is Family.SQLITE:
        assert rows("SELECT name FROM customers", me) == []
    assert isinstance(verdict, Checked)
    assert isinstance(check(verdict.statement, family, shop(family)), Checked)


def test_an_unknown_person_reads_nothing() -> None:
    verdict = check("SELECT 1 FROM customers", Family.SQLITE, shop(Family.SQLITE), own=filters(Family.SQLITE, ""))
    assert isinstance(verdict, Refusal)


def test_mysql_compares_the_bytes_too() -> None:
    own = filters(Family.MYSQL, "jose@example.com")
    verdict = check("SELECT name FROM customers", Family.MYSQL, shop(Family.MYSQL), own=own)
    assert isinstance(verdict, Checked)
    assert "CAST(`email` AS BINARY) = CAST('jose@example.com' AS BINARY)" in verdict.statement
