"""`ragleap ask`: one question, its answer, what the answer rests on."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any

import typer

from cluster.cli.client import Client
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
from runtime.errors import DeadlineExceeded, Terminal

_WAIT_S = 300.0
_POLL_S = 0.5
_QUOTE = 160


def ask(
    question: Annotated[str, typer.Argument(help="What to ask.")],
    tenant: TenantOption = "",
    as_of: AsOfOption = "",
    session: Annotated[str, typer.Option(help="Go on with this conversation.")] = "",
    url: UrlOption = "",
    key: KeyOption = "",
    data_dir: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """Ask the assistant; it answers from the tenant's documents, with citations, or declines."""
    answer = run(_ask(server(url, key, data_dir), tenant, question, as_of or None, session or None))
    if as_json:
        print_json(answer)
        return
    print(answer["answer"])
    for citation in answer.get("citations", []):
        quote = " ".join(str(citation["quote"]).split())
        short = quote if len(quote) <= _QUOTE else quote[: _QUOTE - 1] + "…"
        print(f"  [{citation['n']}] {citation.get('title') or citation['document_id']}: “{short}”")


async def _ask(where: Server, tenant: str, question: str, as_of: str | None, session: str | None) -> dict[str, Any]:
    async with where.tenant(tenant) as client:
        answer = await client.chat(question, as_of=as_of, session_id=session)
        return answer if "answer" in answer else await answered(client, str(answer["message_id"]))


async def answered(client: Client, message_id: str) -> dict[str, Any]:
    """Wait for the answer to an accepted message."""
    end = time.monotonic() + _WAIT_S
    while time.monotonic() < end:
        message = await client.message(message_id)
        if message.get("answer") is not None:
            found = message["answer"]
            return found if isinstance(found, dict) else {**message, "answer": found}
        if message.get("state") == "dead":
            raise Terminal(f"The question could not be answered: {message.get('error')}")
        await asyncio.sleep(_POLL_S)
    raise DeadlineExceeded(f"No answer after {_WAIT_S:.0f} s.", do=f"Look again: GET /v1/messages/{message_id}.")
