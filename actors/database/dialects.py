"""How the three families of databases write SQL, as sqlglot reads and writes it for the gate.

Promises: a function call is kept as it was written (sqlglot would take it for the like-named function of another
database and write that); JSON paths are kept as they were written; what MySQL and MariaDB spell differently is written
so that both read it.
"""

from __future__ import annotations

from enum import StrEnum

from sqlglot import Dialect, exp
from sqlglot.dialects.mysql import MySQL
from sqlglot.dialects.postgres import Postgres
from sqlglot.dialects.sqlite import SQLite
from sqlglot.tokens import TokenType


class Family(StrEnum):
    """A database's way of speaking; MariaDB speaks MySQL's."""

    POSTGRES = "postgres"
    MYSQL = "mysql"
    SQLITE = "sqlite"


def _as_written(self: Dialect, path: exp.Expression | None) -> exp.Expression | None:
    return path


class PostgresAsWritten(Postgres):
    to_json_path = _as_written

    class Parser(Postgres.Parser):
        FUNCTIONS = {}  # noqa: RUF012 - sqlglot's way
        JSON_OPERATORS = {  # noqa: RUF012
            **Postgres.Parser.JSON_OPERATORS,
            TokenType.ARROW: lambda self, this, path: exp.JSONExtract(this=this, expression=path),
            TokenType.DARROW: lambda self, this, path: exp.JSONExtractScalar(this=this, expression=path),
        }

    class Generator(Postgres.Generator):
        TRANSFORMS = {  # noqa: RUF012
            **Postgres.Generator.TRANSFORMS,
            exp.JSONExtract: lambda self, node: self.binary(node, "->"),
            exp.JSONExtractScalar: lambda self, node: self.binary(node, "->>"),
        }


class MySQLAsWritten(MySQL):
    to_json_path = _as_written

    class Parser(MySQL.Parser):
        FUNCTIONS = {}  # noqa: RUF012

    class Generator(MySQL.Generator):
        TRANSFORMS = {  # noqa: RUF012
            **MySQL.Generator.TRANSFORMS,
            exp.RegexpLike: lambda self, node: self.binary(node, "REGEXP"),
            exp.JSONExtract: lambda self, node: self.func("JSON_EXTRACT", node.this, node.expression),
            exp.JSONExtractScalar: lambda self, node: self.func(
                "JSON_UNQUOTE", exp.Anonymous(this="JSON_EXTRACT", expressions=[node.this, node.expression])
            ),
        }


class SQLiteAsWritten(SQLite):
    to_json_path = _as_written

    class Parser(SQLite.Parser):
        FUNCTIONS = {}  # noqa: RUF012


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
