"""Errors as answers: RFC 9457 problem documents with a stable ``type``, what happened, and what to do.

Promises: no traceback and no internal text leaves the server; 429 and 503 carry Retry-After; every problem names
the trace id that finds it in the logs. Calls of the OpenAI API get the ``error`` object that its clients read too.

Held by tests/unit/actors/api/test_api_problem.py and tests/integration/api/test_api_errors.py.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from runtime.errors import Fenced, Overloaded, RagleapError, Retryable, Unauthorized

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:ragleap:problem:"
_OPENAI_PATHS = ("/v1/chat/completions", "/v1/models")
_SHOWN_ERRORS = 10

_HTTP_KINDS = {
    400: ("malformed", "Malformed request"),
    404: ("not-found", "Not found"),
    405: ("method-not-allowed", "Method not allowed"),
    413: ("too-large", "Too large"),
    415: ("unsupported-media-type", "Unsupported media type"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem document and the headers that go with it."""

    kind: str
    title: str
    status: int
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, object] = field(default_factory=dict)

    def body(self, trace_id: str) -> dict[str, object]:
        return {
            "type": TYPE + self.kind,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "trace_id": trace_id,
            **self.extra,
        }


def problem_of(error: RagleapError) -> Problem:
    """An error of the platform as its problem; the families decide the status."""
    headers: dict[str, str] = {}
    if error.status in (429, 503) or isinstance(error, Overloaded | Fenced):
        headers["Retry-After"] = str(max(1, math.ceil(float(getattr(error, "retry_after", 1.0)))))
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = 'Bearer realm="ragleap"'
    detail = str(error)
    if isinstance(error, Retryable) and not error.do:
        detail = f"{detail} Try again in a moment."
    title = error.kind.replace("-", " ").capitalize()
    return Problem(kind=error.kind, title=title, status=error.status, detail=detail, headers=headers)


def unexpected() -> Problem:
    """What a reader is told about an error that nobody foresaw: where to look, never what was in it."""
    return Problem(
        kind="internal",
        title="Internal error",
        status=500,
        detail="The server failed on this request. Try again; if it stays, look the trace id up in the server's log.",
    )


def invalid_input(errors: Sequence[Any]) -> Problem:
    """FastAPI's validation errors, each with the field it is about and the rule that it breaks."""
    shown = [{"field": _field(e.get("loc", ())), "rule": str(e.get("msg", ""))} for e in errors[:_SHOWN_ERRORS]]
    text = "; ".join(f"{e['field']}: {e['rule']}" for e in shown)
    return Problem(
        kind="invalid",
        title="Invalid",
        status=422,
        detail=f"The request does not fit: {text}. See /docs for what this call takes.",
        extra={"errors": shown},
    )


def http_problem(error: HTTPException, method: str, path: str) -> Problem:
    """Errors that the web framework raises itself (no such route, wrong method, unreadable body)."""
    kind, title = _HTTP_KINDS.get(error.status_code, ("http", "Request failed"))
    details = {
        404: f"There is nothing at {path}. See /docs for the calls there are.",
        405: f"{path} does not take {method}. See /docs for the calls there are.",
    }
    detail = details.get(error.status_code, str(error.detail))
    return Problem(kind=kind, title=title, status=error.status_code, detail=detail, headers=dict(error.headers or {}))


def respond(problem: Problem, *, trace_id: str, path: str) -> JSONResponse:
    body = problem.body(trace_id)
    if path.startswith(_OPENAI_PATHS):
        body["error"] = {
            "message": problem.detail,
            "type": "invalid_request_error" if problem.status < 500 else "server_error",
            "param": None,
            "code": problem.kind,
        }
    return JSONResponse(
        body,
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store"} | dict(problem.headers),
    )


def install(app: FastAPI) -> None:
    """Make ``app`` answer every error with a problem. What nobody foresaw is caught by the tracing middleware."""

    def answer(request: Request, problem: Problem) -> JSONResponse:
        return respond(problem, trace_id=request.state.trace.trace_id, path=request.url.path)

    async def on_ours(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RagleapError)
        return answer(request, problem_of(error))

    async def on_validation(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return answer(request, invalid_input(error.errors()))

    async def on_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        return answer(request, http_problem(error, request.method, request.url.path))

    app.add_exception_handler(RagleapError, on_ours)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)


def _field(location: Sequence[object]) -> str:
    """The field's path; its first part only says where it was looked for (body, query, header)."""
    return ".".join(str(part) for part in location[1:]) or "body"
