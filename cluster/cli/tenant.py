"""`ragleap tenant`: the workspaces of a server."""

from __future__ import annotations

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

app = typer.Typer(help="Create, list and delete workspaces.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The tenant's name (or id).")]


@app.command()
def create(
    name: Name,
    url: UrlOption = "",
    key: KeyOption = "",
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """Make a tenant and print its API key, which is shown only now."""
    made = run(_create(server(url, key, data_dir), name))
    if as_json:
        print_json(made)
        return
    print(f"Tenant   {made['tenant']}")
    print(f"API key  {made['key']}   (shown only now)")
    print(f"Chat     {made.get('chat_url', '')}")


@app.command("list")
def list_tenants(
    url: UrlOption = "", key: KeyOption = "", data_dir: DataDirOption = DEFAULT_DATA_DIR, as_json: JsonOption = False
) -> None:
    """Every tenant of the server."""
    found = run(_list(server(url, key, data_dir)))
    if as_json:
        print_json(found)
        return
    table = Table("tenant", "name", "documents", "chat page", "since", box=None)
    for tenant in found:
        told = (tenant["tenant"], tenant["name"], tenant.get("documents", ""), tenant.get("chat_url", ""))
        table.add_row(*(str(value) for value in told), str(tenant["created_at"])[:16])
    Console(soft_wrap=True).print(table)


@app.command()
def delete(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    url: UrlOption = "",
    key: KeyOption = "",
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """Remove every trace of a tenant from every store."""
    if not yes:
        typer.confirm(f"Delete {name} with all its documents and conversations?", abort=True)
    gone = run(_delete(server(url, key, data_dir), name))
    if as_json:
        print_json(gone)
        return
    print(f"Deleted {gone['tenant']}:")
    removed: dict[str, Any] = gone.get("removed", {})
    for what, count in removed.items():
        print(f"  {count:>8}  {what}" if isinstance(count, int) else f"  {what}: {count}")


async def _create(where: Server, name: str) -> dict[str, Any]:
    async with where.operator() as client:
        return await client.create_tenant(name)


async def _list(where: Server) -> list[dict[str, Any]]:
    async with where.operator() as client:
        return await client.tenants()


async def _delete(where: Server, name: str) -> dict[str, Any]:
    async with where.operator() as client:
        return await client.delete_tenant(name)
