"""What a database tells of itself, on all three families."""

from __future__ import annotations

import asyncio

from actors.database.dialects import Family
from actors.database.facts import DatabaseFacts
from actors.database.gate import Checked, check
from actors.database.privacy import Privacy
from actors.database.reader import Reader
from tests.integration.database.conftest import Shop


async def facts(reader: Reader) -> DatabaseFacts:
    return await reader.facts()


async def test_tables_columns_keys_and_links_are_told(reader: Reader) -> None:
    tables = {table.name: table for table in (await facts(reader)).tables}
    assert set(tables) >= {"customers", "orders", "items", "products", "staff"}
    assert tables["items"].key == ("order_id", "product_id")
    (link,) = tables["orders"].links
    assert (link.columns, link.table, link.keys) == (("customer_id",), "customers", ("id",))
    kinds = {column.name: column.type for column in tables["orders"].columns}
    assert "int" in kinds["id"]
    assert "date" in kinds["ordered_on"]


async def test_few_values_and_ranges_are_told_but_nothing_private(reader: Reader) -> None:
    tables = {table.name: table for table in (await facts(reader)).tables}
    orders = {column.name: column for column in tables["orders"].columns}
    customers = {column.name: column for column in tables["customers"].columns}
    assert orders["status"].values == ("created", "deleted", "updated")
    assert (orders["total"].low, orders["total"].high) == (45.25, 310)
    assert customers["city"].values == ("Chennai", "Madurai")
    assert (customers["email"].privacy, customers["email"].values) == (Privacy.PRIVATE, ())
    assert (customers["password_hash"].privacy, customers["password_hash"].values) == (Privacy.HIDDEN, ())


async def test_what_was_told_is_what_the_gate_lets_read(a_shop: Shop, reader: Reader) -> None:
    schema = (await facts(reader)).schema()
    verdict = check("SELECT * FROM customers ORDER BY id LIMIT 1", a_shop.family, schema)
    assert isinstance(verdict, Checked)
    answer = await reader.run(verdict)
    assert answer.columns == ("id", "name", "email", "city", "joined_on")
    assert str(answer.rows[0][1]) == "Asha"


async def test_an_allow_list_leaves_the_rest_out(reader: Reader) -> None:
    schema = (await facts(reader)).schema(("orders", "customers.city"))
    told = {table.name: table.columns for table in schema.tables}
    assert set(told) == {"orders", "customers"}
    assert told["customers"] == ("city",)


async def test_a_view_that_errors_does_not_keep_the_rest_from_being_told(a_shop: Shop) -> None:
    if a_shop.family is Family.POSTGRES:
        return  # PostgreSQL does not let the table under a view go
    a_shop.execute("CREATE TABLE short_lived (a integer)")
    a_shop.execute("CREATE VIEW broken AS SELECT a FROM short_lived")
    a_shop.execute("DROP TABLE short_lived")
    reader = a_shop.reader()
    try:
        assert "orders" in {table.name for table in (await facts(reader)).tables}
    finally:
        a_shop.execute("DROP VIEW broken")
        await asyncio.to_thread(reader.close)
