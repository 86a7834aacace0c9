"""Names mean to the gate what they mean to the database, and only what may be read has a meaning."""

from __future__ import annotations

import pytest

from actors.database.dialects import Family
from actors.database.gate import Checked, check
from actors.database.refusal import Refusal, Rule
from actors.database.schema import Schema, TableNames, schema_of
from runtime.errors import Invalid

SALES = Schema(
    (
        TableNames(name="orders", schema="public", columns=("id", "total")),
        TableNames(name="Clients", schema="public", columns=("id", "Name")),
        TableNames(name="orders", schema="archive", columns=("id", "total")),
        TableNames(name="returns", schema="public", columns=("id", "order_id")),
    )
)


def written(sql: str, family: Family = Family.POSTGRES, schema: Schema = SALES) -> str:
    verdict = check(sql, family, schema)
    assert isinstance(verdict, Checked), verdict
    return verdict.statement.removesuffix(" LIMIT 1000")


def refused(sql: str, family: Family = Family.POSTGRES, schema: Schema = SALES) -> Refusal:
    verdict = check(sql, family, schema)
    assert isinstance(verdict, Refusal), verdict
    return verdict


def test_a_star_becomes_the_columns_that_may_be_read() -> None:
    assert written("SELECT * FROM returns") == (
        'SELECT "returns"."id", "returns"."order_id" FROM "public"."returns" AS "returns"'
    )


def test_each_column_is_written_with_its_table() -> None:
    assert written("SELECT order_id FROM returns r WHERE r.id = 1") == (
        'SELECT "r"."order_id" FROM "public"."returns" AS "r" WHERE "r"."id" = 1'
    )


def test_a_name_in_another_letter_case_is_found_if_only_one_fits() -> None:
    assert written("SELECT c.NAME FROM clients c") == 'SELECT "c"."Name" FROM "public"."Clients" AS "c"'


def test_a_table_of_two_schemas_must_say_which() -> None:
    assert refused("SELECT id FROM orders").rule is Rule.TABLE
    assert '"archive"."orders"' in written("SELECT id FROM archive.orders")


def test_a_cte_hides_the_table_of_its_name() -> None:
    statement = written("WITH returns AS (SELECT 1 AS one) SELECT one FROM returns")
    assert statement == 'WITH "returns" AS (SELECT 1 AS "one") SELECT "returns"."one" FROM "returns" AS "returns"'


def test_a_cte_that_is_not_recursive_may_read_the_table_of_its_name() -> None:
    assert '"public"."returns"' in written("WITH returns AS (SELECT id FROM returns) SELECT id FROM returns")


def test_a_subquery_sees_the_columns_of_the_query_around_it() -> None:
    statement = written("SELECT 1 FROM returns r WHERE EXISTS (SELECT 1 FROM archive.orders WHERE order_id = 3)")
    assert '"r"."order_id" = 3' in statement


def test_a_query_in_from_does_not_see_its_neighbours() -> None:
    verdict = refused("SELECT 1 FROM returns r, (SELECT r.order_id) x")
    assert (verdict.rule, verdict.line, verdict.column) == (Rule.TABLE, 1, 34)


def test_a_column_of_two_tables_must_say_which() -> None:
    assert "say which" in refused("SELECT id FROM returns, archive.orders").sentence


def test_using_makes_one_column_of_two() -> None:
    statement = written("SELECT id, * FROM returns JOIN archive.orders USING (id)")
    assert statement.startswith('SELECT "id", "id", "returns"."order_id", "orders"."total" FROM')


def test_a_result_s_name_in_group_by_is_its_place_unless_a_column_has_it() -> None:
    assert written("SELECT order_id % 2 AS odd, count(*) FROM returns GROUP BY odd").endswith("GROUP BY 1")
    assert written("SELECT id % 2 AS id, count(*) FROM returns GROUP BY id").endswith('GROUP BY "returns"."id"')


def test_mysql_may_use_a_result_s_name_in_having() -> None:
    schema = schema_of({"returns": ["id", "order_id"]})
    statement = written("SELECT count(*) AS n FROM returns HAVING n > 2", Family.MYSQL, schema)
    assert statement.endswith("HAVING (count(*)) > 2".replace("count", "COUNT"))


def test_sqlite_reads_a_double_quoted_word_that_is_no_column_as_a_text() -> None:
    schema = schema_of({"returns": ["id", "order_id"]})
    assert "= 'late'" in written('SELECT id FROM returns WHERE order_id = "late"', Family.SQLITE, schema)


def test_a_refusal_tells_what_there_is() -> None:
    assert "returns has id, order_id" in refused("SELECT reason FROM returns").sentence
    assert "Clients, orders" in refused("SELECT 1 FROM customers").sentence


@pytest.mark.parametrize("told", [[], {"orders": "id"}, {"orders": [1]}, "x"])
def test_a_schema_that_is_none_is_refused(told: object) -> None:
    with pytest.raises(Invalid):
        schema_of(told)
