"""`ragleap ingest`: files, folders and web pages into a tenant, with a bar per file and a table at the end."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Table

from actors.audience import Audience
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
from cluster.cli.upload import Upload, find, upload_all
from runtime.errors import Invalid, RagleapError


def ingest(
    named: Annotated[
        list[str], typer.Argument(metavar="PATH|URL…", help="Files, folders, or http(s) addresses of pages.")
    ],
    tenant: TenantOption = "",
    url: UrlOption = "",
    key: KeyOption = "",
    audience: Annotated[
        Audience | None,
        typer.Option(help="Who may be given text of them. Left out: staff for mails and tables of people."),
    ] = None,
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """Make documents searchable. The same file or address again replaces what it was. Status 1 if any failed."""
    where = server(url, key, data_dir)
    try:
        uploads = find(named)
        if not uploads:
            raise Invalid("There is no file to ingest.", do="Name files or folders that hold some.")
    except RagleapError as error:
        raise refuse(error) from error
    for upload in uploads:
        upload.audience = audience
    details = run(_ingest(where, tenant, uploads, quiet=as_json))
    rows = [_row(upload, details.get(upload.document_id, {})) for upload in uploads]
    if as_json:
        print_json({"documents": rows})
    else:
        _print_table(rows)
    if any(upload.state != "done" for upload in uploads):
        raise typer.Exit(1)


async def _ingest(where: Server, tenant: str, uploads: list[Upload], *, quiet: bool) -> dict[str, dict[str, Any]]:
    async with where.tenant(tenant) as client:
        with Bars(uploads, quiet=quiet) as bars:
            await upload_all(client, uploads, bars.show)
        return {str(document["document_id"]): document async for document in client.documents()}


class Bars:
    """A progress bar for each file that is under way, and one for all of them; plain lines where no terminal is."""

    def __init__(self, uploads: list[Upload], *, quiet: bool = False) -> None:
        self._uploads = uploads
        self._console = Console(stderr=True, quiet=quiet)
        self._live = self._console.is_terminal and not quiet
        self._progress = Progress(
            TextColumn("{task.description}", style="none"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[stage]}"),
            console=self._console,
            disable=not self._live,
        )
        self._tasks: dict[str, TaskID] = {}
        self._ended: set[str] = set()
        self._all = self._progress.add_task("all files", total=len(uploads), stage="")

    def __enter__(self) -> Bars:
        self._progress.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._progress.stop()

    def show(self, upload: Upload) -> None:
        if upload.ended:
            self._end(upload)
        elif upload.state == "running":
            task = self._tasks.get(upload.document_id)
            if task is None:
                task = self._tasks[upload.document_id] = self._progress.add_task(upload.name, stage="")
            self._progress.update(task, total=upload.total or None, completed=upload.done, stage=upload.stage)

    def _end(self, upload: Upload) -> None:
        if upload.document_id in self._ended:
            return
        self._ended.add(upload.document_id)
        if (task := self._tasks.pop(upload.document_id, None)) is not None:
            self._progress.remove_task(task)
        self._progress.update(self._all, completed=len(self._ended), stage=f"{len(self._ended)}/{len(self._uploads)}")
        if upload.state == "failed":
            self._console.print(f"failed: {upload.name}: {upload.error}", markup=False, highlight=False)
        elif not self._live:
            count = f"{len(self._ended)}/{len(self._uploads)}"
            self._console.print(f"{count} {upload.name}", markup=False, highlight=False)


def _row(upload: Upload, document: dict[str, Any]) -> dict[str, Any]:
    return {
        "file": str(upload.source),
        "document_id": upload.document_id,
        "state": upload.state,
        "error": upload.error,
        **{name: document.get(name) for name in ("pages", "chunks", "entities", "audience")},
    }


def _print_table(rows: list[dict[str, Any]]) -> None:
    table = Table("file", "state", "pages", "chunks", "entities", "for", "why", box=None)
    for row in rows:
        numbers = (str(row[name]) if row[name] is not None else "" for name in ("pages", "chunks", "entities"))
        table.add_row(Path(row["file"]).name, row["state"], *numbers, row["audience"] or "", row["error"])
    done = sum(1 for row in rows if row["state"] == "done")
    console = Console(file=sys.stdout)
    console.print(table)
    console.print(f"{done} of {len(rows)} documents are searchable.")
