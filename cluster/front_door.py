"""The HTTP door as it closes: HAProxy says 503 with Retry-After to what comes now; what is under way is answered.

Over the admin socket that Ray Serve gives HAProxy, with the commands of its management guide (section 9.3, "Unix Socket
commands": ``show stat``, ``show servers state``, ``set server``; https://docs.haproxy.org/3.0/management.html).
"""

from __future__ import annotations

import asyncio
import contextlib
import csv
from pathlib import Path

_CALL_S = 2.0
_LOOK_S = 0.05
_REQUESTS = "scur"  # "current sessions"; of a backend: the requests that it has and has not answered to the end


async def close_doors(folder: Path) -> None:
    """Return once every request under way has its whole answer: bound it, a stream may be long.

    Below ``folder`` HAProxy has its admin socket; Serve adds a folder per node, and a former one may lie there still.
    """
    for socket in _sockets(folder):
        with contextlib.suppress(ConnectionError):  # nobody listens
            await _close_door(socket)


async def _close_door(socket: Path) -> None:
    if servers := _servers(await _told(socket, "show servers state")):
        await _told(socket, "; ".join(f"set server {server} state maint" for server in servers))
    while _under_way(await _told(socket, "show stat")):  # noqa: ASYNC110 (HAProxy tells nobody)
        await asyncio.sleep(_LOOK_S)


def _sockets(folder: Path) -> list[Path]:
    return sorted(folder.rglob("admin.sock"))


def _servers(states: str) -> list[str]:
    """``BACKEND/SERVER`` of every line of ``show servers state`` (a version line, then a table headed by ``#``)."""
    rows = [line.split() for line in states.splitlines()[1:] if line.strip() and not line.startswith("#")]
    return [f"{backend}/{server}" for _, backend, _, server, *_ in rows]


def _under_way(statistics: str) -> int:
    """Requests at all backends together, from the table of ``show stat`` (CSV, headed by ``# ``)."""
    rows = csv.DictReader(statistics.removeprefix("# ").splitlines())
    return sum(int(row[_REQUESTS] or 0) for row in rows if row["svname"] == "BACKEND")


async def _told(socket: Path, command: str) -> str:
    async with asyncio.timeout(_CALL_S):
        reader, writer = await asyncio.open_unix_connection(str(socket))
        try:
            writer.write(f"{command}\n".encode())
            await writer.drain()
            return (await reader.read()).decode()
        finally:
            writer.close()
