"""A customer who takes nothing but a good answer, or an honest "not now" that comes true: anything else fails."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
from chaos.patient_client import Asked
from tenant_client import TenantClient, parsed

TERMS = b"# Returns\n\nGoods may be returned within 30 days of delivery, unused and in their packaging.\n"
QUESTION = "Within how many days may goods be returned?"
GIVE_UP_S = 120.0


@dataclass(kw_only=True)
class Asking:
    """What was asked over the time, each question once: ``spans`` are the monotonic seconds from its first request to
    its answer, ``refused`` counts the honest refusals, ``away`` the connections that nobody took."""

    asked: list[Asked] = field(default_factory=list)
    spans: list[tuple[float, float]] = field(default_factory=list)
    refused: int = 0
    away: int = 0

    def over(self, moment: float) -> int:
        """How many questions were on their way at ``moment``."""
        return sum(1 for began, ended in self.spans if began < moment < ended)


class StrictAsker:
    """``may_be_away``: while the server is down on purpose a refused connection is honest, too."""

    def __init__(self, client: TenantClient, seen: Asking, *, may_be_away: bool) -> None:
        self._client = client
        self._seen = seen
        self._may_be_away = may_be_away

    async def ask_until(self, stopped: Callable[[], bool], session_id: str, *, streaming: bool) -> None:
        """One question after the other."""
        number = 0
        while not stopped():
            text, key = f"{QUESTION} (Question {number} of {session_id})", f"{session_id} {number}"
            began = time.monotonic()
            told = await self._answer(text, session_id, key, streaming=streaming)
            self._seen.spans.append((began, time.monotonic()))
            assert "30 days" in told["answer"], told
            self._seen.asked.append(
                Asked(
                    session_id=session_id,
                    text=text,
                    message_id=told["message_id"],
                    answer=told["answer"],
                    status=told["status"],
                )
            )
            number += 1

    async def _answer(self, text: str, session_id: str, key: str, *, streaming: bool) -> dict[str, Any]:
        headers = {"Idempotency-Key": key} | ({"Accept": "text/event-stream"} if streaming else {})
        end = time.monotonic() + GIVE_UP_S
        while time.monotonic() < end:
            body = {"message": text, "session_id": session_id}
            try:
                async with self._client.http.stream("POST", "/v1/chat", json=body, headers=headers) as reply:
                    if not await self._refused(reply):
                        return await self._told(reply, streaming=streaming)
            except httpx.ConnectError:
                assert self._may_be_away
                self._seen.away += 1
                await asyncio.sleep(0.5)
        raise AssertionError(f"no answer within {GIVE_UP_S:.0f} s: {text}")

    async def _refused(self, reply: httpx.Response) -> bool:
        """Whether to come again, once the time that it names is over; anything but 503 is a failure."""
        if reply.status_code < 300:
            return False
        await reply.aread()
        assert reply.status_code == 503, f"{reply.status_code} {reply.text[:300]}"
        assert reply.headers["content-type"].startswith("application/problem+json"), reply.text[:300]
        self._seen.refused += 1
        await asyncio.sleep(float(reply.headers["retry-after"]))
        return True

    async def _told(self, reply: httpx.Response, *, streaming: bool) -> dict[str, Any]:
        if streaming:
            async for event in parsed(reply.aiter_lines()):
                if event.event == "done":
                    return event.data
            raise AssertionError(f"the stream of {reply.headers['x-message-id']} ended without an answer")
        await reply.aread()
        told: dict[str, Any] = reply.json()
        return told if "answer" in told else await self._client.answered(told["message_id"])


@asynccontextmanager
async def asked_without_a_pause(client: TenantClient, *, may_be_away: bool = False) -> AsyncIterator[Asking]:
    """Four customers ask while the block runs, two of them as a stream; on leaving, what they began is answered."""
    await client.ingest("returns.md", TERMS)
    seen, over = Asking(), asyncio.Event()
    asker = StrictAsker(client, seen, may_be_away=may_be_away)
    async with asyncio.TaskGroup() as customers:
        for number in range(4):
            customers.create_task(asker.ask_until(over.is_set, f"customer-{number}", streaming=number % 2 == 1))
        try:
            yield seen
        finally:
            over.set()
