"""How the three families of databases write SQL, as sqlglot reads and writes it for the gate.

Promises: a function call is kept as it was written (sqlglot would take it for the like-named function of another
database and write that); JSON paths are kept as they were written; what MySQL and MariaDB spell differently is written
so that both read it.

Held by tests/unit/actors/database/test_gate_accepts.py and tests/integration/database/test_reader.py.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import ClassVar

from sqlglot import Dialect, Parser, exp
from sqlglot.dialects.mysql import MySQL
from sqlglot.dialects.postgres import Postgres
from sqlglot.dialects.sqlite import SQLite
from sqlglot.generators.mysql import MySQLGenerator
from sqlglot.generators.postgres import PostgresGenerator
from sqlglot.parsers.mysql import MySQLParser
from sqlglot.parsers.postgres import PostgresParser
from sqlglot.parsers.sqlite import SQLiteParser
from sqlglot.tokenizer_core import TokenType


class Family(StrEnum):
    """A database's way of speaking; MariaDB speaks MySQL's."""

    POSTGRES = "postgres"
    MYSQL = "mysql"
    SQLITE = "sqlite"


def _as_written(self: Dialect, path: exp.Expr | None) -> exp.Expr | None:
    return path


def _not_read(self: Parser) -> None:
    """sqlglot would log the statement and keep it as it is, unread."""
    self.raise_error("This form of SQL is not read")


class PostgresAsWritten(Postgres):
    to_json_path = _as_written

    class Parser(PostgresParser):
        FUNCTIONS: ClassVar[dict[str, Callable[..., exp.Expr]]] = {}
        _warn_unsupported = _not_read
        JSON_OPERATORS = {  # noqa: RUF012
            **PostgresParser.JSON_OPERATORS,
            TokenType.ARROW: lambda self, this, path: exp.JSONExtract(this=this, expression=path),
            TokenType.DARROW: lambda self, this, path: exp.JSONExtractScalar(this=this, expression=path),
        }

    class Generator(PostgresGenerator):
        TRANSFORMS = {  # noqa: RUF012
            **PostgresGenerator.TRANSFORMS,
            exp.JSONExtract: lambda self, node: self.binary(node, "->"),
            exp.JSONExtractScalar: lambda self, node: self.binary(node, "->>"),
        }


class MySQLAsWritten(MySQL):
    to_json_path = _as_written

    class Parser(MySQLParser):
        FUNCTIONS: ClassVar[dict[str, Callable[..., exp.Expr]]] = {}
        _warn_unsupported = _not_read

    class Generator(MySQLGenerator):
        TRANSFORMS = {  # noqa: RUF012
            **MySQLGenerator.TRANSFORMS,
            exp.RegexpLike: lambda self, node: self.binary(node, "REGEXP"),
            exp.JSONExtract: lambda self, node: self.func("JSON_EXTRACT", node.this, node.expression),
            exp.JSONExtractScalar: lambda self, node: self.func(
                "JSON_UNQUOTE", exp.Anonymous(this="JSON_EXTRACT", expressions=[node.this, node.expression])
            ),
        }


class SQLiteAsWritten(SQLite):
    to_json_path = _as_written

    class Parser(SQLiteParser):
        FUNCTIONS: ClassVar[dict[str, Callable[..., exp.Expr]]] = {}
        _warn_unsupported = _not_read


DIALECTS: dict[Family, Dialect] = {
    Family.POSTGRES: PostgresAsWritten(),
    Family.MYSQL: MySQLAsWritten(),
    Family.SQLITE: SQLiteAsWritten(),
}

FAMILIES = {
    "postgres": Family.POSTGRES,
    "postgresql": Family.POSTGRES,
    "mysql": Family.MYSQL,
    "mariadb": Family.MYSQL,
    "sqlite": Family.SQLITE,
}
