"""A small server that speaks the OpenAI chat protocol over a real socket, and misbehaves on request."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

ANSWER = ["Refunds ", "take ", "five days", " – überall."]


class Endpoint:
    """``url`` is the base URL; ``requests`` what was asked; ``mode`` how the next answers go wrong."""

    def __init__(self) -> None:
        self.mode = "well"
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.script: Callable[[dict[str, Any]], str] | None = None  # what to answer to a request's body, else ANSWER
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        application = web.Application()
        application.router.add_post("/v1/chat/completions", self._chat)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        address = self._runner.addresses[0]
        self.url = f"http://127.0.0.1:{address[1]}/v1"

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.requests.append(body)
        self.headers.append(dict(request.headers))
        if self.mode.isdigit():
            return web.json_response({"error": {"message": "no"}}, status=int(self.mode), headers={"Retry-After": "7"})
        if self.mode == "slow":
            await asyncio.sleep(30)
        if self.mode == "html":
            return web.Response(text="<html>hello</html>", content_type="text/html")
        if not body.get("stream"):
            told = self.script(body) if self.script is not None else "".join(ANSWER)
            message = {"role": "assistant", "content": told}
            return web.json_response({"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
        return await self._stream(request)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b": a comment\n\n")
        for number, piece in enumerate(ANSWER):
            if self.mode == "cut" and number == 2:
                assert request.transport is not None
                request.transport.abort()
                return response
            if self.mode == "ends" and number == 2:
                return response
            if self.mode == "fails" and number == 2:
                await response.write(b'data: {"error": {"message": "out of memory"}}\n\n')
                return response
            raw = (
                f"data: {json.dumps({'choices': [{'delta': {'content': piece}}]}, ensure_ascii=False)}\r\n\r\n".encode()
            )
            await response.write(raw[:11])  # an event need not arrive in one packet
            await response.write(raw[11:])
        await response.write(b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\n')
        await response.write(b'data: {"choices": [], "usage": {"total_tokens": 9}}\n\n')
        await response.write(b"data: [DONE]\n\n")
        if self.mode == "leaves" and request.transport is not None:
            await response.write_eof()
            request.transport.close()  # without having said so
        return response
