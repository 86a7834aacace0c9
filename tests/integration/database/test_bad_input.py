"""What databases do to those who ask: much, nothing, nonsense, no end. One clear sentence, then the next answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from actors.database.answer import Caps
from actors.database.dialects import Family
from actors.database.gate import Checked, check
from actors.database.introspect import MAX_TABLES
from actors.database.reader import Reader
from runtime.errors import DeadlineExceeded
from tests.integration.database.conftest import Shop

_ENDLESS = "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n > 0) SELECT count(*) FROM r"
# Ten million rows out of ten, seven times over.
_MANY = "SELECT a.id FROM {} a, {} b, {} c, {} d, {} e, {} f, {} g"
_MIB = 1024 * 1024


def checked(sql: str, shop: Shop, schema: object = None, rows: int = 1_001) -> Checked:
    verdict = check(sql, shop.family, schema, rows=rows)  # type: ignore[arg-type]
    assert isinstance(verdict, Checked), verdict
    return verdict


def _named(table: str, shop: Shop) -> str:
    """PostgreSQL's search path is the catalog's alone where the product reads."""
    return f"public.{table}" if shop.family is Family.POSTGRES else table


def _running(shop: Shop) -> int:
    """How many statements of ours the server is at."""
    if shop.family is Family.POSTGRES:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND application_name = 'ragleap-reads'"
    else:
        asked = "SELECT count(*) FROM information_schema.processlist WHERE info LIKE 'WITH RECURSIVE%'"
    return int(str(shop.execute(asked)[0][0]))


async def _until(holds: Callable[[], bool], seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(holds):  # noqa: ASYNC110
            await asyncio.sleep(0.02)  # the server tells nobody


async def test_a_question_that_is_given_up_ends_at_the_server(a_shop: Shop) -> None:
    if a_shop.family is Family.SQLITE:
        pytest.skip("a file has no server")
    reader = a_shop.reader(seconds=60.0)
    asked = asyncio.create_task(reader.run(checked(_ENDLESS, a_shop)))
    await _until(lambda: _running(a_shop) == 1, 10)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await _until(lambda: _running(a_shop) == 0, 5)
    assert (await reader.run(checked("SELECT count(*) FROM orders", a_shop, a_shop.schema))).rows == ((4,),)
    await asyncio.to_thread(reader.close)


async def test_a_statement_without_end_takes_five_seconds_and_little_memory(a_shop: Shop) -> None:
    reader, me = a_shop.reader(seconds=4.0), psutil.Process()
    before, began = me.memory_info().rss, time.monotonic()
    with pytest.raises(DeadlineExceeded):
        await reader.run(checked(_ENDLESS, a_shop))
    assert time.monotonic() - began < 5
    assert me.memory_info().rss - before < 256 * _MIB
    await asyncio.to_thread(reader.close)


async def test_ten_million_rows_are_cut_openly_in_time_and_little_memory(a_shop: Shop) -> None:
    a_shop.execute("CREATE TABLE digits (id integer)")
    try:
        a_shop.execute("INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)")
        # The guard on cost is for the next test: here the rows come.
        reader, me = a_shop.reader(cost=1e15, examined=1e15, rows=1_000), psutil.Process()
        before, began = me.memory_info().rss, time.monotonic()
        answer = await reader.run(checked(_MANY.replace("{}", _named("digits", a_shop)), a_shop, rows=10_000_001))
        assert (len(answer.rows), answer.truncated) == (1_000, True)
        assert time.monotonic() - began < 5
        assert me.memory_info().rss - before < 256 * _MIB
        assert (await reader.run(checked(f"SELECT count(*) FROM {_named('digits', a_shop)}", a_shop))).rows == ((10,),)
        await asyncio.to_thread(reader.close)
    finally:
        a_shop.execute("DROP TABLE digits")


async def test_nulls_and_texts_of_every_script_come_as_they_are(a_shop: Shop) -> None:
    a_shop.execute("CREATE TABLE scripts (id integer, said varchar(80))")
    texts = ["சென்னை", "東京 🗼", "naïve\u202e", "'; DROP TABLE orders; --", ""]
    try:
        for number, said in enumerate(texts):
            quoted = said.replace("'", "''")
            a_shop.execute(f"INSERT INTO scripts VALUES ({number}, '{quoted}')")
        a_shop.execute("INSERT INTO scripts VALUES (9, NULL)")
        reader = a_shop.reader()
        answer = await reader.run(checked(f"SELECT said FROM {_named('scripts', a_shop)} ORDER BY id", a_shop))
        assert [row[0] for row in answer.rows] == [*texts, None]
        assert "scripts" in {table.name for table in (await reader.facts()).tables}
        await asyncio.to_thread(reader.close)
    finally:
        a_shop.execute("DROP TABLE scripts")


async def test_bytes_that_are_no_text_come_as_text_or_one_sentence(tmp_path: Path, a_shop: Shop) -> None:
    if a_shop.family is not Family.SQLITE:
        pytest.skip("servers hold texts to their encoding")
    a_shop.execute("CREATE TABLE broken (said text)")
    a_shop.execute("INSERT INTO broken VALUES (CAST(x'ff66fe' AS text))")
    reader = a_shop.reader()
    answer = await reader.run(checked("SELECT said FROM broken", a_shop))
    assert answer.rows == (("\ufffdf\ufffd",),)
    await asyncio.to_thread(reader.close)
    a_shop.execute("DROP TABLE broken")


async def test_of_two_thousand_tables_as_many_are_told_as_may_be_and_the_named_one_is_found(a_shop: Shop) -> None:
    names = [f"many_{number:04}" for number in range(2_000)]
    for at in range(0, 2_000, 50):
        _all(a_shop, [f"CREATE TABLE {name} (id integer)" for name in names[at : at + 50]])
    reader: Reader = a_shop.reader()
    try:
        facts = await reader.facts()
        assert (len(facts.tables), facts.left_out >= 1_500) == (MAX_TABLES, True)
        last = await reader.facts(("many_1999.id",))
        assert [table.name for table in last.tables] == ["many_1999"]
        assert (await reader.run(checked(f"SELECT count(*) FROM {_named('many_1999', a_shop)}", a_shop))).rows == (
            (0,),
        )
    finally:
        await asyncio.to_thread(reader.close)
        for at in range(0, 2_000, 50):
            _all(a_shop, [f"DROP TABLE {name}" for name in names[at : at + 50]])


def _all(shop: Shop, statements: list[str]) -> None:
    if shop.family is Family.POSTGRES:
        shop.execute("; ".join(statements))
        return
    for statement in statements:
        shop.execute(statement)


def test_the_caps_of_the_product_are_those_of_the_promise() -> None:
    assert (Caps().seconds, Caps().rows) == (5.0, 1_000)
