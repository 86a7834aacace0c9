"""Event streams: framing, keep-alive, errors in mid-stream, and that the source is closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from actors.api import sse
from runtime.errors import Invalid, Unavailable


async def sent(stream: sse.EventStream) -> bytes:
    out: list[bytes] = []

    async def send(message: Any) -> None:
        out.append(message.get("body", b""))

    await stream.stream_response(send)
    return b"".join(out)


def test_a_frame_is_one_data_line_whatever_stands_in_it() -> None:
    framed = sse.frame("token", {"text": "a\nb\r\n\u2028é"}, seq=7)
    assert framed.startswith(b"id: 7\nevent: token\ndata: {")
    assert framed.count(b"\n") == 4
    assert framed.endswith(b"\n\n")


async def test_a_silent_source_is_kept_alive_and_loses_nothing() -> None:
    go_on = asyncio.Event()

    async def source() -> AsyncIterator[bytes]:
        yield b"one"
        await go_on.wait()
        yield b"two"

    stream = sse.EventStream(source(), trace_id="t", keep_alive_s=0.01)
    out = aiter(stream.body_iterator)
    assert await anext(out) == b"one"
    assert await anext(out) == b": keep-alive\n\n"
    go_on.set()
    while (data := await anext(out)) == b": keep-alive\n\n":
        pass
    assert data == b"two"
    with pytest.raises(StopAsyncIteration):
        await anext(out)


async def test_an_error_in_mid_stream_is_the_last_event() -> None:
    async def source() -> AsyncIterator[bytes]:
        yield sse.frame("token", {})
        raise Unavailable("The cell is restarting.")

    out = await sent(sse.EventStream(source(), trace_id="t-1"))
    assert b"event: problem\n" in out
    assert b"urn:ragleap:problem:unavailable" in out
    assert b"t-1" in out


async def test_a_reader_that_leaves_closes_the_source() -> None:
    closed, waiting = asyncio.Event(), asyncio.Event()

    async def source() -> AsyncIterator[bytes]:
        try:
            yield b"one"
            waiting.set()
            await asyncio.Event().wait()
        finally:
            closed.set()

    reading = asyncio.create_task(sent(sse.EventStream(source(), trace_id="t")))
    await waiting.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert closed.is_set()


@pytest.mark.parametrize(("header", "seq"), [(None, 0), ("", 0), ("0", 0), ("1000007", 1000007)])
def test_last_event_id_says_where_a_reader_stopped(header: str | None, seq: int) -> None:
    assert sse.after_seq(header) == seq


@pytest.mark.parametrize("header", ["x", "-1", "1.5", "²", "9" * 19])
def test_a_last_event_id_of_another_stream_is_refused(header: str) -> None:
    with pytest.raises(Invalid):
        sse.after_seq(header)
