"""The options that commands share, and how a command runs: its coroutine, its errors as one sentence, its status."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from cluster.cli.server import Server
from runtime.errors import RagleapError

Result = TypeVar("Result")

DataDirOption = Annotated[
    Path, typer.Option("--data-dir", envvar="RAGLEAP_DATA_DIR", help="Where the server of this machine keeps its data.")
]
UrlOption = Annotated[str, typer.Option("--url", envvar="RAGLEAP_URL", help="A server elsewhere.")]
KeyOption = Annotated[
    str, typer.Option("--key", envvar="RAGLEAP_KEY", help="Its API key (the operator's for `tenant` commands).")
]
AsOfOption = Annotated[str, typer.Option("--as-of", metavar="DATE", help='What "today" is, as YYYY-MM-DD.')]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
TenantOption = Annotated[
    str, typer.Option("--tenant", envvar="RAGLEAP_TENANT", help="The tenant's id or name; needed where there are more.")
]
DEFAULT_DATA_DIR = Path(".ragleap")


def server(url: str, key: str, data_dir: Path) -> Server:
    """The server that the shared options name; ends the command with one sentence where there is none."""
    try:
        return Server.find(url=url, key=key, data_dir=data_dir)
    except RagleapError as error:
        raise refuse(error) from error


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a command's coroutine; an error ends the command with its sentence and status 1, never a traceback."""
    try:
        return asyncio.run(work)
    except* RagleapError as errors:
        raise refuse(_first(errors)) from None
    except* KeyboardInterrupt:
        raise typer.Exit(130) from None


def refuse(error: RagleapError) -> typer.Exit:
    """Say on standard error what is wrong and what to do; raise what is returned."""
    print(f"ragleap: {error}".rstrip(), file=sys.stderr)
    return typer.Exit(1)


def print_json(value: object) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))


def _first(errors: BaseExceptionGroup[Any]) -> RagleapError:
    found = errors.exceptions[0]
    return _first(found) if isinstance(found, BaseExceptionGroup) else found
