"""Statements that write, lock, escape, read what is hidden, or take too much: each is refused, and by which rule."""

from __future__ import annotations

import pytest
from sql_shop import shop

from actors.database.dialects import Family
from actors.database.gate import MAX_ROWS, check
from actors.database.refusal import Refusal, Rule

HOSTILE: dict[Family, str] = {
    Family.POSTGRES: r"""
        SELECT password_hash FROM customers
        SELECT c.password_hash FROM customers c
        SELECT c FROM customers c
        SELECT (c).password_hash FROM customers c
        SELECT c.* FROM customers c ORDER BY password_hash
        SELECT to_json(c) FROM customers c
        SELECT json_agg(customers) FROM customers
        SELECT c::text FROM customers c
        SELECT count(*) FROM customers GROUP BY password_hash
        SELECT x.a6 FROM customers AS x(a1,a2,a3,a4,a5,a6)
        SELECT * FROM customers JOIN (SELECT 'h1' AS password_hash) x USING (password_hash)
        SELECT * FROM customers NATURAL JOIN (SELECT 'h1' AS password_hash) x
        SELECT password_hash FROM customers, (SELECT 1 AS one) x
        SELECT password_hash FROM customers, json_each('{}') x
        WITH customers AS (SELECT 1 AS id) SELECT id, password_hash FROM customers
        WITH c AS (SELECT * FROM customers) SELECT password_hash FROM c
        SELECT (SELECT password_hash FROM customers LIMIT 1)
        SELECT id FROM orders WHERE (SELECT length(password_hash) FROM customers LIMIT 1) > 1
        SELECT max(password_hash) OVER () FROM customers
        SELECT 1 FROM customers HAVING max(password_hash) > 'a'
        SELECT row_number() OVER (ORDER BY password_hash) FROM customers
        SELECT row_number() OVER w FROM customers WINDOW w AS (ORDER BY password_hash)
        SELECT string_agg(name, ',' ORDER BY password_hash) FROM customers
        SELECT count(*) FILTER (WHERE password_hash = 'x') FROM customers
        SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY password_hash) FROM customers
        SELECT DISTINCT ON (password_hash) id FROM customers
        SELECT id FROM customers ORDER BY (CASE WHEN password_hash > 'h' THEN 1 END)
        SELECT ARRAY(SELECT password_hash FROM customers)
        SELECT id FROM customers WHERE id = ANY (SELECT length(password_hash) FROM customers)
        SELECT x.* FROM customers c, LATERAL (SELECT c.password_hash) x
        SELECT x.* FROM customers c, LATERAL (SELECT c.*) x, LATERAL (SELECT c) y
        SELECT * FROM (VALUES ((SELECT password_hash FROM customers LIMIT 1))) v
        SELECT * FROM generate_series(1, (SELECT length(password_hash) FROM customers LIMIT 1))
        SELECT * FROM unnest(ARRAY(SELECT password_hash FROM customers)) u
        SELECT id FROM customers LIMIT (SELECT length(password_hash) FROM customers LIMIT 1)
        SELECT id FROM customers GROUP BY GROUPING SETS ((id, password_hash))
        SELECT id FROM customers GROUP BY id, ROLLUP (password_hash)
        (SELECT id FROM customers) ORDER BY password_hash
        SELECT id FROM customers UNION SELECT 1 ORDER BY password_hash
        SELECT ctid, xmin, tableoid FROM customers
        SELECT tableoid::regclass FROM customers
        SELECT 'pg_authid'::regclass
        SELECT CAST('x' AS xml)
        SELECT CAST('x' AS mytype)
        SELECT lower(secret_schema.f(1))
        SELECT "pg_sleep"(1)
        SELECT pg_catalog."pg_sleep"(1)
        SELECT public.lower('A')
        SELECT * FROM pg_catalog.pg_class
        SELECT * FROM "pg_class"
        SELECT * FROM information_schema."tables"
        SELECT * FROM other.public.orders
        SELECT * FROM dblink('x', 'y') AS t(a int)
        SELECT * FROM orders FOR UPDATE
        SELECT * FROM orders FOR NO KEY UPDATE SKIP LOCKED
        WITH x AS (DELETE FROM orders RETURNING *) SELECT * FROM x
        WITH x AS (INSERT INTO orders VALUES (1) RETURNING *) SELECT * FROM x
        WITH x AS (UPDATE orders SET id=1 RETURNING *) SELECT * FROM x
        WITH x AS (MERGE INTO orders USING items ON true WHEN MATCHED THEN DELETE RETURNING *) SELECT 1
        SELECT * INTO x FROM orders
        WITH a AS (SELECT 1 AS n INTO y) SELECT * FROM a
        SELECT * FROM (SELECT 1 AS n INTO y) z
        SELECT repeat('x', 1000000000)
        SELECT repeat(repeat(repeat('x', 1000), 1000), 1000)
        WITH a AS (SELECT repeat('x', 1000) AS s), b AS (SELECT repeat(s, 1000) AS s FROM a) SELECT s FROM b
        SELECT repeat('x', id * 1000000) FROM orders
        SELECT lpad('x', 100000000)
        SELECT format('%1000000000s', 'x')
        SELECT format(name, 1) FROM customers
        SELECT * FROM generate_series(1, 1000000000)
        SELECT * FROM generate_series(1, 10, 0)
        SELECT count(*) FROM generate_series(-1000000000::bigint, 1)
        WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT 1 FROM r) SELECT * FROM r
        WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n FROM r WHERE true) SELECT * FROM r
        WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n FROM r WHERE 1 = 1) SELECT * FROM r
        WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n FROM (SELECT n FROM r) q) SELECT * FROM r
        WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT r.n FROM orders, r) SELECT * FROM r
        WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n FROM (r CROSS JOIN orders)) SELECT n FROM r
        SELECT * FROM orders LIMIT 1 + 1
        SELECT * FROM orders LIMIT '5'
        SELECT * FROM orders FETCH FIRST 5 ROWS WITH TIES
        SELECT * FROM orders TABLESAMPLE SYSTEM (10)
        SELECT $1
        SELECT :me
        SELECT ?
        SELECT %s
        SELECT @x
        SELECT 1; SELECT 2
        SELECT 1;;
        ;
        SELECT
        TABLE orders
        VALUES (1)
        EXPLAIN SELECT 1
        SHOW all
        COPY orders TO STDOUT
        LISTEN x
        DO $$ begin end $$
        SELECT current_setting('x')
        SELECT set_config('a','b',false)
        SELECT lo_get(1)
        SELECT query_to_xml('select 1', true, true, '')
        SELECT nextval('s'), currval('s')
        SELECT pg_advisory_lock(1)
        SELECT txid_current()
        SELECT version()
        SELECT inet_server_addr()
        SELECT * FROM xmltable('/a' passing '<a/>' columns x text)
        SELECT xmlelement(name foo)
        SELECT * FROM json_table('[]', '$' columns (x int path '$'))
        SELECT * FROM ROWS FROM (generate_series(1,2), pg_ls_dir('/')) x
        SELECT 1 OPERATOR(public.+) 2
        SELECT (ARRAY[1])[pg_sleep(1)]
        SELECT CASE WHEN true THEN pg_sleep(1) END
        SELECT 1 ORDER BY pg_sleep(1)
        SELECT sum(1) OVER (PARTITION BY pg_sleep(1))
        SELECT interval '1' * pg_sleep(1)
        SELECT name COLLATE "x"; drop table a; --" FROM customers
        SELECT U&'\0061'
        SELECT E'\''
        SELECT GROUPING(pg_sleep(1))
        SELECT e.* FROM customers e WHERE e.* IS NOT NULL
        SELECT count(c.*) FROM customers c
        SELECT COUNT(c) FROM customers c
        SELECT lower(c) FROM customers c
        SELECT c.lower FROM customers c
        SELECT orders.id FROM customers
        SELECT * FROM ONLY orders
        SELECT nope(1)
        SELECT make_interval(days := (SELECT 1))
        SELECT id FROM orders o, orders o
        SELECT CURRENT_CATALOG, SESSION_USER
        SELECT CURRENT_SCHEMA
    """,
    Family.MYSQL: r"""
        SELECT password_hash FROM customers
        SELECT load_file('/etc/passwd')
        SELECT sleep(5)
        SELECT `sleep`(5)
        SELECT benchmark(1000000000, md5('a'))
        SELECT 1 /*! , sleep(5) */
        SELECT 1 /*!50000 , sleep(5) */
        SELECT 1 /*M!100000 , sleep(5) */
        SELECT /*+ SET_VAR(sql_mode='') */ 1
        SELECT @@version, @a
        SELECT @a := 1
        SELECT 1 INTO @a
        SELECT * FROM orders INTO OUTFILE '/tmp/x'
        SELECT * FROM mysql.user
        SELECT * FROM information_schema.tables
        SELECT * FROM sys.session
        SELECT * FROM orders LOCK IN SHARE MODE
        SELECT * FROM orders FOR UPDATE
        SELECT SQL_CALC_FOUND_ROWS * FROM orders
        SELECT HIGH_PRIORITY * FROM orders
        SELECT SQL_NO_CACHE * FROM orders
        SELECT * FROM orders PROCEDURE ANALYSE()
        SELECT * FROM orders PARTITION (p0)
        SELECT NEXT VALUE FOR s
        SELECT nextval(s), lastval(s)
        SELECT last_insert_id(5)
        SELECT get_lock('a', 1), release_lock('a'), is_free_lock('a')
        SELECT uuid(), uuid_short()
        SELECT user(), database(), version(), connection_id()
        SELECT extractvalue('<a/>', concat(0x7e, version()))
        SELECT updatexml('a','b','c')
        SELECT name_const('a', 1)
        SELECT 'a' 'b' ; DELETE FROM orders
        SELECT 5--1
        SELECT _binary'abc'
        SELECT values(id) FROM orders
        SELECT match(name) against ('x') FROM password_hash
        HANDLER orders OPEN
        SELECT * FROM json_table('[]', '$[*]' columns (x int path '$')) t
        SELECT space(1000000000), repeat('a', 99999999)
        SELECT convert(name USING `x'; drop`) FROM customers
        SELECT cast(name AS char(1000000) character set utf8mb4) FROM customers, mysql.user
        WITH RECURSIVE r AS (SELECT 1 n UNION ALL SELECT n+1 FROM r) SELECT * FROM r
        SELECT timestampdiff(sleep(1), 1, 2)
        SELECT c.customers.password_hash FROM customers c
        SELECT shop.customers.password_hash FROM customers
        SELECT group_concat(name ORDER BY password_hash SEPARATOR ',') FROM customers
        SELECT group_concat(name SEPARATOR ',' LIMIT 1) FROM customers
        SELECT 1 FROM DUAL WHERE sleep(1)
        SELECT id FROM orders LIMIT 18446744073709551615
        SELECT * FROM orders AS OF TIMESTAMP '2020-01-01'
        SELECT * FROM orders FOR SYSTEM_TIME ALL
    """,
    Family.SQLITE: r"""
        SELECT password_hash FROM customers
        SELECT "password_hash" FROM customers
        SELECT rowid, _rowid_, oid FROM customers
        SELECT * FROM sqlite_master
        SELECT * FROM sqlite_schema
        SELECT * FROM main.sqlite_master
        SELECT * FROM temp.x
        SELECT * FROM pragma_table_info('customers')
        SELECT * FROM pragma_table_info
        SELECT load_extension('x')
        SELECT readfile('/etc/passwd')
        SELECT writefile('a', 'b')
        SELECT edit('x')
        SELECT randomblob(1000000000), zeroblob(1000000000)
        SELECT printf('%1000000000d', 1)
        SELECT printf('%*d', 1000000000, 1)
        SELECT format(name, 1) FROM customers
        SELECT fts3_tokenizer('x', x'00')
        SELECT sqlite_version(), sqlite_source_id(), changes(), last_insert_rowid()
        ATTACH 'x' AS y
        PRAGMA table_info(customers)
        SELECT * FROM dbstat
        WITH r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT * FROM r
        SELECT * FROM customers INDEXED BY i
        SELECT * FROM generate_series(1, 1000000000)
        SELECT name FROM customers WHERE name MATCH readfile('x')
        SELECT * FROM json_each('[]') AS j, customers WHERE j.password_hash = 1
        SELECT * FROM orders WHERE id = ?1
        SELECT * FROM orders WHERE id = :x
        SELECT 1 AS [a"b], x'zz'
        SELECT RAISE(ABORT, 'x')
        SELECT * FROM customers, (SELECT password_hash)
        SELECT * FROM (SELECT 1 AS one), customers ORDER BY password_hash
    """,
}
_ALL = [(family, sql.strip()) for family, block in HOSTILE.items() for sql in block.strip().splitlines()]


