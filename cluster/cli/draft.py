"""`ragleap draft`: answers that wait until a person approves, changes or discards them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from cluster.cli.client import Client
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

app = typer.Typer(help="Answers that wait for a person's approval.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="DRAFT", help="The draft's id.")]
_SHOWN = 120


@app.command("list")
def list_drafts(
    tenant: TenantOption = "",
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many, the oldest first.")] = 50,
    url: UrlOption = "",
    key: KeyOption = "",
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """Drafts that nobody has decided on."""
    found = run(_with(server(url, key, data_dir), tenant, lambda client: client.drafts(limit=limit)))
    if as_json:
        print_json(found)
        return
    if not found["drafts"]:
        print("No drafts.")
        return
    table = Table("draft", "to", "subject", "since", "text", box=None)
    table.columns[0].no_wrap = True  # to be copied
    for draft in found["drafts"]:
        text = " ".join(draft["text"].split())
        text = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
        table.add_row(draft["draft_id"], draft["to"], draft["subject"], draft["created_at"][:16], text)
    Console(soft_wrap=True, markup=False).print(table)
    if found["next"] is not None:
        print(f"The oldest {limit}; there are more: --limit.")


@app.command()
def approve(
    draft: Id,
    text: Annotated[str, typer.Option(help="Send these words instead.")] = "",
    tenant: TenantOption = "",
    url: UrlOption = "",
    key: KeyOption = "",
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """Have a draft sent."""
    _say(
        run(_with(server(url, key, data_dir), tenant, lambda client: client.approve_draft(draft, text))),
        as_json,
        "It is on its way to {to}.",
    )


@app.command()
def edit(
    draft: Id,
    text: Annotated[str, typer.Option(help="What it is to say.")],
    tenant: TenantOption = "",
    url: UrlOption = "",
    key: KeyOption = "",
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """Change a draft's words; it goes on waiting."""
    _say(
        run(_with(server(url, key, data_dir), tenant, lambda client: client.edit_draft(draft, text))),
        as_json,
        "Changed; it waits for approval.",
    )


@app.command()
def discard(
    draft: Id,
    tenant: TenantOption = "",
    url: UrlOption = "",
    key: KeyOption = "",
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """Let a draft never be sent."""
    _say(
        run(_with(server(url, key, data_dir), tenant, lambda client: client.discard_draft(draft))),
        as_json,
        "Discarded.",
    )


def _say(decided: dict[str, Any], as_json: bool, sentence: str) -> None:
    if as_json:
        print_json(decided)
    else:
        print(sentence.format(to=decided["to"]))


async def _with(where: Server, tenant: str, call: Callable[[Client], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    async with where.tenant(tenant) as client:
        return await call(client)
