"""Text that two readers may read differently does not get to the parser."""

from __future__ import annotations

import pytest

from actors.database.dialects import Family
from actors.database.lexical import MAX_CHARS, check_text
from actors.database.refusal import Refused, Rule


@pytest.mark.parametrize(
    ("family", "sql"),
    [
        (Family.POSTGRES, "SELECT date'2026-01-01', 1e5, rate'x', $$a 'b' \"c\"$$, $t$ $$ $t$ /* a /* b */ c */"),
        (Family.POSTGRES, "SELECT 'U&''x', \"E'\", a&'b' -- it's"),
        (Family.MYSQL, "SELECT 'it\\'s', \"a\\\"b\", `x``y` -- don't\n # don't\n FROM t"),
        (Family.SQLITE, "SELECT [it's], 'a\\', \"b\" FROM t -- \u00e9\u2026"),
        (Family.POSTGRES, "SELECT 'caf\u00e9 \u65e5\u672c\u8a9e \u00a0 \u200b' AS gr\u00f6\u00dfe"),
    ],
)
def test_quotes_and_comments_are_read_as_the_database_reads_them(family: Family, sql: str) -> None:
    check_text(sql, family)


@pytest.mark.parametrize(
    ("family", "sql", "rule", "at"),
    [
        (Family.POSTGRES, "SELECT U&'\\0061'", Rule.TEXT, 7),
        (Family.POSTGRES, 'SELECT u&"\\0061"', Rule.TEXT, 7),
        (Family.POSTGRES, "SELECT E'\\''; --'", Rule.TEXT, 7),
        (Family.POSTGRES, "SELECT 1\u00a0", Rule.TEXT, 8),
        (Family.POSTGRES, "SELECT 1\u200b", Rule.TEXT, 8),
        (Family.POSTGRES, "SELECT 1\x0b", Rule.TEXT, 8),
        (Family.POSTGRES, "SELECT '\0'", Rule.TEXT, 8),
        (Family.POSTGRES, "SELECT /* a /* b */ 1", Rule.SYNTAX, 7),
        (Family.POSTGRES, "SELECT $t$ $$", Rule.SYNTAX, 7),
        (Family.POSTGRES, "SELECT 1 -- a\rDELETE", Rule.COMMENT, 9),
        (Family.MYSQL, "SELECT 5--1", Rule.COMMENT, 8),
        (Family.MYSQL, "SELECT 1 /*!50000 x */", Rule.COMMENT, 9),
        (Family.MYSQL, "SELECT 1 /*M! x */", Rule.COMMENT, 9),
        (Family.MYSQL, "SELECT /*+ x */ 1", Rule.COMMENT, 7),
        (Family.MYSQL, "SELECT /* a /* b */ 1", Rule.COMMENT, 7),
        (Family.MYSQL, "SELECT 'a\\'", Rule.SYNTAX, 7),
        (Family.SQLITE, "SELECT [a", Rule.SYNTAX, 7),
        (Family.SQLITE, " " * (MAX_CHARS + 1), Rule.SIZE, None),
    ],
)
def test_what_could_hide_something_is_refused_where_it_stands(
    family: Family, sql: str, rule: Rule, at: int | None
) -> None:
    with pytest.raises(Refused) as refused:
        check_text(sql, family)
    assert (refused.value.rule, refused.value.at) == (rule, at)


def test_an_executable_comment_inside_of_a_text_is_text() -> None:
    check_text("SELECT '/*! not one */', \"/*! nor this */\"", Family.MYSQL)
