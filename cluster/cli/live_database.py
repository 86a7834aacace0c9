"""The commands of `ragleap db` that ask a server: add, list, remove, refresh, query and ask."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from cluster.cli.client import Client
from cluster.cli.options import (
    DEFAULT_DATA_DIR,
    AsOfOption,
    DataDirOption,
    JsonOption,
    KeyOption,
    TenantOption,
    UrlOption,
    print_json,
    run,
    server,
)
from cluster.cli.server import Server

REFUSED = 3  # the exit status of a statement that may not run
T = TypeVar("T")
Name = Annotated[str, typer.Argument(metavar="NAME", help="The database's name.")]


def commands() -> Mapping[str, Callable[..., None]]:
    """By the words that call them."""
    return {"add": add, "list": listed, "remove": remove, "refresh": refresh, "query": query, "ask": ask}


def add(
    name: Name,
    address: Annotated[str, typer.Argument(metavar="URL", help="postgresql://user@host/name; - reads it.")],
    table: Annotated[list[str] | None, typer.Option("--table", help="May be read; none: all. Repeat it.")] = None,
    tenant: TenantOption = "",
    url: UrlOption = "",
    key: KeyOption = "",
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """Read from a live database. Leave the password out of the URL, which other users of the machine can see: it is
    asked for."""
    body = {"name": name, "url": _whole(address), "tables": table or []}
    made = _run(server(url, key, data_dir), tenant, lambda client: client.add_database(body))
    _say_ready(made, as_json)


def listed(
    tenant: TenantOption = "",
    url: UrlOption = "",
    key: KeyOption = "",
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """Every live database of the tenant."""
    found = _run(server(url, key, data_dir), tenant, lambda client: client.databases())
    if as_json:
        print_json(found)
        return
    shown = Table("name", "dialect", "url", "tables", "read", box=None)
    for each in found:
        read = str(each["read_at"] or "never")[:16]
        shown.add_row(each["name"], each["dialect"], each["url"], str(len(each["tables"])), read)
    Console(soft_wrap=True).print(shown)


def remove(
    name: Name,
    tenant: TenantOption = "",
    url: UrlOption = "",
    key: KeyOption = "",
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """Forget a live database. Nothing in it changes."""
    gone = _run(server(url, key, data_dir), tenant, lambda client: client.remove_database(name))
    if as_json:
        print_json(gone)
        return
    print(f"{gone['name']} is forgotten.")


def refresh(
    name: Name,
    tenant: TenantOption = "",
    url: UrlOption = "",
    key: KeyOption = "",
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """Read a database's tables and columns anew, now; else it is done every hour."""
    made = _run(server(url, key, data_dir), tenant, lambda client: client.refresh_database(name))
    _say_ready(made, as_json)


def query(
    name: Name,
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT; - reads it from the input.")],
    tenant: TenantOption = "",
    url: UrlOption = "",
    key: KeyOption = "",
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """Print the rows of one SELECT, or why it may not run (exit 3)."""
    statement = sys.stdin.read() if sql == "-" else sql
    answer = _run(server(url, key, data_dir), tenant, lambda client: client.query_database(name, statement))
    _say_answer(answer, as_json)


def ask(
    name: Name,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="In plain words.")],
    as_of: AsOfOption = "",
    tenant: TenantOption = "",
    url: UrlOption = "",
    key: KeyOption = "",
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """Answer a question from the database, with the SQL that gave the answer; exit 3 where it is declined."""
    answer = _run(
        server(url, key, data_dir), tenant, lambda client: client.ask_database(name, question, as_of=as_of or None)
    )
    _say_answer(answer, as_json)


def _run(where: Server, tenant: str, call: Callable[[Client], Awaitable[T]]) -> T:
    async def work() -> T:
        async with where.tenant(tenant) as client:
            return await call(client)

    return run(work())


def _whole(address: str) -> str:
    """The URL with its password, which is asked for where there is somebody to ask."""
    if address == "-":
        return sys.stdin.readline().strip()
    try:
        parsed = make_url(address)
    except ArgumentError:
        return address  # the server says what is wrong with it
    if parsed.username and parsed.password is None and sys.stdin.isatty():
        typed = str(typer.prompt("password", hide_input=True, default="", show_default=False))
        return parsed.set(password=typed).render_as_string(hide_password=False) if typed else address
    return address


def _say_ready(made: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(made)
        return
    more = f" ({made['left_out']} more were not looked at: name those that matter with --table)"
    print(f"{made['name']}  {made['url']}  {len(made['tables'])} tables{more if made['left_out'] else ''}")


def _say_answer(answer: Mapping[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(answer)
    elif answer["status"] == "answered":
        shown = Table(*answer["columns"], box=None)
        for row in answer["rows"]:
            shown.add_row(*("" if value is None else str(value) for value in row))
        console = Console(soft_wrap=True, markup=False, highlight=False)
        console.print(shown)
        console.print(answer["answer"])
    else:
        print(f"{str(answer['status']).capitalize()}: {answer.get('reason', '')}", file=sys.stderr)
    if answer["status"] != "answered":
        raise typer.Exit(REFUSED)
