"""The `ragleap` command."""

from __future__ import annotations

import typer

from cluster.cli import ask, cell, channel, database, dead_letters, draft, ingest, owner, search, stack, status, tenant

app = typer.Typer(
    name="ragleap",
    help="A self-hosted AI assistant for businesses.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("up")(stack.up)
app.command("down")(stack.down)
app.command("status")(status.status)
app.add_typer(tenant.app, name="tenant")
app.add_typer(cell.app, name="cell")
app.add_typer(channel.app, name="channel")
app.add_typer(owner.app, name="owner")
app.command("ingest")(ingest.ingest)
app.command("ask")(ask.ask)
app.command("search")(search.search)
app.add_typer(database.app, name="db")
app.add_typer(draft.app, name="draft")
app.add_typer(dead_letters.app, name="dead-letters")


def main() -> None:
    app()


if __name__ == "__main__":
    main()
