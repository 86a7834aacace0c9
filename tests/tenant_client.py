"""One tenant's client of a running stack, over HTTP as a customer's program would write it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

MODES = ("hybrid", "vector", "keyword", "graph")
CALL_S = 120.0
JOB_S = 240.0
_POLL_S = 0.25


@dataclass(frozen=True, slots=True)
class Event:
    """One server-sent event."""

    id: str
    event: str
    data: dict[str, Any]


class TenantClient:
    """Calls ``url`` with one credential. ``http`` is the bare client for whatever has no method here."""

    def __init__(self, url: str, credential: str) -> None:
        self.http = httpx.AsyncClient(
            base_url=url, headers={"Authorization": f"Bearer {credential}"}, timeout=CALL_S, trust_env=False
        )

    async def close(self) -> None:
        await self.http.aclose()

    async def call(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        """The JSON of a call that must succeed."""
        answer = await self.http.request(method, path, **request)
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text}"
        found: dict[str, Any] = answer.json()
        return found

    async def upload(
        self, filename: str, data: bytes, document_id: str = "", *, idempotency_key: str = "", **fields: str
    ) -> dict[str, Any]:
        """Submit a file; ``{document_id, job_id}``."""
        form = {**fields, **({"document_id": document_id} if document_id else {})}
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return await self.call(
            "POST", "/v1/documents", files={"file": (filename, data)}, data=form or None, headers=headers
        )

    async def ended(self, job_id: str) -> dict[str, Any]:
        """The job, once it is done or failed."""
        end = time.monotonic() + JOB_S
        while True:
            job = await self.call("GET", f"/v1/jobs/{job_id}")
            if job["state"] in ("done", "failed"):
                return job
            assert time.monotonic() < end, f"the job did not end: {job}"
            await asyncio.sleep(_POLL_S)

    async def ingest(self, filename: str, data: bytes, document_id: str = "", **fields: str) -> dict[str, Any]:
        """Upload and wait; the document as it is then. The job must be done."""
        accepted = await self.upload(filename, data, document_id, **fields)
        job = await self.ended(accepted["job_id"])
        assert job["state"] == "done", job
        return await self.call("GET", f"/v1/documents/{accepted['document_id']}")

    async def search(self, query: str, *, mode: str = "hybrid", k: int = 5, **more: Any) -> list[dict[str, Any]]:
        body = {"query": query, "mode": mode, "k": k, **more}
        found: list[dict[str, Any]] = (await self.call("POST", "/v1/search", json=body))["results"]
        return found

    async def chat(self, message: str, *, idempotency_key: str = "", **more: Any) -> dict[str, Any]:
        """The answer, also where it takes longer than the server lets a caller wait."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        told = await self.call("POST", "/v1/chat", json={"message": message, **more}, headers=headers)
        return told if "answer" in told else await self.answered(told["message_id"])

    async def answered(self, message_id: str) -> dict[str, Any]:
        """The message, once it has been answered or given up."""
        end = time.monotonic() + CALL_S
        while True:
            message = await self.call("GET", f"/v1/messages/{message_id}")
            if message["state"] != "pending":
                return message
            assert time.monotonic() < end, f"the message was not answered: {message}"
            await asyncio.sleep(_POLL_S)

    async def events(
        self, method: str, path: str, *, last_event_id: str = "", json: Mapping[str, Any] | None = None
    ) -> AsyncIterator[Event]:
        """The events of a stream as they come; close the iterator to hang up."""
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last_event_id} if last_event_id else {})
        async with self.http.stream(method, path, json=json, headers=headers) as answer:
            assert answer.status_code == 200, (await answer.aread()).decode()
            assert answer.headers["content-type"].startswith("text/event-stream")
            async for event in parsed(answer.aiter_lines()):
                yield event


async def parsed(lines: AsyncIterator[str]) -> AsyncIterator[Event]:
    """Server-sent events from lines (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""
    fields: dict[str, str] = {}
    async for line in lines:
        if not line:
            if "data" in fields:
                yield Event(fields.get("id", ""), fields.get("event", "message"), json.loads(fields["data"]))
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
