"""The demo: a tenant with the sample business in it, made once and found again at every later start.

What it is called, what is in it and what to ask lie in ``sample_business/``; nothing here knows of it.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cluster.cli.client import Client, connect
from cluster.cli.ingest import Bars
from cluster.cli.upload import find, upload_all
from cluster.data_dir import DataDir
from cluster.workspace import Workspace, command, found_or_made, place

FOLDER = Path(__file__).with_name("sample_business")
NAME = "demo"
_TOKEN_S = 3600


async def show(url: str, data: DataDir, say: Callable[[str], None]) -> Workspace:
    """Make the tenant and ingest the sample business, as far as that was not done; then say where to look."""
    async with connect(url, data.secret("operator.key")) as operator:
        demo = await found_or_made(operator, data, NAME)
        working_key = demo.key or await operator.mint(demo.tenant, _TOKEN_S)
    async with connect(url, working_key) as client:
        await _ingest(client, say)
    _print(demo, url, data, say)
    return demo


async def _ingest(client: Client, say: Callable[[str], None]) -> None:
    there = {document["document_id"]: document["state"] async for document in client.documents()}
    folders = sorted(str(folder) for folder in FOLDER.iterdir() if folder.is_dir() and not folder.name.startswith("_"))
    missing = [upload for upload in find(folders) if there.get(upload.document_id) != "ready"]
    if not missing:
        say(f"The sample business is there: {len(there)} documents")
        return
    say(f"Ingesting the sample business: {len(missing)} documents")
    with Bars(missing) as bars:
        await upload_all(client, missing, bars.show)
    if failed := [upload for upload in missing if upload.state == "failed"]:
        say(f"{len(failed)} of them failed: {failed[0].name}: {failed[0].error}")


def questions() -> list[dict[str, Any]]:
    """What the sample business suggests to ask: ``{question, as_of}``, one of each kind."""
    told = json.loads((FOLDER / "questions.json").read_text())
    kinds = (told["document_questions"], told["set_questions"])
    return [{"question": kind[0]["question"], "as_of": kind[0].get("as_of", told["as_of"])} for kind in kinds if kind]


def _print(demo: Workspace, url: str, data: DataDir, say: Callable[[str], None]) -> None:
    say("")
    say(f"The demo tenant is {demo.tenant}")
    say(f"  Chat page  {demo.chat_url}")
    if demo.key:
        say(f"  API key    {demo.key}")
    say("  Ask there as a visitor, or in another terminal as the owner, who is answered from mails and orders, too:")
    for each in questions():
        as_of = f" --as-of {each['as_of']}" if each["as_of"] else ""
        say(f"    {command()} ask {shlex.quote(each['question'])} --tenant {NAME}{as_of}{place(data)}")
    say("")
