"""`ragleap dead-letters`: what could not be handled, why, and once more."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from cluster.cli.options import (
    DEFAULT_DATA_DIR,
    DataDirOption,
    JsonOption,
    KeyOption,
    UrlOption,
    print_json,
    run,
    server,
)
from cluster.cli.server import Server

app = typer.Typer(help="What could not be handled: list it, look at it, have it tried again.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(help="The message's id.")]
OneTenantOption = Annotated[
    str, typer.Option("--tenant", envvar="RAGLEAP_TENANT", help="Only this tenant's (id or name).")
]
_CAUSE = 100


@app.command("list")
def list_letters(
    tenant: OneTenantOption = "",
    limit: Annotated[int, typer.Option(help="How many, the newest first.")] = 50,
    url: UrlOption = "",
    key: KeyOption = "",
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """Messages that were given up and that nobody has replayed."""
    found = run(_list(server(url, key, data_dir), tenant, limit))
    if as_json:
        print_json(found)
        return
    if not found["dead_letters"]:
        print("No dead letters.")
        return
    table = Table("id", "tenant", "actor", "tries", "since", "trace", "cause", box=None)
    table.columns[0].no_wrap = True  # to be copied
    for letter in found["dead_letters"]:
        cause = letter["cause"] if len(letter["cause"]) <= _CAUSE else letter["cause"][: _CAUSE - 1] + "…"
        about = (letter["id"], letter["tenant"], letter["actor"], str(letter["attempts"]), letter["at"][:16])
        table.add_row(*about, letter["trace_id"][:8], cause)
    Console(soft_wrap=True, markup=False).print(table)
    if found.get("next"):
        print(f"The newest {limit}; there are more: --limit.")


@app.command()
def show(
    id: Id,
    tenant: OneTenantOption = "",
    url: UrlOption = "",
    key: KeyOption = "",
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """One dead letter with its message."""
    letter = run(_show(server(url, key, data_dir), tenant, id))
    if as_json:
        print_json(letter)
        return
    for name, value in letter.items():
        if name != "body":
            print(f"{name:<12} {'' if value is None else value}")
    print("body")
    print(json.dumps(letter["body"], indent=2, ensure_ascii=False))


@app.command()
def replay(
    id: Id,
    tenant: OneTenantOption = "",
    url: UrlOption = "",
    key: KeyOption = "",
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """Have the message handled again, once the cause is mended. Doing it twice is harmless."""
    done = run(_replay(server(url, key, data_dir), tenant, id))
    if as_json:
        print_json(done)
    elif done["replayed"]:
        print(f"{done['id']} is in the inbox of {done['tenant']} again.")
    else:
        print(f"{done['id']} is on its way or done already; nothing was changed.")


async def _list(where: Server, tenant: str, limit: int) -> dict[str, Any]:
    async with where.operator() as client:
        return await client.dead_letters(tenant, limit=limit)


async def _show(where: Server, tenant: str, message_id: str) -> dict[str, Any]:
    async with where.operator() as client:
        return await client.dead_letter(tenant, message_id)


async def _replay(where: Server, tenant: str, message_id: str) -> dict[str, Any]:
    async with where.operator() as client:
        return await client.replay(tenant, message_id)
