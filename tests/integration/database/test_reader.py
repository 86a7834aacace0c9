"""Checked statements on real databases: they answer, they stay small, and nothing is written."""

from __future__ import annotations

import asyncio
import time

import pytest
from sql_shop import COLUMNS, HONEST

from actors.database.answer import Rows
from actors.database.dialects import Family
from actors.database.gate import Checked, check
from actors.database.reader import Reader, TooCostly
from actors.database.refusal import Refusal
from actors.database.row_filter import OwnRows, RowFilters
from runtime.errors import DeadlineExceeded, Invalid, RagleapError, Unavailable
from tests.integration.database.conftest import Shop

_ENDLESS = "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n > 0) SELECT count(*) FROM r"


def checked(sql: str, shop: Shop, **more: object) -> Checked:
    verdict = check(sql, shop.family, shop.schema, **more)  # type: ignore[arg-type]
    assert isinstance(verdict, Checked), f"{verdict} in {sql}"
    return verdict


def as_is(statement: str, family: Family) -> Checked:
    """A statement that the gate has never seen, to try the walls behind it."""
    passed = check("SELECT 1", family, None)
    assert isinstance(passed, Checked)
    return Checked(statement=statement, family=family, tables=(), rows=1, tree=passed.tree)


def state(shop: Shop) -> list[object]:
    return [sorted(map(str, shop.execute(f"SELECT * FROM {table}"))) for table in COLUMNS]


async def test_every_honest_question_is_answered_and_leaves_no_trace(a_shop: Shop, reader: Reader) -> None:
    before = state(a_shop)
    for sql in HONEST[a_shop.family]:
        answer = await reader.run(checked(sql, a_shop))
        assert isinstance(answer, Rows), sql
        assert answer.columns, sql
    assert state(a_shop) == before


async def test_numbers_dates_and_texts_come_as_json_holds_them(a_shop: Shop, reader: Reader) -> None:
    sql = "SELECT id, total, ordered_on, updated_at, status FROM orders WHERE id IN (10, 12) ORDER BY id"
    answer = await reader.run(checked(sql, a_shop))
    assert answer.columns == ("id", "total", "ordered_on", "updated_at", "status")
    first, second = ([str(value).replace("T", " ") for value in row] for row in answer.rows)
    assert first == ["10", "120.5", "2026-03-02", "2026-03-02 10:00:00", "created"]
    assert second == ["12", "45.25", "2026-04-01", "None", "updated"]


async def test_more_rows_than_may_be_given_are_cut_and_it_is_said(a_shop: Shop) -> None:
    reader = a_shop.reader(rows=2)
    cut = await reader.run(checked("SELECT id FROM orders ORDER BY id", a_shop, rows=3))
    whole = await reader.run(checked("SELECT id FROM orders WHERE id < 12 ORDER BY id", a_shop, rows=3))
    assert (cut.rows, cut.truncated, whole.rows, whole.truncated) == (((10,), (11,)), True, ((10,), (11,)), False)
    await asyncio.to_thread(reader.close)


async def test_more_bytes_than_may_be_given_are_cut_and_it_is_said(a_shop: Shop) -> None:
    reader = a_shop.reader(size=40)
    answer = await reader.run(checked("SELECT email FROM customers ORDER BY id", a_shop))
    assert (len(answer.rows), answer.truncated) == (2, True)
    await asyncio.to_thread(reader.close)


async def test_a_statement_that_never_ends_is_stopped_and_the_next_one_is_answered(a_shop: Shop) -> None:
    reader = a_shop.reader(seconds=1.0)
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        await reader.run(as_is(_ENDLESS, a_shop.family))
    assert time.monotonic() - began < 5
    assert (await reader.run(checked("SELECT count(*) FROM orders", a_shop))).rows == ((4,),)
    await asyncio.to_thread(reader.close)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM orders",
        "INSERT INTO staff VALUES (9, 'x', NULL)",
        "UPDATE orders SET total = 0",
        "DROP TABLE items",
        "CREATE TABLE y (a integer)",
    ],
)
async def test_what_the_gate_would_miss_the_session_does_not_write(
    a_shop: Shop, reader: Reader, statement: str
) -> None:
    before = state(a_shop)
    with pytest.raises(RagleapError):
        await reader.run(as_is(statement, a_shop.family))
    assert state(a_shop) == before
    assert (await reader.run(checked("SELECT count(*) FROM orders", a_shop))).rows == ((4,),)


