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
    found = run(_call(server(url, key, data_dir), "GET", "/v1/cells"))["cells"]
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
    run(_call(server(url, key, data_dir), "POST", "/v1/cells", json={"cell": cell, "dedicated": dedicated}))
    print(f"{cell} serves.")


@app.command()
def remove(cell: Cell, url: UrlOption = "", key: KeyOption = "", data_dir: DataDirOption = DEFAULT_DATA_DIR) -> None:
    """Hand over a cell's tenants to the others, then end it."""
    run(_call(server(url, key, data_dir), "DELETE", f"/v1/cells/{cell}"))
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
    placed = run(_call(server(url, key, data_dir), "PUT", f"/v1/tenants/{tenant}/cell", json={"cell": cell}))
    print(f"{placed['tenant']} is served by {placed['cell']}.")


async def _call(where: Server, method: str, path: str, **body: Any) -> dict[str, Any]:
    async with where.operator() as client:
        return await client.operate(method, path, **body)
