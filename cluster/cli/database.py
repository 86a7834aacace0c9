"""`ragleap db`: live databases that questions are answered from, and the gate and the recipe that need no server."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from actors.database.dialects import FAMILIES, Family
from actors.database.gate import MAX_ROWS, Checked, check
from actors.database.recipe import recipe
from actors.database.refusal import Refusal
from actors.database.schema import Schema, schema_of
from cluster.cli.live_database import REFUSED, commands
from cluster.cli.options import JsonOption, print_json
from runtime.errors import Invalid, RagleapError

app = typer.Typer(help="Live databases that questions are answered from.", no_args_is_help=True)
for _name, _command in commands().items():
    app.command(_name)(_command)


@app.command("check")
def check_statement(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="A statement; - reads it from the input.")],
    dialect: Annotated[str, typer.Option("--dialect", metavar="D", help="postgres, mysql, mariadb or sqlite.")],
    schema: Annotated[
        Path | None,
        typer.Option("--schema", metavar="FILE", help='JSON of what may be read: {"orders": ["id", "total"], …}.'),
    ] = None,
    rows: Annotated[int, typer.Option("--rows", min=1, help="The largest LIMIT.")] = MAX_ROWS,
    as_json: JsonOption = False,
) -> None:
    """Say whether a statement may run, without a database: prints the one that would run (exit 0) or why none may
    (exit 3)."""
    try:
        verdict = check(sys.stdin.read() if sql == "-" else sql, _family(dialect), _schema(schema), rows=rows)
    except RagleapError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from error
    if as_json:
        print_json(_told(verdict))
    elif isinstance(verdict, Checked):
        print(verdict.statement)
    else:
        print(f"Refused: {verdict}", file=sys.stderr)
    if isinstance(verdict, Refusal):
        raise typer.Exit(REFUSED)


@app.command("recipe")
def print_recipe(
    dialect: Annotated[str, typer.Option("--dialect", metavar="D", help="postgres, mysql, mariadb or sqlite.")],
    database: Annotated[str, typer.Option("--database", metavar="NAME", help="The database's name.")] = "shop",
    user: Annotated[str, typer.Option("--user", help="The user to be made.")] = "ragleap_reader",
    table: Annotated[list[str] | None, typer.Option("--table", help="May be read; none: all. Repeat it.")] = None,
) -> None:
    """Print the SQL that makes a user who can read these tables and do nothing else, for you to run."""
    try:
        print(recipe(_family(dialect), database=database, user=user, tables=tuple(table or ())), end="")
    except RagleapError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from error


def _family(dialect: str) -> Family:
    family = FAMILIES.get(dialect.lower())
    if family is None:
        raise Invalid(f"There is no dialect {dialect!r}.", do=f"Give one of {', '.join(FAMILIES)}.")
    return family


def _schema(file: Path | None) -> Schema | None:
    if file is None:
        return None
    try:
        return schema_of(json.loads(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise Invalid(f"{file} can't be read: {error.strerror}.") from error
    except ValueError as error:
        raise Invalid(f"{file} is not JSON.", do='Give one like {"orders": ["id", "total"]}.') from error


def _told(verdict: Checked | Refusal) -> dict[str, object]:
    if isinstance(verdict, Checked):
        return {"status": "accepted", "statement": verdict.statement, "tables": [t.name for t in verdict.tables]}
    place = {"line": verdict.line, "column": verdict.column}
    return {"status": "refused", "rule": verdict.rule, "reason": verdict.sentence, **place}
