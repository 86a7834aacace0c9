"""A small shop's database and what people ask of it: honest questions and hostile ones, in three dialects of SQL."""

from __future__ import annotations

from actors.database.dialects import Family
from actors.database.schema import Schema, TableNames

COLUMNS = {
    "customers": ("id", "name", "email", "city", "joined_on"),  # and password_hash, which is hidden
    "orders": ("id", "customer_id", "status", "total", "ordered_on", "updated_at"),
    "items": ("order_id", "product_id", "quantity"),
    "products": ("id", "name", "price", "tags"),  # tags: JSON
    "staff": ("id", "name", "boss_id"),
}
_SCHEMA_NAME = {Family.POSTGRES: "public", Family.SQLITE: "main", Family.MYSQL: ""}

CREATE = (
    "CREATE TABLE customers (id integer PRIMARY KEY, name varchar(80), email varchar(80), city varchar(40),"
    " joined_on date, password_hash varchar(80))",
    "CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer REFERENCES customers (id), status varchar(20),"
    " total numeric(10, 2), ordered_on date, updated_at timestamp NULL)",
    "CREATE TABLE items (order_id integer REFERENCES orders (id), product_id integer, quantity integer,"
    " PRIMARY KEY (order_id, product_id))",
    "CREATE TABLE products (id integer PRIMARY KEY, name varchar(80), price numeric(10, 2), tags json)",
    "CREATE TABLE staff (id integer PRIMARY KEY, name varchar(80), boss_id integer)",
)
FILL = (
    "INSERT INTO customers VALUES (1, 'Asha', 'asha@example.com', 'Chennai', '2025-01-05', 'h1'),"
    " (2, 'Bala', 'bala@example.com', 'Madurai', '2025-02-11', 'h2'),"
    " (3, 'Chitra', 'chitra@example.com', 'Chennai', '2025-03-19', 'h3')",
    "INSERT INTO orders VALUES (10, 1, 'created', 120.50, '2026-03-02', '2026-03-02 10:00:00'),"
    " (11, 1, 'deleted', 80.00, '2026-03-09', '2026-03-10 09:30:00'),"
    " (12, 2, 'updated', 45.25, '2026-04-01', NULL), (13, 3, 'created', 310.00, '2026-04-03', '2026-04-03 18:45:00')",
    'INSERT INTO products VALUES (1, \'Lamp\', 40.00, \'{"kind": "light", "sizes": [1, 2]}\'),'
    ' (2, \'Chair\', 80.50, \'{"kind": "seat", "sizes": []}\')',
    "INSERT INTO items VALUES (10, 1, 1), (10, 2, 1), (11, 1, 2), (12, 2, 1), (13, 1, 3)",
    "INSERT INTO staff VALUES (1, 'Devi', NULL), (2, 'Esa', 1), (3, 'Fathima', 2)",
)


def shop(family: Family, schema: str | None = None) -> Schema:
    """What may be read of it."""
    name = _SCHEMA_NAME[family] if schema is None else schema
    return Schema(tuple(TableNames(name=table, schema=name, columns=columns) for table, columns in COLUMNS.items()))


