"""The part of Meta's Graph API that sends WhatsApp messages, over a real socket, for one number.

``meets`` holds what the next messages meet: an answer (status, body), or LOST (it arrives, the answer does not, and the
connection ends when ``lose`` is set).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

LOST = "the answer is lost"
TOKEN = "graph-token-of-the-tests"
NUMBER = "77001"
LIMIT = 4096
SOON_S = 20.0


def refused(code: int, message: str, status: int = 400) -> tuple[int, dict[str, Any]]:
    """An error as the Graph API tells it."""
    return status, {"error": {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code}}


@dataclass
class GraphApi:
    """``arrived``: whom each text has reached, in order. ``bodies``: every message that was handed in."""

    url: str = ""
    meets: list[tuple[int, dict[str, Any]] | str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    arrived: list[tuple[str, str]] = field(default_factory=list)
    lose: asyncio.Event = field(default_factory=asyncio.Event)
    _happened: asyncio.Condition = field(default_factory=asyncio.Condition)
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        self.lose.set()
        application = web.Application()
        application.router.add_post("/v23.0/{number}/messages", self._send)
        application.router.add_get("/v23.0/{number}", self._number)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v23.0"

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def until(self, arrived: int = 0, bodies: int = 0) -> None:
        """Return once so much has arrived, and so many messages were handed in."""
        async with asyncio.timeout(SOON_S), self._happened:
            await self._happened.wait_for(lambda: len(self.arrived) >= arrived and len(self.bodies) >= bodies)

    async def _number(self, request: web.Request) -> web.Response:
        if (wrong := self._unknown(request)) is not None:
            return wrong
        return web.json_response({"id": NUMBER, "display_phone_number": "+49 30 1", "verified_name": "Shop"})

    async def _send(self, request: web.Request) -> web.StreamResponse:
        if (wrong := self._unknown(request)) is not None:
            return wrong
        body = await request.json()
        async with self._happened:
            self.bodies.append(body)
            self._happened.notify_all()
        step = self.meets.pop(0) if self.meets else None
        if isinstance(step, tuple):
            return web.json_response(step[1], status=step[0])
        whom, text = body.get("to") or body.get("recipient"), body.get("text", {}).get("body", "")
        if body.get("messaging_product") != "whatsapp" or not whom or not 0 < len(text) <= LIMIT:
            return _told(refused(100, "Invalid parameter"))
        async with self._happened:
            self.arrived.append((whom, text))
            self._happened.notify_all()
        if step == LOST:
            await self.lose.wait()
            if request.transport is not None:
                request.transport.abort()
        sent = {"id": f"wamid.{len(self.arrived)}"}
        return web.json_response({"messaging_product": "whatsapp", "contacts": [{"input": whom}], "messages": [sent]})

    def _unknown(self, request: web.Request) -> web.Response | None:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _told(refused(190, "Invalid OAuth access token", 401))
        if request.match_info["number"] != NUMBER:
            return _told(refused(100, "Unsupported request - object does not exist"))
        return None


def _told(answer: tuple[int, dict[str, Any]]) -> web.Response:
    return web.json_response(answer[1], status=answer[0])
