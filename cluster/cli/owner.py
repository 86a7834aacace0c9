"""`ragleap owner`: whose phone number, Telegram id or mail address speaks as the owner, or as staff."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from actors.owner_identity import KINDS
from cluster.cli.options import (
    DEFAULT_DATA_DIR,
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

app = typer.Typer(help="Say who speaks as the owner over a channel.", no_args_is_help=True)
Kind = Annotated[str, typer.Argument(help=f"One of {', '.join(KINDS)}.")]
Identity = Annotated[str, typer.Argument(help="A phone number with its country code, a Telegram id, a mail address.")]


@app.command()
def add(
    kind: Kind,
    identity: Identity,
    staff: Annotated[bool, typer.Option("--staff", help="As staff instead.")] = False,
    tenant: TenantOption = "",
    url: UrlOption = "",
    key: KeyOption = "",
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """From now on this person speaks as the owner: answers come from all documents, not only the public ones."""
    made = run(_add(server(url, key, data_dir), tenant, kind, identity, "staff" if staff else "owner"))
    if as_json:
        print_json(made)
        return
    print(f"{made['identity']} speaks as {made['role']} over {made['kind']}.")


@app.command("list")
def list_owners(
    tenant: TenantOption = "",
    url: UrlOption = "",
    key: KeyOption = "",
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """Everybody that is registered."""
    found = run(_list(server(url, key, data_dir), tenant))
    if as_json:
        print_json(found)
        return
    table = Table("kind", "identity", "role", "since", box=None)
    for each in found:
        table.add_row(each["kind"], each["identity"], each["role"], str(each["added_at"])[:16])
    Console(soft_wrap=True).print(table)


@app.command()
def remove(
    kind: Kind,
    identity: Identity,
    tenant: TenantOption = "",
    url: UrlOption = "",
    key: KeyOption = "",
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """From now on this person is a customer."""
    gone = run(_remove(server(url, key, data_dir), tenant, kind, identity))
    if as_json:
        print_json(gone)
        return
    print(f"{gone['identity']} speaks as a customer over {gone['kind']}.")


async def _add(where: Server, tenant: str, kind: str, identity: str, role: str) -> dict[str, Any]:
    async with where.tenant(tenant) as client:
        return await client.add_owner(kind, identity, role)


async def _list(where: Server, tenant: str) -> list[dict[str, Any]]:
    async with where.tenant(tenant) as client:
        return await client.owners()


async def _remove(where: Server, tenant: str, kind: str, identity: str) -> dict[str, Any]:
    async with where.tenant(tenant) as client:
        return await client.remove_owner(kind, identity)