_EVERYWHERE = (
    "SELECT count(*) FROM orders",
    "SELECT * FROM orders WHERE status IN ('created', 'updated', 'deleted') ORDER BY updated_at DESC LIMIT 10",
    "SELECT o.*, c.name FROM orders o JOIN customers c ON c.id = o.customer_id WHERE c.city = 'Chennai'",
    "SELECT c.city AS town, count(*) AS n, sum(o.total) AS revenue FROM customers AS c LEFT JOIN orders AS o"
    " ON o.customer_id = c.id GROUP BY town HAVING count(*) > 0 ORDER BY revenue DESC, town",
    "SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id AND total > 100)",
    "SELECT name FROM customers WHERE id NOT IN (SELECT customer_id FROM orders WHERE customer_id IS NOT NULL)",
    "SELECT status, CASE WHEN total >= 100 THEN 'large' WHEN total >= 50 THEN 'middle' ELSE 'small' END AS size,"
    " count(*) FROM orders GROUP BY status, size ORDER BY 1, 2",
    "SELECT id, total, rank() OVER (PARTITION BY status ORDER BY total DESC) AS place,"
    " sum(total) OVER (ORDER BY ordered_on ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS running,"
    " lag(total, 1) OVER (ORDER BY id) AS earlier FROM orders",
    "WITH big AS (SELECT customer_id, sum(total) AS spent FROM orders GROUP BY customer_id),"
    " named AS (SELECT c.name, b.spent FROM big b JOIN customers c ON c.id = b.customer_id)"
    " SELECT name, spent FROM named WHERE spent > 50 ORDER BY spent DESC",
    "SELECT name FROM customers UNION SELECT name FROM products ORDER BY name",
    "SELECT name FROM customers UNION ALL SELECT name FROM staff LIMIT 3",
    "WITH RECURSIVE chain (id, name, depth) AS (SELECT id, name, 0 FROM staff WHERE boss_id IS NULL UNION ALL"
    " SELECT s.id, s.name, chain.depth + 1 FROM staff s JOIN chain ON s.boss_id = chain.id WHERE chain.depth < 10)"
    " SELECT name, depth FROM chain ORDER BY depth",
    "WITH RECURSIVE days AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM days WHERE n < 7) SELECT n FROM days",
    "SELECT a.name, b.name AS boss FROM staff a LEFT JOIN staff b ON a.boss_id = b.id",
    "SELECT avg(x.n) FROM (SELECT count(*) AS n FROM orders GROUP BY customer_id) AS x",
    "SELECT p.name, sum(i.quantity) AS sold FROM products p, items i WHERE p.id = i.product_id GROUP BY p.name"
    " ORDER BY sold DESC LIMIT 5 OFFSET 0",
    "SELECT upper(name), lower(city), length(name), substr(name, 1, 2), trim(name), replace(name, 'a', 'b'),"
    " coalesce(city, 'unknown'), nullif(city, ''), round(total / 3, 1), abs(-total)"
    " FROM customers JOIN orders ON orders.customer_id = customers.id",
    "SELECT count(DISTINCT city) FROM customers WHERE name LIKE 'A%' OR email LIKE '%@example.com'",
    "SELECT 'DROP TABLE orders; --' AS text, 'it''s' AS quoted, -1.5e2 AS number",
    "SELECT status FROM orders GROUP BY status ORDER BY count(*) DESC, status",
    "SELECT (SELECT max(total) FROM orders) - (SELECT min(total) FROM orders) AS spread",
    "SELECT DISTINCT status FROM orders WHERE total BETWEEN 10 AND 200 AND NOT (status = 'deleted')",
    "SELECT o.id FROM orders o INNER JOIN items i ON i.order_id = o.id INNER JOIN products p ON p.id = i.product_id"
    " GROUP BY o.id HAVING sum(i.quantity * p.price) > 100",
    "SELECT ntile(2) OVER w AS half, first_value(total) OVER w AS most FROM orders WINDOW w AS (ORDER BY total DESC)",
    "SELECT /* the newest */ id -- of all\nFROM orders ORDER BY ordered_on DESC LIMIT 1;",
)

_POSTGRES = (
    "SELECT date_trunc('month', ordered_on) AS month, sum(total) FROM orders GROUP BY 1 ORDER BY 1",
    "SELECT count(*) FROM orders WHERE ordered_on >= date '2026-04-05' - interval '7 days'",
    "SELECT extract(dow FROM ordered_on) AS day, to_char(ordered_on, 'FMMonth YYYY') FROM orders",
    "SELECT age(now(), joined_on), joined_on::text, (total * 1.18)::numeric(12, 2) FROM customers, orders",
    "SELECT string_agg(name, ', ' ORDER BY name) FILTER (WHERE city = 'Chennai') FROM customers",
    "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY total) FROM orders",
    "SELECT DISTINCT ON (customer_id) * FROM orders ORDER BY customer_id, ordered_on DESC NULLS LAST",
    "SELECT d::date, count(o.id) FROM generate_series(date '2026-03-01', date '2026-03-31', interval '1 day') AS d"
    " LEFT JOIN orders o ON o.ordered_on = d::date GROUP BY d ORDER BY d",
    "SELECT tags ->> 'kind' AS kind, tags -> 'sizes' -> 0 FROM products WHERE tags ->> 'kind' = 'light'",
    "SELECT p.name, s.value FROM products p, json_array_elements_text(p.tags -> 'sizes') s",
    "SELECT name FROM customers WHERE email ILIKE '%EXAMPLE%' AND name ~* '^a' AND city = ANY (ARRAY['Chennai'])",
    "SELECT split_part(email, '@', 2) AS domain, count(*) FROM customers GROUP BY domain",
    "SELECT concat_ws(', ', name, city), left(name, 1) || '.', lpad(id::text, 6, '0'), initcap(name) FROM customers",
    "SELECT name FROM customers FETCH FIRST 2 ROWS ONLY",
    "SELECT city, grouping(city), count(*) FROM customers GROUP BY ROLLUP (city)",
    "SELECT c.name, latest.total FROM customers c CROSS JOIN LATERAL (SELECT total FROM orders o"
    " WHERE o.customer_id = c.id ORDER BY ordered_on DESC LIMIT 1) latest",
    "SELECT updated_at AT TIME ZONE 'UTC', make_interval(days => 3), pg_catalog.lower(name) FROM orders, customers",
    "SELECT v.label, count(*) FROM (VALUES ('low', 0, 100), ('high', 100, 1000)) AS v (label, low, high)"
    " JOIN orders o ON o.total >= v.low AND o.total < v.high GROUP BY v.label",
    'SELECT "name" AS "Customer Name" FROM "customers" ORDER BY "Customer Name"',
    "SELECT trim(both ' ' from name), substring(name from 1 for 3), position('a' in name), name SIMILAR TO 'A%',"
    " overlay(name placing 'x' from 1 for 1), cast(total as integer), total::int % 7 FROM customers, orders",
    "SELECT array_agg(id ORDER BY id) AS ids, (array_agg(id))[1], bool_or(total > 100) FROM orders",
    "SELECT a.id FROM orders a JOIN items b ON (a.id, a.id) = (b.order_id, b.order_id)",
    "SELECT * FROM orders FULL OUTER JOIN items ON items.order_id = orders.id",
    "SELECT count FROM (SELECT count(*) FROM orders) AS c",
    "SELECT current_date - ordered_on AS days, current_user FROM orders WHERE ordered_on IS DISTINCT FROM NULL",
    "SELECT regexp_replace(name, '[aeiou]', '*', 'g'), $$it's$$ FROM customers",
)

