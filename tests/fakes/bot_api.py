"""A Telegram Bot API server over a real socket, for one bot: it takes messages as Telegram does, and misbehaves on
request.

``meets`` holds what the next calls of a method meet: an answer (status, body), LOST (the message arrives, the answer
does not), or an event to wait for first.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from aiohttp import web
from fakes.markdown_v2 import CannotParse, read

LOST = "the answer is lost"
TOKEN = "900:bot-token-of-the-tests"
ME = {"id": 900, "is_bot": True, "first_name": "Shop", "username": "ShopBot"}
LIMIT = 4096
SOON_S = 20.0

Step: TypeAlias = "tuple[int, dict[str, Any]] | str | asyncio.Event"


@dataclass
class BotApi:
    """``arrived``: the texts as people see them, with their chats, in order. ``calls``: every method and its body."""

    url: str = ""
    meets: dict[str, list[Step]] = field(default_factory=lambda: defaultdict(list))
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    arrived: list[tuple[object, str]] = field(default_factory=list)
    webhook: dict[str, Any] = field(default_factory=dict)
    _happened: asyncio.Condition = field(default_factory=asyncio.Condition)
    _runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> None:
        application = web.Application()
        application.router.add_post("/bot{token}/{method}", self._call)
        self._runner = web.AppRunner(application, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def until(self, arrived: int = 0, calls: int = 0) -> None:
        """Return once so much has arrived, and so many calls were made."""
        async with asyncio.timeout(SOON_S), self._happened:
            await self._happened.wait_for(lambda: len(self.arrived) >= arrived and len(self.calls) >= calls)

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if request.match_info["token"] != TOKEN:
            return _refused(401, "Unauthorized")
        body = await request.json()
        await self._tell(lambda: self.calls.append((method, body)))
        step = self.meets[method].pop(0) if self.meets[method] else None
        if isinstance(step, asyncio.Event):
            await step.wait()
        if isinstance(step, tuple):
            return web.json_response(step[1], status=step[0])
        answer = await self._answer(method, body)
        if step == LOST and request.transport is not None:
            request.transport.abort()
        return answer

    async def _answer(self, method: str, body: dict[str, Any]) -> web.Response:
        match method:
            case "getMe":
                return _done(ME)
            case "setWebhook":
                if not str(body.get("url", "")).startswith("https://"):
                    return _refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
                self.webhook = body
                return _done(True)
            case "sendMessage":
                return await self._send(body)
        return _refused(404, "Not Found")

    async def _send(self, body: dict[str, Any]) -> web.Response:
        text = str(body.get("text", ""))
        if body.get("parse_mode") == "MarkdownV2":
            try:
                text, _ = read(text)
            except CannotParse as error:
                return _refused(400, f"Bad Request: can't parse entities: {error}")
        if not text.strip():
            return _refused(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) > 2 * LIMIT:
            return _refused(400, "Bad Request: message is too long")
        await self._tell(lambda: self.arrived.append((body.get("chat_id"), text)))
        return _done({"message_id": len(self.arrived), "chat": {"id": body.get("chat_id")}, "text": text})

    async def _tell(self, happen: Any) -> None:
        async with self._happened:
            happen()
            self._happened.notify_all()


def _done(result: object) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def _refused(code: int, description: str, **parameters: object) -> web.Response:
    told = {"ok": False, "error_code": code, "description": description}
    return web.json_response(told | ({"parameters": parameters} if parameters else {}), status=code)
