"""Calls over a real socket: whether the provider was reached is known, or said to be unknown."""

from __future__ import annotations

import asyncio
import socket
import traceback
from collections.abc import AsyncIterator

import pytest

from actors.channels.calls import Calls
from runtime.errors import DeadlineExceeded, Unavailable

SECRET = "123:secret"


@pytest.fixture
async def calls() -> AsyncIterator[Calls]:
    made = Calls()
    yield made
    await made.close()


async def answering(answer: bytes) -> tuple[asyncio.Server, str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    return server, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/bot{SECRET}/x"


async def test_who_cannot_be_reached_has_got_nothing(calls: Calls) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # bound, and nobody listens
        with pytest.raises(Unavailable) as raised:
            await calls.post(f"http://127.0.0.1:{bound.getsockname()[1]}/bot{SECRET}/x", {})

    assert SECRET not in "".join(traceback.format_exception(raised.value.__cause__))


async def test_an_answer_that_is_lost_leaves_it_open(calls: Calls) -> None:
    server, url = await answering(b"")
    async with server:
        with pytest.raises(DeadlineExceeded) as raised:
            await calls.post(url, {"text": "x"})

    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b"[" * 9_000, b""])
async def test_an_answer_that_is_no_object_is_empty(calls: Calls, body: bytes) -> None:
    server, url = await answering(b"HTTP/1.1 502 Bad\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    async with server:
        answered = await calls.get(url)

    assert (answered.status, bool(answered.told)) == (502, False)


async def test_nobody_is_followed_elsewhere(calls: Calls) -> None:
    server, url = await answering(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 2\r\n\r\n{}")
    async with server:
        assert (await calls.post(url, {})).status == 302
