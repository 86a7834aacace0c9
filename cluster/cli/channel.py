"""`ragleap channel`: the mailboxes, and accounts at WhatsApp and Telegram, that customers write to."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from actors.channels.connect import NEEDS
from cluster.cli.options import (
    DEFAULT_DATA_DIR,
    DataDirOption,
    JsonOption,
    KeyOption,
    TenantOption,
    UrlOption,
    print_json,
    refuse,
    run,
    server,
)
from cluster.cli.server import Server
from runtime.errors import Invalid

app = typer.Typer(help="Connect, list and try accounts at messaging providers.", no_args_is_help=True)
Settings = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=VALUE",
        help="phone_number_id=… (WhatsApp); address=… imap=imaps://… smtp=smtps://… replies=draft|send "
        "authserv_id=… username=… folder=… (email)",
    ),
]
Kind = Annotated[str, typer.Argument(help=f"One of {', '.join(NEEDS)}.")]


@app.command()
def add(
    kind: Kind,
    public_url: Annotated[
        str, typer.Option(help="Where the provider reaches this server: https://…; not for email.")
    ] = "",
    setting: Settings = None,
    name: Annotated[str, typer.Option(help="Tells several accounts of one kind apart.")] = "",
    tenant: TenantOption = "",
    url: UrlOption = "",
    key: KeyOption = "",
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """Connect an account. Its secrets are asked for, or read from standard input, one a line; never from arguments,
    which other users of the machine can see."""
    body = {
        "kind": kind,
        "name": name,
        "public_url": public_url,
        "settings": _settings(setting or []),
        "secrets": {each: _secret(each) for each in NEEDS.get(kind, ((), ()))[1]},
    }
    made = run(_add(server(url, key, data_dir), tenant, body))
    if as_json:
        print_json(made)
        return
    print(f"Channel  {made['channel_id']}   {made['account']}")
    if made["webhook_url"]:
        print(f"Webhook  {made['webhook_url']}")
    if made["todo"]:
        print("Enter this at the provider (shown only now):")
        for what, value in made["todo"].items():
            print(f"  {what:15}  {value}")


@app.command("list")
def list_channels(
    tenant: TenantOption = "",
    url: UrlOption = "",
    key: KeyOption = "",
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """Every channel of the tenant."""
    found = run(_list(server(url, key, data_dir), tenant))
    if as_json:
        print_json(found)
        return
    table = Table("channel", "kind", "name", "settings", "since", box=None)
    for channel in found:
        settings = ", ".join(f"{name}={value}" for name, value in channel["settings"].items())
        since = str(channel["created_at"])[:16]
        table.add_row(channel["channel_id"], channel["kind"], channel["name"], settings, since)
    Console(soft_wrap=True).print(table)


@app.command("test")
def try_channel(
    channel: Annotated[str, typer.Argument(help="The channel's id.")],
    tenant: TenantOption = "",
    url: UrlOption = "",
    key: KeyOption = "",
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """Ask the provider who we are, with the credentials that are kept."""
    found = run(_try(server(url, key, data_dir), tenant, channel))
    if as_json:
        print_json(found)
        return
    print(f"The provider knows us as {found['account']}.")


async def _add(where: Server, tenant: str, body: Mapping[str, object]) -> dict[str, Any]:
    async with where.tenant(tenant) as client:
        return await client.add_channel(body)


async def _list(where: Server, tenant: str) -> list[dict[str, Any]]:
    async with where.tenant(tenant) as client:
        return await client.channels()


async def _try(where: Server, tenant: str, channel: str) -> dict[str, Any]:
    async with where.tenant(tenant) as client:
        return await client.test_channel(channel)


def _settings(given: list[str]) -> dict[str, str]:
    found = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not (name and equals):
            raise refuse(Invalid(f"--setting {each!r} does not fit.", do="Write NAME=VALUE."))
        found[name] = value
    return found


def _secret(name: str) -> str:
    if sys.stdin.isatty():
        return str(typer.prompt(name, hide_input=True)).strip()
    return sys.stdin.readline().strip()
