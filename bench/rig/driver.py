"""A frugal HTTP driver: one request at a time on each of so many connections, closed loop or at a steady rate.

``python -m bench.rig.driver PLAN`` (JSON) prints what it saw as JSON. It writes bytes made beforehand and reads no
more of an answer than it must, because the processor that it uses is missing at the server: what it used is told.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from dataclasses import asdict, dataclass, field

import uvloop


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """``rate`` 0: each connection sends when its last request was answered. ``conversations``: messages go to them in
    turn. ``prefix`` makes ids unique: a message's text is ``prefix-number``, which the sink gets."""

    port: int
    path: str
    key: str
    connections: int
    messages: int
    conversations: int
    prefix: str
    rate: float = 0.0


@dataclass(slots=True)
class Seen:
    """Latencies in seconds from when a request was due; requests that were not answered 2xx."""

    began: float = 0.0
    ended: float = 0.0
    cpu_s: float = 0.0
    latencies: list[float] = field(default_factory=list)
    refused: int = 0


class Connection(asyncio.Protocol):
    """One keep-alive connection."""

    def __init__(self) -> None:
        self._buffer = b""
        self._answer: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    async def request(self, data: bytes) -> int:
        """The answer's status."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(data)  # type: ignore[attr-defined]
        async with asyncio.timeout(60):
            return await self._answer

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        lowered = head.lower()
        at = lowered.find(b"content-length:")
        length = int(lowered[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(body) >= length and self._answer is not None and not self._answer.done():
            self._buffer = b""
            self._answer.set_result(int(head[9:12]))

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError())


async def drive(plan: Plan) -> Seen:
    """Send every message once."""
    loop = asyncio.get_running_loop()
    opened = [(await loop.create_connection(Connection, "127.0.0.1", plan.port))[1] for _ in range(plan.connections)]
    seen, numbers = Seen(began=time.monotonic()), iter(range(plan.messages))

    async def send(connection: Connection) -> None:
        for number in numbers:
            due = time.monotonic()
            if plan.rate:
                due = seen.began + number / plan.rate
                await asyncio.sleep(max(0.0, due - time.monotonic()))
            status = await connection.request(request(plan, number))
            if 200 <= status < 300:
                seen.latencies.append(time.monotonic() - due)
            else:
                seen.refused += 1

    before = _cpu()
    await asyncio.gather(*(send(connection) for connection in opened))
    seen.ended, seen.cpu_s = time.monotonic(), _cpu() - before
    return seen


def request(plan: Plan, number: int) -> bytes:
    text, conversation = f"{plan.prefix}-{number}", f"{plan.prefix}-{number % plan.conversations}"
    body = json.dumps({"text": text, "conversation": conversation}).encode()
    head = (
        f"POST {plan.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {plan.key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    uvloop.install()
    print(json.dumps(asdict(asyncio.run(drive(Plan(**json.loads(sys.argv[1])))))), flush=True)
