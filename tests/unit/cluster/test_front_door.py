from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from real_haproxy import haproxy_client

from cluster.front_door import close_doors


async def test_a_closing_door_says_503_and_when_to_come_back_and_waits_for_what_is_under_way(tmp_path: Path) -> None:
    asked, may_answer = asyncio.Event(), asyncio.Event()
    async with (
        _gateway(asked, may_answer) as port,
        haproxy_client(tmp_path, _servers(port), admin=_admin(tmp_path)) as client,
    ):
        under_way = asyncio.create_task(client.get("/v1/chat"))
        await asked.wait()
        closing = asyncio.create_task(close_doors(tmp_path))
        while (refused := await client.get("/late")).status_code != 503:
            assert refused.text == "told"
        assert refused.headers["Retry-After"] == "1"
        assert not closing.done()

        may_answer.set()
        assert (await under_way).text == "told"
        async with asyncio.timeout(10):
            await closing


async def test_a_door_without_requests_is_closed_at_once(tmp_path: Path) -> None:
    async with (
        _gateway(asyncio.Event(), asyncio.Event()) as port,
        haproxy_client(tmp_path, _servers(port), admin=_admin(tmp_path)) as client,
    ):
        assert (await client.get("/early")).text == "told"
        async with asyncio.timeout(10):
            await close_doors(tmp_path)
        assert (await client.get("/late")).status_code == 503


async def test_where_no_haproxy_listens_there_is_no_door_to_close(tmp_path: Path) -> None:
    await close_doors(tmp_path)
    with socket.socket(socket.AF_UNIX) as former:
        former.bind(str(tmp_path / "admin.sock"))
    await close_doors(tmp_path)


def _admin(folder: Path) -> Path:
    """Where Serve puts it."""
    (folder / "node").mkdir()
    return folder / "node" / "admin.sock"


def _servers(port: int) -> str:
    """A gateway and the fallback, as Serve writes them."""
    return f"    server gateway-1 127.0.0.1:{port} check\n    server fallback-1 127.0.0.1:{port} check backup\n"


@asynccontextmanager
async def _gateway(asked: asyncio.Event, may_answer: asyncio.Event) -> AsyncIterator[int]:
    """A server that answers ``/v1/chat`` once it may, and everything else at once."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"/v1/chat" in head:
            asked.set()
            await may_answer.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\ntold")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield int(server.sockets[0].getsockname()[1])
