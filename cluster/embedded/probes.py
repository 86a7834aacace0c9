"""How to tell that a child on loopback answers: a TCP connection, or an HTTP status below 500."""

from __future__ import annotations

import asyncio
import contextlib

_DEADLINE_S = 2.0


async def accepts(port: int) -> bool:
    """True when something accepts a connection on the loopback port."""
    async with asyncio.timeout(_DEADLINE_S):
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    return True


async def http_answers(port: int, path: str) -> bool:
    """True when an HTTP server answers ``GET path`` with a status below 500."""
    async with asyncio.timeout(_DEADLINE_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
            status = (await reader.readline()).split()
            return len(status) >= 2 and int(status[1]) < 500
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
