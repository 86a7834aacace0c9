"""`ragleap search`: the raw evidence for a question."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from actors.messages import Mode
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

_SHOWN = 220


def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    tenant: TenantOption = "",
    mode: Annotated[Mode, typer.Option(help="Which parts of retrieval run.")] = Mode.HYBRID,
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many results.")] = 5,
    as_of: AsOfOption = "",
    url: UrlOption = "",
    key: KeyOption = "",
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """Find the passages that a question would be answered from."""
    found = run(_search(server(url, key, data_dir), tenant, query, k, mode, as_of or None))
    if as_json:
        print_json(found)
        return
    table = Table("", "score", "found by", "document", "text", box=None, show_lines=False)
    for number, result in enumerate(found["results"], start=1):
        text = " ".join(str(result["text"]).split())
        path = " → ".join(f"{step['from']} {step['relation']} {step['to']}" for step in result.get("path", []))
        table.add_row(
            str(number),
            f"{result['score']:.3f}",
            str(result["source"]) + (f"\n{path}" if path else ""),
            str(result["title"] or result["document_id"]),
            text[:_SHOWN] + ("…" if len(text) > _SHOWN else ""),
        )
    Console().print(table if found["results"] else "Nothing was found.")


async def _search(where: Server, tenant: str, query: str, k: int, mode: Mode, as_of: str | None) -> dict[str, Any]:
    async with where.tenant(tenant) as client:
        return await client.search(query, k=k, mode=mode.value, as_of=as_of)
