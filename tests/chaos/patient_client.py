"""A client as a careful customer writes it: what got no 2xx is sent again with the same Idempotency-Key."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
from tenant_client import TenantClient, parsed

GIVE_UP_S = 900.0  # where everything is killed again and again, a worker may take minutes to come back
CALL_S = 45.0
_PAUSE_S = 0.3
_COME_BACK = {429, 503, 504}  # what the API says may be sent again


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question that was accepted, and what its asker was told."""

    session_id: str
    text: str
    message_id: str
    answer: str
    status: str


class PatientClient:
    """One tenant's client. ``troubles`` counts what went wrong on the way and was made good by sending again."""

    def __init__(self, url: str, key: str) -> None:
        self._client = TenantClient(url, key)
        self._client.http.timeout = httpx.Timeout(CALL_S)
        self.troubles: Counter[str] = Counter()

    async def close(self) -> None:
        await self._client.close()

    async def call(self, method: str, path: str, **request: Any) -> httpx.Response:
        return await self._until(lambda: self._client.http.request(method, path, **request))

    async def ingest(self, document_id: str, filename: str, data: bytes, key: str) -> dict[str, Any]:
        """Upload once, however often it must be sent; the job when it has ended.

        Under another key the same file is another version: with nothing new said of it, it would be no work.
        """
        accepted = await self.call(
            "POST",
            "/v1/documents",
            files={"file": (filename, data)},
            data={"document_id": document_id, "metadata": json.dumps({"told_as": key})},
            headers={"Idempotency-Key": key},
        )
        return await self.ended(accepted.json()["job_id"])

    async def ended(self, job_id: str) -> dict[str, Any]:
        until = time.monotonic() + GIVE_UP_S
        while True:
            job: dict[str, Any] = (await self.call("GET", f"/v1/jobs/{job_id}")).json()
            if job["state"] in ("done", "failed"):
                return job
            assert time.monotonic() < until, job
            await asyncio.sleep(_PAUSE_S)

    async def ask(self, text: str, *, session_id: str, key: str) -> Asked:
        """Ask for the whole answer; where it takes long, fetch it."""
        request = {"json": {"message": text, "session_id": session_id}, "headers": {"Idempotency-Key": key}}
        told = (await self.call("POST", "/v1/chat", **request)).json()
        if "answer" not in told:
            told = await self._fetched(told["message_id"])
        return _asked(text, session_id, told)

    async def ask_streaming(self, text: str, *, session_id: str, key: str) -> Asked:
        """Ask for a stream; where it breaks, go on after the last event that came."""
        request = {"json": {"message": text, "session_id": session_id}}
        headers = {"Accept": "text/event-stream"}
        path, last = "", ""
        until = time.monotonic() + GIVE_UP_S
        while time.monotonic() < until:
            if path:
                resuming = {**headers, "Last-Event-ID": last} if last else headers
                opened = self._client.http.stream("GET", path, headers=resuming)
            else:
                opened = self._client.http.stream(
                    "POST", "/v1/chat", headers={**headers, "Idempotency-Key": key}, **request
                )
            try:
                async with opened as answer:
                    if not answer.is_success:
                        await answer.aread()  # its text is told of
                    if self._worth_repeating(answer):
                        await asyncio.sleep(_PAUSE_S)
                        continue
                    path = path or f"/v1/messages/{answer.headers['x-message-id']}/events"
                    async for event in parsed(answer.aiter_lines()):
                        last = event.id or last
                        if event.event == "done":
                            return _asked(text, session_id, event.data)
                self.troubles["stream ended early"] += 1
            except httpx.TransportError as error:
                self.troubles[type(error).__name__] += 1
            await asyncio.sleep(_PAUSE_S)
        raise AssertionError(f"the stream was never whole: {text} {path}")

    async def _fetched(self, message_id: str) -> dict[str, Any]:
        until = time.monotonic() + GIVE_UP_S
        while True:
            message: dict[str, Any] = (await self.call("GET", f"/v1/messages/{message_id}")).json()
            if message["state"] != "pending":
                return message
            assert time.monotonic() < until, message
            await asyncio.sleep(_PAUSE_S)

    async def _until(self, send: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        until = time.monotonic() + GIVE_UP_S
        while True:
            try:
                answer = await send()
                if not self._worth_repeating(answer):
                    return answer
                trouble = answer.text
            except httpx.TransportError as error:
                self.troubles[type(error).__name__] += 1
                trouble = repr(error)
            assert time.monotonic() < until, trouble
            await asyncio.sleep(_PAUSE_S)

    def _worth_repeating(self, answer: httpx.Response) -> bool:
        if answer.status_code < 300:
            return False
        assert answer.status_code in _COME_BACK, f"{answer.request.url}: {answer.status_code} {answer.text[:300]}"
        self.troubles[str(answer.status_code)] += 1
        return True


def _asked(text: str, session_id: str, told: dict[str, Any]) -> Asked:
    return Asked(
        session_id=session_id,
        text=text,
        message_id=str(told["message_id"]),
        answer=str(told.get("answer")),
        status=str(told.get("status")),
    )
