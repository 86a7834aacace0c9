"""`ragleap cell`: the processes that serve tenants, added and removed while everything runs (on PostgreSQL)."""

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

app = typer.Typer(help="List, add and remove cells; place a tenant at one.", no_args_is_help=True)
Cell = Annotated[str, typer.Argument(help="The cell's name.")]


@app.command("list")
def list_cells(
    url: UrlOption = "", key: KeyOption = "", data_dir: DataDirOption = DEFAULT_DATA_DIR, as_json: JsonOption = False
) -> None:
    """Every cell, whether it takes any tenant, and how many are placed at it."""
    found = run(_list(server(url, key, data_dir)))
    if as_json:
        print_json(found)
        return
    table = Table("cell", "state", "takes", "placed", box=None)
    for cell in found:
        takes = "placed tenants only" if cell["dedicated"] else "any tenant"
        table.add_row(cell["cell"], cell["state"], takes, str(cell["pinned"]))
    Console(soft_wrap=True).print(table)


@app.command()
def add(
    cell: Cell,
    dedicated: Annotated[bool, typer.Option("--dedicated", help="Only for tenants that are placed there.")] = False,
    url: UrlOption = "",
    key: KeyOption = "",
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Start one more cell; it takes over its share of the tenants."""
    run(_add(server(url, key, data_dir), cell, dedicated))
    print(f"{cell} serves.")


@app.command()
def remove(cell: Cell, url: UrlOption = "", key: KeyOption = "", data_dir: DataDirOption = DEFAULT_DATA_DIR) -> None:
    """Hand over a cell's tenants to the others, then end it."""
    run(_remove(server(url, key, data_dir), cell))
    print(f"{cell} has handed over and ended.")


@app.command()
def place(
    tenant: Annotated[str, typer.Argument(help="The tenant's name (or id).")],
    cell: Annotated[str, typer.Argument(help="The cell to keep it at; leave it out to let the directory choose.")] = "",
    url: UrlOption = "",
    key: KeyOption = "",
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
) -> None:
    """Keep a tenant at one cell, or let it go where the directory puts it."""
    placed = run(_place(server(url, key, data_dir), tenant, cell))
    print(f"{placed['tenant']} is served by {placed['cell']}.")


async def _list(where: Server) -> list[dict[str, Any]]:
    async with where.operator() as client:
        return await client.cells()


async def _add(where: Server, cell: str, dedicated: bool) -> None:
    async with where.operator() as client:
        await client.add_cell(cell, dedicated=dedicated)


async def _remove(where: Server, cell: str) -> None:
    async with where.operator() as client:
        await client.remove_cell(cell)


async def _place(where: Server, tenant: str, cell: str) -> dict[str, Any]:
    async with where.operator() as client:
        return await client.place(tenant, cell)
