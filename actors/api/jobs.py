"""/v1/jobs: how far an ingestion is, once or as it goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.responses import Response

from actors.api import sse
from actors.api.auth import Owner, TheDoor, TheTrace
from actors.api.door import READ_DEADLINE_S, Door, within
from actors.ports import JobRecord
from runtime.errors import Retryable

POLL_S = 0.25
STREAM_LIFE_S = 3600.0
_ENDED = frozenset({"done", "failed"})


class JobOut(BaseModel):
    job_id: str
    document_id: str
    state: str
    stage: str
    done: int
    total: int
    error: str
    created_at: str
    updated_at: str


def router() -> APIRouter:
    api = APIRouter(tags=["jobs"])

    @api.get("/v1/jobs/{job_id}", response_model=JobOut)
    async def read(job_id: str, request: Request, door: TheDoor, owner: Owner, trace: TheTrace) -> Response | JobOut:
        """Queued, running, done or failed. With `Accept: text/event-stream`: an event `progress` on every change."""
        async with within(READ_DEADLINE_S, "The journal"):
            record = await door.records_for(owner.tenant).job(job_id)
        if not wants_events(request):
            return JobOut(**asdict(record))
        return sse.EventStream(_progress(door, owner.tenant, record), trace_id=trace.trace_id)

    return api


async def _progress(door: Door, tenant: str, record: JobRecord) -> AsyncIterator[bytes]:
    """Polled at a bounded rate, so that watchers cost the journal the same however fast a job moves."""
    until = door.clock.monotonic() + STREAM_LIFE_S
    records = door.records_for(tenant)
    yield sse.frame("progress", asdict(record))
    while record.state not in _ENDED and door.clock.monotonic() < until:
        await asyncio.sleep(POLL_S)
        try:
            async with within(READ_DEADLINE_S, "The journal"):
                now = await records.job(record.job_id)
        except Retryable:
            continue  # the journal is restarting; its job goes on
        if now != record:
            record = now
            yield sse.frame("progress", asdict(record))


def wants_events(request: Request) -> bool:
    return "text/event-stream" in request.headers.get("accept", "")
