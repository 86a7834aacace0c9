"""Many documents to one tenant: which files and web pages, under which ids, followed until each is searchable or
failed."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from actors.audience import Audience
from cluster.cli.client import Client, submit_path
from runtime.errors import Invalid, Overloaded, Retryable, Terminal

_FOLLOWED = 6  # jobs asked after at once: the oldest, which are the next to change
_POLL_S = 0.4
_MAX_NAME = 128
_TRIES = 8


@dataclass(slots=True, kw_only=True)
class Upload:
    """One document on its way: a file, or a page that the server fetches from its http(s) address. ``state``: waiting,
    queued, running, done or failed."""

    source: Path | str
    document_id: str
    audience: Audience | None = None  # None: the server decides
    job_id: str = ""
    state: str = "waiting"
    stage: str = ""
    done: int = 0
    total: int = 0
    error: str = ""
    history: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.source if isinstance(self.source, str) else self.source.name

    @property
    def ended(self) -> bool:
        return self.state in ("done", "failed")


def find(named: Sequence[str]) -> list[Upload]:
    """The addresses and files named and the files below the folders named, hidden ones left out; raises Invalid for
    what is missing."""
    found: dict[Path | str, Upload] = {}
    for given in named:
        if re.match(r"https?://", given, re.IGNORECASE):
            found.setdefault(given, Upload(source=given, document_id=address_id(given)))
            continue
        path = Path(given).expanduser().absolute()
        if not path.exists():
            raise Invalid(f"There is no {given}.")
        for file in sorted(_below(path)):
            relative = file.relative_to(path.parent)
            found.setdefault(file, Upload(source=file, document_id=document_id(relative)))
    return list(found.values())


def address_id(url: str) -> str:
    """A stable id for a page of the web, whatever its scheme."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return _safe(":".join(part for part in (parts.netloc.lower(), *parts.path.split("/")) if part) + query)


def document_id(relative: Path) -> str:
    """A stable id for a file, so that ingesting it again replaces what it was before."""
    return _safe(":".join(relative.parts))


def _safe(name: str) -> str:
    safe = re.sub(r"[^A-Za-z0-9._:@+=~-]", "-", name)
    if not re.match(r"[A-Za-z0-9_@+]", safe):
        safe = "_" + safe
    if safe == name and len(safe) <= _MAX_NAME:
        return safe
    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:10]
    return f"{safe[: _MAX_NAME - 11]}-{digest}"


async def upload_all(client: Client, uploads: Sequence[Upload], changed: Callable[[Upload], None]) -> None:
    """Upload in order and follow the jobs meanwhile; every upload has ended on return."""
    async with asyncio.TaskGroup() as together:
        sending = together.create_task(_send(client, uploads, changed))
        together.create_task(_follow(client, uploads, sending, changed))


async def _send(client: Client, uploads: Iterable[Upload], changed: Callable[[Upload], None]) -> None:
    for upload in uploads:
        try:
            accepted = await _patiently(client, upload)
            upload.job_id, upload.state = str(accepted["job_id"]), "queued"
        except (Terminal, Retryable, Overloaded) as error:
            upload.state, upload.error = "failed", str(error)
        changed(upload)


async def _patiently(client: Client, upload: Upload) -> dict[str, object]:
    """Submit; where the server is busy, come back as it says."""
    for _ in range(_TRIES):
        try:
            return await _submit(client, upload)
        except Overloaded as error:
            await asyncio.sleep(error.retry_after)
    return await _submit(client, upload)


async def _submit(client: Client, upload: Upload) -> dict[str, object]:
    if isinstance(upload.source, str):
        return await client.submit_address(upload.source, document_id=upload.document_id, audience=upload.audience)
    return await submit_path(client, upload.source, upload.document_id, audience=upload.audience)


async def _follow(
    client: Client, uploads: Sequence[Upload], sending: asyncio.Task[None], changed: Callable[[Upload], None]
) -> None:
    lost: deque[float] = deque(maxlen=50)  # an unreachable server is waited for, not for ever
    while True:
        open_ = [upload for upload in uploads if upload.job_id and not upload.ended]
        if not open_ and sending.done():
            return
        for upload in open_[:_FOLLOWED]:
            try:
                _take(upload, await client.job(upload.job_id))
                lost.clear()
            except Retryable:
                lost.append(0.0)
                if len(lost) == lost.maxlen:
                    raise
            changed(upload)
        await asyncio.sleep(_POLL_S)


def _take(upload: Upload, job: dict[str, object]) -> None:
    upload.state = str(job["state"])
    upload.stage = str(job.get("stage") or "")
    upload.done, upload.total = int(str(job.get("done") or 0)), int(str(job.get("total") or 0))
    upload.error = str(job.get("error") or "")


def _below(path: Path) -> Iterable[Path]:
    if path.is_file():
        return [path]
    return [
        file
        for file in path.rglob("*")
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts)
    ]
