"""A tenant that `ragleap up` sees to itself: found by its name or made, its key kept beside the operator's."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cluster.cli.client import Client, connect
from cluster.data_dir import DataDir, write_private

NAME = "workspace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """``key`` is "" where the tenant was made elsewhere and its key is not known here."""

    tenant: str
    key: str
    chat_url: str


def command() -> str:
    """How a person in this folder calls the command line: by its name, or by its path where that is not found."""
    script = Path(sys.executable).with_name("ragleap")
    if shutil.which("ragleap") or not script.exists():
        return "ragleap"
    return os.path.relpath(script) if script.is_relative_to(Path.cwd()) else str(script)


def place(data: DataDir) -> str:
    """The option that names the data directory, where it is not the one that commands look in by themselves."""
    return "" if data.path == Path.cwd() / ".ragleap" else f" --data-dir {shlex.quote(str(data.path))}"


async def found_or_made(operator: Client, data: DataDir, name: str) -> Workspace:
    """The tenant called ``name``. Its key is shown once by the server; we keep it for the next start to print."""
    kept = data.run / f"{name}.key"
    for tenant in await operator.tenants():
        if tenant["name"] == name:
            key = kept.read_text().strip() if kept.exists() else ""
            return Workspace(tenant=tenant["tenant"], key=key, chat_url=str(tenant.get("chat_url", "")))
    made = await operator.create_tenant(name)
    write_private(kept, str(made["key"]))
    return Workspace(tenant=made["tenant"], key=str(made["key"]), chat_url=str(made.get("chat_url", "")))


async def show(url: str, data: DataDir, say: Callable[[str], None]) -> None:
    """One workspace without anybody asking for it; where tenants were made already, they are left as they are."""
    async with connect(url, data.secret("operator.key")) as operator:
        tenants = await operator.tenants()
        if any(tenant["name"] != NAME for tenant in tenants):
            say(f"  · {len(tenants)} tenants; `{command()} tenant list` shows them")
            return
        workspace = await found_or_made(operator, data, NAME)
    say("")
    say(f"Your workspace is {workspace.tenant}")
    say(f"  Chat page  {workspace.chat_url}")
    if workspace.key:
        say(f"  API key    {workspace.key}")
    say(f"  Fill it    {command()} ingest FILES-OR-FOLDERS{place(data)}")
    say("")
