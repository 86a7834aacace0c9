"""Statements made by chance, out of honest parts and hostile ones: whatever passes only reads what may be read.

SQLite itself is the witness: its authorizer is told every table, column and function that a statement would touch.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sql_shop import COLUMNS, CREATE, FILL, shop
from sql_statements import statements

from actors.database.dialects import Family
from actors.database.functions import FUNCTIONS
from actors.database.gate import Checked, check
from actors.database.refusal import Refusal

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
@given(statements(Family.SQLITE))
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