async def test_a_customer_reads_their_own_rows(a_shop: Shop, reader: Reader) -> None:
    customers, orders = (a_shop.schema.find(name)[0] for name in ("customers", "orders"))
    tables = {
        customers: OwnRows(column="email"),
        orders: OwnRows(column="customer_id", of=customers, key="id"),
    }
    own = RowFilters(me="asha@example.com", tables=tables)
    answer = await reader.run(checked("SELECT id FROM orders ORDER BY id", a_shop, own=own))
    assert answer.rows == ((10,), (11,))
    nobody = RowFilters(me="x' OR '1'='1' -- \\' OR 1=1 -- ", tables=tables)
    assert (await reader.run(checked("SELECT id FROM orders", a_shop, own=nobody))).rows == ()


async def test_a_table_that_has_gone_is_one_sentence(a_shop: Shop, reader: Reader) -> None:
    statement = checked("SELECT id FROM items_old", _with_old_table(a_shop))
    with pytest.raises(Invalid, match="no longer there"):
        await reader.run(statement)


async def test_many_questions_at_once_are_all_answered_by_few_connections(a_shop: Shop, reader: Reader) -> None:
    statement = checked("SELECT count(*) FROM orders", a_shop)
    answers = await asyncio.gather(*(reader.run(statement) for _ in range(16)))
    assert {answer.rows for answer in answers} == {((4,),)}


async def test_a_question_that_is_given_up_leaves_its_connection_free(a_shop: Shop) -> None:
    reader = a_shop.reader(seconds=4.0)
    endless = as_is(_ENDLESS, a_shop.family)
    for _ in range(4):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await reader.run(endless)
    began = time.monotonic()
    assert (await reader.run(checked("SELECT count(*) FROM orders", a_shop))).rows == ((4,),)
    assert time.monotonic() - began < 6
    await asyncio.to_thread(reader.close)


async def test_what_the_planner_holds_for_too_much_is_not_run(a_shop: Shop) -> None:
    if a_shop.family is Family.SQLITE:
        pytest.skip("SQLite's planner does not tell: its clock stops it")
    reader = a_shop.reader(cost=100.0, examined=100.0)
    with pytest.raises(TooCostly):
        await reader.run(checked("SELECT count(*) FROM orders a, orders b, orders c, orders d, orders e", a_shop))
    await asyncio.to_thread(reader.close)


async def test_a_wrong_password_and_a_database_that_is_away_are_one_sentence_each(a_shop: Shop) -> None:
    if a_shop.family is Family.SQLITE:
        pytest.skip("a file has neither")
    away = Shop(
        family=a_shop.family,
        url=f"{a_shop.url.partition('://')[0]}://reader:wrong@127.0.0.1:9/nowhere",
        folder=a_shop.folder,
        schema=a_shop.schema,
        execute=a_shop.execute,
    ).reader()
    with pytest.raises(Unavailable):
        await away.run(checked("SELECT 1", a_shop))
    await asyncio.to_thread(away.close)


def _with_old_table(shop: Shop) -> Shop:
    items = shop.schema.find("items")[0]
    old = type(items)(name="items_old", schema=items.schema, columns=("id",))
    tables = type(shop.schema)((*shop.schema.tables, old))
    return Shop(family=shop.family, url=shop.url, folder=shop.folder, schema=tables, execute=shop.execute)


def test_the_gate_refuses_what_the_walls_were_tried_with() -> None:
    assert all(isinstance(check("DELETE FROM orders", family, None), Refusal) for family in Family)
