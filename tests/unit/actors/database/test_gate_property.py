"""Statements made by chance, out of honest parts and hostile ones: whatever passes only reads what may be read.

SQLite itself is the witness: its authorizer is told every table, column and function that a statement would touch.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sql_shop import COLUMNS, CREATE, FILL, HONEST, shop

from actors.database.dialects import Family
from actors.database.functions import FUNCTIONS
from actors.database.gate import Checked, check
from actors.database.refusal import Refusal

_WORDS = (
    "id name email city total status customer_id order_id quantity price password_hash rowid customers orders items"
    ' products staff o c sqlite_master pragma_table_info x \'x\' "x" "password_hash" [password_hash] `id`'
)
_CALLED = (
    "lower upper count sum max coalesce replace load_extension readfile writefile randomblob zeroblob changes"
    " fts3_tokenizer sqlite_version printf json_each pragma_table_info"
)
_OPERATED = "+ - = < || AND OR IN LIKE -> IS"
_NAMES = st.sampled_from(_WORDS.split())
_CALLS = st.sampled_from(_CALLED.split())
_WRITES = st.sampled_from(
    (
        "DELETE FROM orders",
        "UPDATE orders SET total = 0",
        "INSERT INTO staff VALUES (9, 'x', 1)",
        "REPLACE INTO staff VALUES (1, 'x', 1)",
        "DROP TABLE orders",
        "CREATE TABLE y (a)",
        "PRAGMA query_only = OFF",
        "ATTACH 'x' AS y",
        "VACUUM INTO 'x'",
        "SAVEPOINT a",
    )
)
_PLAIN = st.one_of(_NAMES, st.integers(-3, 10**9).map(str), st.sampled_from(("NULL", "*", "o.*", "c.name", "o.id")))


def _grown(part: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    query = st.builds(
        lambda what, table, where, tail: f"SELECT {what} FROM {table} WHERE {where} {tail}",
        part,
        st.one_of(_NAMES, st.sampled_from(("customers c", "orders o", "customers c JOIN orders o ON o.id = c.id"))),
        part,
        st.one_of(
            st.just(""),
            part.map("GROUP BY {}".format),
            part.map("ORDER BY {}".format),
            part.map("LIMIT {}".format),
            part.map("UNION SELECT {}".format),
        ),
    )
    return st.one_of(
        st.builds("{}({})".format, _CALLS, part),
        st.builds(
            "({} {} {})".format,
            part,
            st.sampled_from(_OPERATED.split()),
            part,
        ),
        st.builds("CASE WHEN {} THEN {} END".format, part, part),
        st.builds("{}, {}".format, part, part),
        query.map("({})".format),
        query.map("EXISTS ({})".format),
        _WRITES.map("({})".format),
        st.builds("max({}) OVER (ORDER BY {})".format, part, part),
    )


_PARTS = st.recursive(_PLAIN, _grown, max_leaves=6)
_STATEMENTS = st.one_of(
    st.builds("SELECT {} FROM {}".format, _PARTS, st.sampled_from(("customers c", "orders o, customers c", "orders"))),
    st.builds("WITH x AS ({}) SELECT {} FROM x".format, st.one_of(_WRITES, _PARTS.map("SELECT {}".format)), _PARTS),
    st.builds("{}; {}".format, _PARTS.map("SELECT {}".format), _WRITES),
    st.builds("{} {}".format, st.sampled_from(HONEST[Family.SQLITE]), _WRITES),
    st.builds(lambda honest, cut, part: honest[:cut] + part + honest[cut:], st.sampled_from(HONEST[Family.SQLITE]),
              st.integers(0, 60), _PARTS),
    _WRITES,
)  # fmt: skip

_OPERATORS = ("->", "->>", "match", "regexp")
_ALLOWED_ACTIONS = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE)


@pytest.fixture(scope="module")
def shelf() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    for statement in CREATE + FILL:
        connection.execute(statement)
    connection.commit()
    for function in ("json_each", "json_tree"):  # SQLite declares their tables at the first use
        connection.execute(f"SELECT * FROM {function}('[]')")
    yield connection
    connection.close()


@settings(max_examples=500, deadline=None)
@given(_STATEMENTS)
def test_a_statement_that_passes_reads_only_what_may_be_read(shelf: sqlite3.Connection, sql: str) -> None:
    verdict = check(sql, Family.SQLITE, shop(Family.SQLITE))
    if isinstance(verdict, Refusal):
        assert verdict.sentence
        return
    touched: list[tuple[int, str | None, str | None]] = []

    def witness(action: int, first: str | None, second: str | None, _: str | None, __: str | None) -> int:
        touched.append((action, first, second))
        return sqlite3.SQLITE_OK

    shelf.set_authorizer(witness)
    try:
        shelf.execute(f"EXPLAIN {verdict.statement}").fetchall()
    except sqlite3.Error:
        pass  # the database may refuse what the gate has let through
    finally:
        shelf.set_authorizer(None)
    for action, first, second in touched:
        if action == sqlite3.SQLITE_READ:
            assert not str(first).startswith(("sqlite_", "pragma_"))
            assert not second or second in COLUMNS.get(str(first), (second,))  # other names are the statement's own
        elif action == sqlite3.SQLITE_FUNCTION:
            assert str(second).lower() in (*FUNCTIONS[Family.SQLITE], *_OPERATORS)
        else:
            assert action in _ALLOWED_ACTIONS


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet="SELECTFROMselectfrom*()'\"`;-/!#$\\[]@:%,. \n\t\u00a0\x0019", max_size=80),
    st.sampled_from(Family),
)
def test_any_text_ends_in_a_verdict(text: str, family: Family) -> None:
    for sql in (text, f"SELECT {text}", f"SELECT id FROM orders WHERE {text}"):
        verdict = check(sql, family, shop(family))
        if isinstance(verdict, Checked):
            again = check(verdict.statement, family, shop(family))
            assert isinstance(again, Checked), (sql, verdict.statement, again)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40), st.sampled_from(Family))
def test_a_text_in_a_statement_stays_that_text(shelf: sqlite3.Connection, text: str, family: Family) -> None:
    quoted = text.replace("'", "''")
    if family is Family.MYSQL:
        quoted = quoted.replace("\\", "\\\\")
    verdict = check(f"SELECT '{quoted}' AS it", family, None)
    if "\0" in text:
        assert isinstance(verdict, Refusal)
        return
    assert isinstance(verdict, Checked), verdict
    if family is Family.SQLITE and text.isprintable():
        assert shelf.execute(verdict.statement).fetchone() == (text,)
