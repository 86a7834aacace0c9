"""Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): framing, keep-alive, clean-up.

A stream that the reader leaves, or that the server ends, closes its source: no subscription outlives its reader.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import TypeVar

import anyio
from starlette.responses import StreamingResponse
from starlette.types import Send

from actors.api import problem
from runtime.errors import Invalid, RagleapError

KEEP_ALIVE_S = 15.0
_CLOSE_S = 5.0
_COMMENT = b": keep-alive\n\n"

Item = TypeVar("Item")


def frame(event: str, data: Mapping[str, object], *, seq: int | None = None) -> bytes:
    """One event on the wire. JSON has no line breaks, so one ``data:`` line is enough."""
    head = "" if seq is None else f"id: {seq}\n"
    return f"{head}event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


class EventStream(StreamingResponse):
    """A response of frames. Sends a comment every ``keep_alive_s`` so that no proxy takes the stream for dead.

    An error of the platform in mid-stream becomes a last event ``problem``; the reader may resume after it.
    """

    def __init__(
        self,
        frames: AsyncIterator[bytes],
        *,
        trace_id: str,
        headers: Mapping[str, str] | None = None,
        keep_alive_s: float = KEEP_ALIVE_S,
    ) -> None:
        self._source = frames
        always = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(
            _alive(_with_problem(frames, trace_id), keep_alive_s),
            media_type="text/event-stream",
            headers=always | dict(headers or {}),
        )

    async def stream_response(self, send: Send) -> None:
        try:
            await super().stream_response(send)
        finally:
            # The reader's leaving cancels this task, and would cancel the closing too.
            with anyio.move_on_after(_CLOSE_S, shield=True):
                await close(self.body_iterator)  # type: ignore[arg-type]
                await close(self._source)


async def _alive(frames: AsyncIterator[bytes], every_s: float) -> AsyncIterator[bytes]:
    upcoming: asyncio.Task[bytes] | None = None
    try:
        while True:
            upcoming = upcoming or asyncio.create_task(_next(frames))
            done, _ = await asyncio.wait({upcoming}, timeout=every_s)
            if not done:
                yield _COMMENT
                continue
            finished, upcoming = upcoming, None
            try:
                data = finished.result()
            except StopAsyncIteration:
                return
            yield data
    finally:
        if upcoming is not None:
            upcoming.cancel()
            await asyncio.wait({upcoming}, timeout=_CLOSE_S)
        await close(frames)


async def _next(frames: AsyncIterator[bytes]) -> bytes:
    return await anext(frames)


async def _with_problem(frames: AsyncIterator[bytes], trace_id: str) -> AsyncIterator[bytes]:
    try:
        async for data in frames:
            yield data
    except RagleapError as error:
        yield frame("problem", problem.problem_of(error).body(trace_id))


async def close(source: AsyncIterator[Item]) -> None:
    """Close an async generator (any other iterator has nothing to close)."""
    closing = getattr(source, "aclose", None)
    if closing is not None:
        await closing()


def after_seq(last_event_id: str | None) -> int:
    """Where a reader stopped, from its Last-Event-ID; 0 is the beginning."""
    if not last_event_id:
        return 0
    if not last_event_id.isascii() or not last_event_id.isdigit() or len(last_event_id) > 18:
        raise Invalid("Last-Event-ID is not an event id of this stream.", do="Send the last `id:` that was received.")
    return int(last_event_id)
