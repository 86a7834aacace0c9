"""What a few words could make large is refused; what people write for a report is not."""

from __future__ import annotations

import pytest
from sql_shop import shop

from actors.database.dialects import Family
from actors.database.gate import Checked, check
from actors.database.refusal import Refusal, Rule


def verdict(sql: str) -> Checked | Refusal:
    return check(sql, Family.POSTGRES, shop(Family.POSTGRES))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT repeat('#', 20), lpad(name, 30), rpad(name, 30) FROM customers",
        "SELECT n FROM generate_series(1, 1000) AS n",
        "SELECT n FROM generate_series(10, -10, -2) AS n",
        "SELECT format('%-10s|%s', name, city) FROM customers",
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n * 2 FROM r WHERE n < 100) SELECT n FROM r",
        "WITH RECURSIVE up AS (SELECT id, boss_id FROM staff WHERE id = 3 UNION SELECT s.id, s.boss_id FROM staff s"
        " JOIN up ON s.id = up.boss_id) SELECT count(*) FROM up",
    ],
)
def test_what_a_report_needs_passes(sql: str) -> None:
    assert isinstance(verdict(sql), Checked), verdict(sql)


@pytest.mark.parametrize(
    ("sql", "rule"),
    [
        ("SELECT lpad(lpad(lpad('x', 999), 999), 999)", Rule.SIZE),
        ("WITH a AS (SELECT repeat('x', 999) AS s) SELECT repeat(s, 999) FROM a", Rule.SIZE),
        ("SELECT repeat('x', id) FROM orders", Rule.SIZE),
        ("SELECT n FROM generate_series(1, 10000000) AS n", Rule.SIZE),
        ("SELECT n FROM generate_series(1, 5, 0.00000001) AS n", Rule.SIZE),
        ("SELECT format('%*s', 999999, 'x')", Rule.SIZE),
        ("SELECT 1 FROM " + ", ".join(f"orders o{number}" for number in range(20)), Rule.SIZE),
        ("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r LIMIT 9) SELECT n FROM r", Rule.RECURSION),
        ("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n FROM r WHERE 1 < 2) SELECT n FROM r", Rule.RECURSION),
    ],
)
def test_what_has_no_measure_is_refused(sql: str, rule: Rule) -> None:
    found = verdict(sql)
    assert isinstance(found, Refusal)
    assert found.rule is rule
