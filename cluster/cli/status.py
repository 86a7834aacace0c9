"""`ragleap status`: is everything ready, what waits, and what memory each process takes (PSS)."""

from __future__ import annotations

from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from cluster import memory
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
from cluster.data_dir import DataDir
from runtime.errors import NotFound, RagleapError, Unavailable


def status(
    url: UrlOption = "", key: KeyOption = "", data_dir: DataDirOption = DEFAULT_DATA_DIR, as_json: JsonOption = False
) -> None:
    """Health, queue lengths, and memory by process. Status 1 where something is not ready."""
    where = server(url, key, data_dir)
    report = run(_report(where))
    if where.local:
        told = DataDir(data_dir).read_stack()
        report["since"], report["pid"] = told.get("since"), told["pid"]
        report["memory"] = [row.as_dict() for row in memory.of_stack(int(str(told["pid"])))]
    if as_json:
        print_json(report)
    else:
        _print(report)
    if report["not_ready"]:
        raise typer.Exit(1)


async def _report(where: Server) -> dict[str, Any]:
    async with where.operator() as client:
        report: dict[str, Any] = {"url": where.url, "cells": None, "journal": None}
        try:
            report["not_ready"] = await client.ready()
        except Unavailable as error:
            report["not_ready"] = {"gateway": error.what}
            return report
        try:
            told = await client.status()
            report["cells"], report["journal"] = told["cells"], told.get("journal")
        except NotFound:
            report["cells"] = None
        except RagleapError as error:
            report["cells"] = [{"error": str(error)}]
    return report


def _print(report: dict[str, Any]) -> None:
    console = Console()
    if report["not_ready"]:
        console.print("Not ready: " + "; ".join(f"{name} ({why})" for name, why in report["not_ready"].items()))
    else:
        console.print(f"Ready: {report['url']}", highlight=False)
    if journal := report.get("journal"):
        _print_journal(console, journal)
    for cell in report.get("cells") or []:
        _print_cell(console, cell, alone=len(report["cells"]) == 1)
    if rows := report.get("memory"):
        table = Table("process", "pid", "PSS MB", box=None)
        table.columns[2].justify = "right"
        for row in rows:
            table.add_row(row["name"], str(row["pid"]), f"{row['pss_kb'] / 1024:.0f}")
        table.add_row("all", "", f"{sum(row['pss_kb'] for row in rows) / 1024:.0f}")
        console.print(table)


def _print_cell(console: Console, cell: dict[str, Any], *, alone: bool) -> None:
    if error := cell.get("error"):
        console.print(f"{cell.get('cell', 'The cell')} does not answer: {error}", highlight=False)
    elif not alone:
        console.print(f"{cell.get('cell')}", highlight=False)
    if "jobs_waiting" in cell:
        outbox = ", ".join(f"{count} {state}" for state, count in dict(cell.get("outbox", {})).items())
        console.print(f"Documents waiting: {cell['jobs_waiting']}; replies: {outbox or 'none'}", highlight=False)
    if refuses := dict(cell.get("memory", {})).get("refuses"):
        console.print(f"Memory is short: new {', '.join(refuses)} work is refused", highlight=False)
    for tenant, why in dict(cell.get("quarantined", {})).items():
        console.print(f"Quarantined: {tenant} ({why})", highlight=False)
    tenants = [tenant for tenant in cell.get("tenants", []) if isinstance(tenant, dict)]
    if not tenants:
        return
    table = Table("tenant", "epoch", "waiting", "running", "restarts", "actors", box=None)
    for tenant in tenants:
        numbers = (str(tenant.get(name, "")) for name in ("epoch", "waiting", "running", "restarts"))
        actors = ", ".join(f"{count} {kind}" for kind, count in dict(tenant.get("actors", {})).items())
        table.add_row(str(tenant.get("tenant")), *numbers, actors)
    console.print(table)
    _print_kinds(console, cell)


def _print_journal(console: Console, journal: dict[str, Any]) -> None:
    pending = ", ".join(f"{count} {kind}" for kind, count in sorted(journal["pending"].items()))
    oldest = f", the oldest for {journal['oldest_pending_s']:.0f} s" if pending else ""
    console.print(f"Messages waiting: {pending or 'none'}{oldest}", highlight=False)
    if due := journal["reminders_due"]:
        console.print(f"Reminders due: {due}", highlight=False)
    if dead := journal["dead_letters"]:
        console.print(f"Dead letters: {dead} (`ragleap dead-letters list`)", highlight=False)


def _print_kinds(console: Console, cell: dict[str, Any]) -> None:
    """What has happened in the cell since its process began, by the kind of actor."""
    counts, now = dict(cell.get("counts", {})), dict(cell.get("kinds", {}))
    names = ("turns", "failures", "crashes", "retries", "activations", "passivations")
    table = Table("actors", "in memory", *names, box=None)
    for kind in sorted({kind for numbers in (*counts.values(), *now.values()) for kind in numbers}):
        since = (str(counts.get(name, {}).get(kind, 0)) for name in names)
        table.add_row(kind, str(now.get("actors", {}).get(kind, 0)), *since)
    console.print(table)
