"""Around every request: its trace, one access log event, its metrics, and the last catch for unforeseen errors."""

from __future__ import annotations

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from actors.api import problem
from actors.api.metrics import Metrics
from runtime.clock import Clock
from runtime.errors import RagleapError
from runtime.message import Trace
from runtime.telemetry import about

_log = structlog.get_logger("gateway")


class Tracing:
    """ASGI middleware, outermost. ``traceparent`` in becomes ``request.state.trace``; ``X-Trace-Id`` goes out.

    A plain ASGI class, because a response must stream through it untouched.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics, clock: Clock) -> None:
        self._app = app
        self._metrics = metrics
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace = Trace.parse(_header(scope, b"traceparent"))
        scope.setdefault("state", {})["trace"] = trace
        began = self._clock.monotonic()
        status = 0

        async def traced_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"x-trace-id", trace.trace_id.encode())]
            await send(message)

        try:
            about(trace)  # a request has a task of its own
            await self._app(scope, receive, traced_send)
        except Exception as error:
            if status:  # too late to say it: the answer has begun
                raise
            found = problem.problem_of(error) if isinstance(error, RagleapError) else problem.unexpected()
            if not isinstance(error, RagleapError):
                _log.exception("request.failed", trace_id=trace.trace_id, method=scope["method"], path=scope["path"])
            response = problem.respond(found, trace_id=trace.trace_id, path=scope["path"])
            await response(scope, receive, traced_send)
        finally:
            seconds = self._clock.monotonic() - began
            route = _route(scope)
            self._metrics.observe(method=scope["method"], route=route, status=status or 499, seconds=seconds)
            _log.info(
                "request",
                trace_id=trace.trace_id,
                method=scope["method"],
                route=route,
                status=status or 499,
                ms=round(seconds * 1000, 1),
                tenant=scope["state"].get("tenant", ""),
            )


def _route(scope: Scope) -> str:
    """The route's template, never the path: ids in a metric's label would be a series each."""
    route = scope.get("route")
    return str(getattr(route, "path", "")) or "unmatched"


def _header(scope: Scope, name: bytes) -> str | None:
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return None