@pytest.mark.parametrize(("family", "sql"), _ALL)
def test_a_hostile_statement_is_refused_with_a_reason(family: Family, sql: str) -> None:
    verdict = check(sql, family, shop(family))
    assert isinstance(verdict, Refusal), verdict
    assert len(verdict.sentence) > 10
    assert "\n" not in verdict.sentence


@pytest.mark.parametrize(
    ("sql", "rule", "line", "column"),
    [
        ("DELETE FROM orders", Rule.READ_ONLY, 1, 1),
        ("SELECT id\nFROM orders;\nDELETE FROM orders", Rule.ONE_STATEMENT, 2, 12),
        ("SELECT id,\n  pg_sleep(5) FROM orders", Rule.FUNCTION, 2, 3),
        ("SELECT id FROM pg_authid", Rule.CATALOG, 1, 16),
        ("SELECT id FROM wages", Rule.TABLE, 1, 16),
        ("SELECT id,\n salary FROM staff", Rule.COLUMN, 2, 2),
        ("SELECT * FROM orders FOR UPDATE", Rule.READ_ONLY, None, None),
        ("SELECT * INTO backup FROM orders", Rule.READ_ONLY, 1, 15),
        ("SELECT id FROM orders LIMIT :n", Rule.FORM, None, None),
        ("SELECT 'a FROM orders", Rule.SYNTAX, 1, 8),
        ("SELECT U&'\\0061'", Rule.TEXT, 1, 8),
        ("SELECT /*+ SeqScan(a) */ 1", Rule.COMMENT, 1, 8),
        ("SELECT 'x'::regclass", Rule.TYPE, None, None),
        ("WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT 1 FROM r) SELECT * FROM r", Rule.RECURSION, 1, 48),
        ("SELECT repeat('x', 999999999)", Rule.SIZE, 1, 8),
    ],
)
def test_a_refusal_names_its_rule_and_its_place(sql: str, rule: Rule, line: int | None, column: int | None) -> None:
    verdict = check(sql, Family.POSTGRES, shop(Family.POSTGRES))
    assert isinstance(verdict, Refusal)
    assert (verdict.rule, verdict.line, verdict.column) == (rule, line, column)


