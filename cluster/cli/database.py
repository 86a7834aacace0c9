"""`ragleap db`: live databases that questions are answered from."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from actors.database.dialects import FAMILIES
from actors.database.gate import MAX_ROWS, Checked, check
from actors.database.refusal import Refusal
from actors.database.schema import Schema, schema_of
from cluster.cli.options import JsonOption, print_json
from runtime.errors import Invalid, RagleapError

app = typer.Typer(help="Live databases that questions are answered from.", no_args_is_help=True)

REFUSED = 3  # the exit status of a statement that may not run


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
        family = FAMILIES.get(dialect.lower())
        if family is None:
            raise Invalid(f"There is no dialect {dialect!r}.", do=f"Give one of {', '.join(FAMILIES)}.")
        verdict = check(sys.stdin.read() if sql == "-" else sql, family, _schema(schema), rows=rows)
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
