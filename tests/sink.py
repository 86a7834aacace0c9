"""A provider on a local socket, and the channel that speaks to it: what arrives is kept, whoever has died meanwhile.

``POST /send`` with ``{"id", "text"}`` takes a while, arrives, and is then answered; ``GET /has/ID`` tells whether a
message has arrived.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from runtime.channel import Found, Outgoing, Resolution

LONGEST_S = 0.3
CALLED_S = 60.0


class SinkChannel:
    """``tells``: whether it asks the provider about a message, or says that nobody can know."""

    def __init__(self, url: str, *, tells: bool) -> None:
        self._client = httpx.AsyncClient(base_url=url, trust_env=False, timeout=10)
        self._tells = tells

    async def send(self, outgoing: Outgoing) -> str:
        told = {"id": outgoing.outbox_id, "text": outgoing.body["text"]}
        answer = await self._client.post("/send", json=told)
        return str(answer.raise_for_status().json()["provider_id"])

    async def resolve(self, outgoing: Outgoing) -> Resolution:
        if not self._tells:
            return Resolution(found=Found.UNKNOWN)
        answer = await self._client.get(f"/has/{outgoing.outbox_id}")
        there = bool(answer.raise_for_status().json()["has"])
        return Resolution(found=Found.SENT if there else Found.NOT_SENT, provider_id=f"p-{outgoing.outbox_id}")


@dataclass
class Sink:
    """The provider. ``arrived``: (id, text) in the order of arrival."""

    seed: int
    url: str = ""
    arrived: list[tuple[str, str]] = field(default_factory=list)
    open: int = 0  # calls that are running
    calls: int = 0  # that ever came in
    _called: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    async def called(self, since: int) -> None:
        """Return once another call than the first ``since`` has come in. Raises: TimeoutError."""
        async with asyncio.timeout(CALLED_S):
            while self.calls <= since:
                self._called.clear()
                await self._called.wait()

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode().lower():
                length = next((int(line[15:]) for line in head.splitlines() if line.startswith("content-length:")), 0)
                body = await reader.readexactly(length)
                answer = json.dumps(await self._answer(head.split()[1].removeprefix("/has/"), body)).encode()
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(answer), answer))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the caller has left or died
        finally:
            writer.close()

    async def _answer(self, asked: str, body: bytes) -> dict[str, object]:
        if not body:
            return {"has": any(known.lower() == asked for known, _ in self.arrived)}
        message = json.loads(body)
        self.open += 1
        self.calls += 1
        self._called.set()
        await asyncio.sleep(self._random.uniform(0, LONGEST_S))  # the provider's work, which nobody's death stops
        self.arrived.append((message["id"], message["text"]))
        self.open -= 1
        return {"provider_id": f"p-{message['id']}"}
