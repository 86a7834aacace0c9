"""The sink as a channel of the outbox: one connection, answers in the order of the lines."""

from __future__ import annotations

import asyncio
from collections import deque

from runtime.channel import Found, Outgoing, Resolution

CALL_S = 5.0


class SinkChannel(asyncio.Protocol):
    """Sends the text of each reply to ``bench.rig.sink`` at ``port``."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._transport: asyncio.Transport | None = None
        self._opening = asyncio.Lock()
        self._waiting: deque[asyncio.Future[str]] = deque()
        self._rest = b""

    async def send(self, outgoing: Outgoing) -> str:
        if self._transport is None:
            await self._open()
        assert self._transport is not None
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        self._transport.write(f"{outgoing.body['text']}\n".encode())
        async with asyncio.timeout(CALL_S):
            return await answer

    async def resolve(self, outgoing: Outgoing) -> Resolution:
        return Resolution(found=Found.UNKNOWN)

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            answer = self._waiting.popleft()
            if not answer.done():
                answer.set_result(line.decode())

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        while self._waiting:
            answer = self._waiting.popleft()
            if not answer.done():
                answer.set_exception(error or ConnectionResetError())

    async def _open(self) -> None:
        async with self._opening:
            if self._transport is None:
                loop = asyncio.get_running_loop()
                transport, _ = await loop.create_connection(lambda: self, "127.0.0.1", self._port)
                self._transport = transport
