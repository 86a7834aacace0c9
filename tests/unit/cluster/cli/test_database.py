"""`ragleap db check` judges a statement with no database and no server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cluster.cli.main import app

run = CliRunner().invoke


def test_a_statement_that_may_run_is_printed_as_it_would_run() -> None:
    told = run(app, ["db", "check", "--dialect", "postgres", "select Id from Orders -- all"])
    assert (told.exit_code, told.stdout) == (0, 'SELECT "id" FROM "orders" AS "orders" LIMIT 1000\n')


def test_a_refusal_says_why_and_where_and_exits_3() -> None:
    told = run(app, ["db", "check", "--dialect", "mariadb", "SELECT id,\n sleep(5) FROM orders"])
    assert (told.exit_code, told.stdout) == (3, "")
    assert told.stderr == "Refused: function: The function sleep is not on the list of functions. (line 2, column 2)\n"


def test_a_schema_says_what_may_be_read(tmp_path: Path) -> None:
    file = tmp_path / "schema.json"
    file.write_text(json.dumps({"orders": ["id"]}))
    check = ["db", "check", "--dialect", "sqlite", "--schema", str(file), "--json"]
    assert json.loads(run(app, [*check, "SELECT * FROM orders"]).stdout) == {
        "status": "accepted",
        "statement": 'SELECT "orders"."id" FROM "orders" AS "orders" LIMIT 1000',
        "tables": ["orders"],
    }
    told = json.loads(run(app, [*check, "SELECT total FROM orders"]).stdout)
    assert (told["status"], told["rule"], told["line"], told["column"]) == ("refused", "column", 1, 8)


def test_a_statement_may_come_from_the_input() -> None:
    assert run(app, ["db", "check", "--dialect", "sqlite", "-"], input="SELECT 1;").stdout == "SELECT 1 LIMIT 1000\n"


@pytest.mark.parametrize("more", [["--dialect", "oracle"], ["--dialect", "sqlite", "--schema", "/nowhere.json"]])
def test_what_cannot_be_judged_exits_1(more: list[str]) -> None:
    told = run(app, ["db", "check", "SELECT 1", *more])
    assert told.exit_code == 1
    assert len(told.stderr.splitlines()) == 1