_MYSQL = (
    "SELECT date_format(ordered_on, '%Y-%m') AS month, sum(total) AS revenue FROM orders GROUP BY month"
    " HAVING revenue > 10 ORDER BY month",
    "SELECT count(*) FROM orders WHERE ordered_on >= date_sub('2026-04-05', INTERVAL 7 DAY)",
    "SELECT timestampdiff(DAY, ordered_on, '2026-05-01'), datediff(now(), ordered_on), year(ordered_on) FROM orders",
    "SELECT group_concat(DISTINCT city ORDER BY city SEPARATOR '; ') FROM customers",
    "SELECT if(total > 100, 'large', 'small') AS size, ifnull(updated_at, now()) FROM orders",
    "SELECT json_unquote(json_extract(tags, '$.kind')), tags ->> '$.kind', tags -> '$.sizes[0]' FROM products",
    "SELECT concat(name, ' (', city, ')'), left(name, 2), lpad(total, 9, '0'), cast(total AS SIGNED)"
    " FROM customers, orders",
    "SELECT `name` AS `Customer Name` FROM `customers` WHERE name REGEXP '^A' OR name RLIKE 'a$'",
    "SELECT status, sum(total) FROM orders GROUP BY status WITH ROLLUP",
    'SELECT name FROM customers WHERE city = "Chennai" AND name <> "O\'Neil"',
    "SELECT id DIV 2, id MOD 2, total <=> NULL FROM orders",
    "SELECT id FROM orders ORDER BY ordered_on LIMIT 1, 2",
    "SELECT ordered_on + INTERVAL 1 MONTH, dayofweek(ordered_on), last_day(ordered_on) FROM orders # newest",
    "SELECT 'back\\\\slash', 'quo\\'te', convert(total, CHAR), convert(name USING utf8mb4) FROM orders, customers",
    "SELECT count(DISTINCT customer_id, status) FROM orders",
)

_SQLITE = (
    "SELECT strftime('%Y-%m', ordered_on) AS month, sum(total) AS revenue FROM orders GROUP BY month"
    " HAVING revenue > 10 ORDER BY revenue + 1 DESC",
    "SELECT count(*) FROM orders WHERE ordered_on >= date('2026-04-05', '-7 days')",
    "SELECT julianday('2026-05-01') - julianday(ordered_on) AS days FROM orders WHERE days > 3",
    "SELECT group_concat(name, ', ') FROM customers",
    "SELECT iif(total > 100, 'large', 'small'), ifnull(updated_at, 'never'), printf('%.2f', total) FROM orders",
    "SELECT json_extract(tags, '$.kind'), tags ->> '$.kind' FROM products",
    "SELECT p.name, s.value FROM products p, json_each(p.tags, '$.sizes') AS s",
    'SELECT name FROM customers WHERE city = "Chennai"',
    "SELECT [name], `city` FROM customers WHERE name GLOB 'A*' COLLATE NOCASE",
    "SELECT name || ' of ' || city, instr(email, '@'), typeof(total), CAST(total AS INTEGER) FROM customers, orders",
    "SELECT total(total), max(total, 100) FROM orders GROUP BY status",
    "SELECT sum(total) FILTER (WHERE status = 'created') FROM orders",
    "SELECT id FROM orders ORDER BY total DESC NULLS LAST LIMIT 2 OFFSET 1",
    "SELECT n FROM (SELECT count(*) AS n FROM orders)",
)

HONEST: dict[Family, tuple[str, ...]] = {
    Family.POSTGRES: _EVERYWHERE + _POSTGRES,
    Family.MYSQL: _EVERYWHERE + _MYSQL,
    Family.SQLITE: _EVERYWHERE + _SQLITE,
}
