"""A local sink: takes lines of text, acknowledges each, and remembers when which came. Run as a process of its own.

``python -m bench.rig.sink``: prints its port; a line ``<id>`` over TCP is answered ``ok``. ``?`` is answered with one
JSON line, the ids in the order of arrival and when they came (seconds of the monotonic clock, the machine's own).
"""

from __future__ import annotations

import asyncio
import json
import time

import uvloop


class Sink(asyncio.Protocol):
    """One connection. ``arrived`` is shared by all of them."""

    def __init__(self, arrived: list[tuple[str, float]]) -> None:
        self._arrived = arrived
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        now, out = time.monotonic(), []
        for line in lines:
            if line == b"?":
                out.append(json.dumps(self._arrived).encode())
            elif line == b"!":
                self._arrived.clear()
                out.append(b"ok")
            else:
                self._arrived.append((line.decode(), now))
                out.append(b"ok")
        self._transport.write(b"".join(line + b"\n" for line in out))  # type: ignore[attr-defined]


async def serve() -> None:
    arrived: list[tuple[str, float]] = []
    server = await asyncio.get_running_loop().create_server(lambda: Sink(arrived), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(serve())
