"""How to tell that a child on loopback answers: a TCP connection, an HTTP status below 500, or words in an answer."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator

_DEADLINE_S = 2.0


async def accepts(port: int) -> bool:
    """True when something accepts a connection on the loopback port."""
    async with _connection(port):
        return True


async def http_answers(port: int, path: str) -> bool:
    """True when an HTTP server answers ``GET path`` with a status below 500."""
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    async with _connection(port, head.encode()) as reader:
        status = (await reader.readline()).split()
        return len(status) >= 2 and int(status[1]) < 500


async def http_says(port: int, path: str, words: bytes) -> bool:
    """True when an HTTP server answers ``GET path`` with ``words`` in its first 4 KiB."""
    async with _connection(port, f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode()) as reader:
        return words in await reader.read(4_096)


async def http_posts(port: int, path: str, body: bytes, *, user: str, password: str) -> bool:
    """True when an HTTP server answers an authenticated ``POST`` of JSON with 200."""
    secret = base64.b64encode(f"{user}:{password}".encode()).decode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic {secret}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    async with _connection(port, head.encode() + body) as reader:
        return (await reader.readline()).split()[1:2] == [b"200"]


@contextlib.asynccontextmanager
async def _connection(port: int, request: bytes = b"") -> AsyncIterator[asyncio.StreamReader]:
    """A connection to the loopback port on which ``request`` has been sent; everything within the deadline."""
    async with asyncio.timeout(_DEADLINE_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(request)
            await writer.drain()
            yield reader
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
