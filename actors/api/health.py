"""/healthz, /readyz and /metrics: is this process alive, what is not ready, and how much it and the cells do.

/metrics is the operator's: it tells of every tenant together, names those in quarantine, and asks every cell.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response

from actors.api import cell_metrics, problem
from actors.api.auth import Operator, TheDoor, TheTrace
from actors.api.door import Door, within
from actors.api.metrics import Metrics
from runtime.errors import RagleapError
from runtime.store.figures import Figures

_READY_DEADLINE_S = 5.0
_CELL_S = 2.0  # a scrape must not hang with a cell that does
_SCRAPE_S = 4.0


def router(metrics: Metrics) -> APIRouter:
    api = APIRouter(tags=["health"])

    @api.get("/healthz")
    async def alive() -> dict[str, str]:
        """This process answers."""
        return {"status": "ok"}

    @api.get("/readyz", response_model=None)
    async def ready(request: Request, door: TheDoor, trace: TheTrace) -> Response | dict[str, object]:
        """200 when every part is ready, else 503 naming those that are not."""
        async with within(_READY_DEADLINE_S, "The check of what is ready"):
            missing = dict(await door.ready())
        if not missing:
            return {"status": "ready", "not_ready": {}}
        found = problem.Problem(
            kind="not-ready",
            title="Not ready",
            status=503,
            detail="Not ready: " + "; ".join(f"{name} ({why})" for name, why in sorted(missing.items())) + ".",
            headers={"Retry-After": "2"},
            extra={"not_ready": missing},
        )
        return problem.respond(found, trace_id=trace.trace_id, path=request.url.path)

    @api.get("/metrics", response_class=PlainTextResponse, dependencies=[Operator])
    async def numbers(door: TheDoor) -> Response:
        """For Prometheus. Needs the operator's key, since it tells of all tenants together: this gateway's own
        counters, then what the cells and the journal tell in time."""
        cells, figures = await asyncio.gather(_cells(door), _figures(door))
        text = metrics.text() + cell_metrics.text(cells, figures)
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")

    return api


async def _cells(door: Door) -> Mapping[str, Mapping[str, Any]]:
    """Each cell's status, or its error; none where the journal does not tell which cells there are."""
    try:
        async with within(_SCRAPE_S, "The cells"):
            return await door.cells.administer_every("status", {}, deadline_s=_CELL_S)
    except RagleapError:
        return {}


async def _figures(door: Door) -> Figures | None:
    try:
        async with within(_SCRAPE_S, "The journal"):
            return await door.figures()
    except RagleapError:
        return None