def test_a_refused_table_is_not_told_apart_from_one_that_is_not_there() -> None:
    said = [
        check(f"SELECT 1 FROM {name}", Family.POSTGRES, shop(Family.POSTGRES)).sentence.replace(name, "…")  # type: ignore[union-attr]
        for name in ("wages", "payroll")
    ]
    assert said[0] == said[1]


@pytest.mark.parametrize("family", Family)
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT " + "(" * 3_000 + "1" + ")" * 3_000,
        "SELECT " + "(" * 39 + "1" + ")" * 39 + " + x" * 4_000,
        "SELECT " + "-" * 1 + " -".join(["1"] * 3_000),
        "SELECT " + "NOT " * 3_000 + "1",
        "SELECT " + "CASE WHEN 1 THEN " * 800 + "1" + " END" * 800,
        "SELECT 1" + " UNION SELECT 1" * 900,
        "SELECT 1" + " " * 20_000,
        "SELECT * FROM " + ", ".join(f"orders o{n}" for n in range(60)),
    ],
)
def test_a_statement_that_is_too_much_for_a_reader_ends_in_a_verdict_all_the_same(family: Family, sql: str) -> None:
    verdict = check(sql, family, shop(family))
    assert isinstance(verdict, Refusal) or verdict.rows == MAX_ROWS


@pytest.mark.parametrize("sql", ["SELECT * FROM pg_class", "SELECT * FROM information_schema.columns"])
def test_catalogs_are_refused_where_there_is_no_schema_too(sql: str) -> None:
    verdict = check(sql, Family.POSTGRES, None)
    assert isinstance(verdict, Refusal)
    assert verdict.rule is Rule.CATALOG
