"""The gate before a live database: what may run is decided here, by what is allowed and by nothing else.

Promises: pure. A statement is read in its database's dialect; it is one query, of forms, functions, types, tables and
columns that are on lists; it has a LIMIT; and what runs is written anew from the tree that was judged, never the text
that came in. What was written is read once more: each call in it is on the list, and it is one statement. Whatever is
refused comes back with a rule, a sentence and a place.

Not promised: that a statement is cheap. Its runner has the deadline, the caps and the read-only session.

Held by tests/unit/actors/database/test_gate_refuses.py, tests/unit/actors/database/test_gate_accepts.py and
tests/unit/actors/database/test_gate_property.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError, UnsupportedError
from sqlglot.tokenizer_core import Token, TokenType

from actors.database.bounds import bound_rows, check_size
from actors.database.dialects import DIALECTS, Family
from actors.database.forms import below, check_form
from actors.database.functions import FUNCTIONS, SYNTAX
from actors.database.lexical import check_text
from actors.database.names import TABLE_OF, check_spelled, resolve
from actors.database.refusal import Refusal, Refused, Rule
from actors.database.row_filter import RowFilters, keep_own_rows
from actors.database.schema import Schema, TableNames

MAX_ROWS = 1_000

_STANDARD = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*\"""")
_QUOTED = {
    Family.POSTGRES: _STANDARD,
    Family.SQLITE: _STANDARD,
    Family.MYSQL: re.compile(r"'(?:[^'\\]|''|\\.)*'|`(?:[^`]|``)*`", re.DOTALL),
}
# What would begin a quotation, a comment or another statement.
_COMMON = r"""['"`;\\\x00-\x09\x0b-\x1f\x7f-\U0010ffff]|--|/\*|\*/"""
_ODD = {
    Family.POSTGRES: re.compile(_COMMON + r"|\$"),
    Family.SQLITE: re.compile(_COMMON + r"|[\[\]]"),
    Family.MYSQL: re.compile(_COMMON + "|[#@]"),
}
_CALLED = re.compile(r"([A-Za-z_][A-Za-z0-9_$]*)\s*\(")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A statement that may run. ``rows``: what its LIMIT is at most; one more than may be shown tells of a cut."""

    statement: str
    family: Family
    tables: tuple[TableNames, ...]
    rows: int
    tree: exp.Expression = field(repr=False, compare=False)


def check(
    sql: str, family: Family, schema: Schema | None, *, rows: int = MAX_ROWS, own: RowFilters | None = None
) -> Checked | Refusal:
    """The statement that may run for ``sql``, or why none may.

    ``schema`` None: any table but the catalogs passes, for a look without a database. ``rows``: the largest LIMIT.
    ``own``: the person may read rows about themselves alone.
    """
    try:
        tree = _parsed(sql, family)
        for node in below(tree):
            check_form(node, family)
        resolve(tree, family, schema)
        nodes = below(tree)
        check_spelled(nodes)
        check_size(nodes, family)
        bound_rows(tree, nodes, rows)
        tables = tuple(
            dict.fromkeys(n.meta[TABLE_OF] for n in nodes if isinstance(n, exp.Table) and TABLE_OF in n.meta)
        )
        if own is not None:
            keep_own_rows(tree, family, own)
        statement = _written(tree, family)
        _check_written(statement, family)
    except Refused as refused:
        return refused.in_text(sql)
    except RecursionError:
        return Refusal(rule=Rule.SIZE, sentence="The statement is nested too deeply.")
    return Checked(statement=statement, family=family, tables=tables, rows=rows, tree=tree)


def _parsed(sql: str, family: Family) -> exp.Expression:
    check_text(sql, family)
    dialect = DIALECTS[family]
    try:
        tokens = dialect.tokenize(sql)
        _check_kind(tokens)
        trees = dialect.parser().parse(tokens, sql)
    except SqlglotError as error:
        raise _syntax(error) from error
    if len(trees) != 1 or trees[0] is None:
        raise Refused(Rule.ONE_STATEMENT, "Give exactly one statement.")
    tree = trees[0]
    if not isinstance(tree, exp.Select | exp.SetOperation | exp.Subquery):
        raise Refused(Rule.READ_ONLY, f"Only a SELECT may run; this is {tree.key.upper()}.", tokens[0].start)
    return tree


def _check_kind(tokens: list[Token]) -> None:
    """By the first word, and by the semicolons: said before a parser stumbles over what is not SELECT anyway."""
    if not tokens:
        raise Refused(Rule.SYNTAX, "There is no statement.")
    first = tokens[0]
    if first.token_type not in (TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN):
        raise Refused(Rule.READ_ONLY, f"Only a SELECT may run; this begins with {first.text[:40]}.", first.start)
    ends = [token for token in tokens if token.token_type is TokenType.SEMICOLON]
    if len(ends) > 1 or (ends and tokens[-1] is not ends[0]):
        raise Refused(Rule.ONE_STATEMENT, "Give exactly one statement.", ends[0].start)


def _written(tree: exp.Expression, family: Family) -> str:
    try:
        return tree.sql(dialect=DIALECTS[family], comments=False, copy=False, unsupported_level=ErrorLevel.IMMEDIATE)
    except UnsupportedError as error:
        raise Refused(Rule.FORM, "The statement has a form that this database does not have.") from error


def _syntax(error: SqlglotError) -> Refused:
    told = getattr(error, "errors", None)
    if told:
        said, near = str(told[0].get("description") or "It can't be read").rstrip("."), told[0].get("highlight")
        return Refused(Rule.SYNTAX, f"{said}, near {near!r}." if near else f"{said}.")
    return Refused(Rule.SYNTAX, "This can't be read as SQL of this database.")


def _check_written(statement: str, family: Family) -> None:
    """The second look, by other eyes than the parser's, at the text that the database gets: names are quoted there, so
    a bare one that is called is a function of the list, or a word of the language."""
    bare = _QUOTED[family].sub(" ~ ", statement)
    if (odd := _ODD[family].search(bare)) is not None:
        raise Refused(Rule.TEXT, f"The statement can't be written without {odd.group()!r}.")
    for word in _CALLED.findall(bare):
        if word.lower() not in FUNCTIONS[family] and word.lower() not in SYNTAX:
            raise Refused(Rule.FUNCTION, f"The function {word} is not on the list of functions.")
