"""/healthz, /readyz and /metrics: is this process alive, what is not ready, and how much it does."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from actors.api import problem
from actors.api.auth import TheDoor, TheTrace
from actors.api.door import within
from actors.api.metrics import Metrics

_READY_DEADLINE_S = 5.0


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

    @api.get("/metrics", include_in_schema=False)
    async def numbers() -> Response:
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return api
