"""The gateway's HTTP application: routers, error answers and middleware put together over one Door."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from fastapi import FastAPI

from actors.api import (
    channels,
    chat,
    completions,
    conversations,
    databases,
    dead_letters,
    documents,
    drafts,
    health,
    inbox,
    jobs,
    messages,
    owners,
    page,
    problem,
    reminders,
    search,
    tenants,
    webhooks,
)
from actors.api.door import Door
from actors.api.limits import BodyLimit
from actors.api.metrics import Metrics
from actors.api.tracing import Tracing
from actors.api.visitor_limits import VisitorLimits

_ABOUT = """Questions answered from a tenant's own documents, with citations.

Authenticate with `Authorization: Bearer <API key>`: the key is the tenant. Errors are RFC 9457 problem documents.
An `Idempotency-Key` header makes a POST safe to repeat. `429` and `503` carry `Retry-After`.
"""


def create_app(door: Door) -> FastAPI:
    """The application over ``door``. It keeps nothing between requests but counts, and never blocks the loop."""
    metrics = Metrics()
    app = FastAPI(title="RagLeap", version=_version(), description=_ABOUT, docs_url=None, redoc_url=None)
    app.state.door = door
    app.state.visitor_limits = VisitorLimits(door.settings, door.clock)
    problem.install(app)
    # The last one added is the outermost.
    app.add_middleware(BodyLimit, max_upload_bytes=door.settings.max_upload_bytes)
    app.add_middleware(Tracing, metrics=metrics, clock=door.clock)
    for router in (
        documents.router(),
        jobs.router(),
        search.router(),
        chat.router(),
        messages.router(),
        completions.router(),
        conversations.router(),
        inbox.router(),
        reminders.router(),
        dead_letters.router(),
        tenants.router(),
        channels.router(),
        databases.router(),
        owners.router(),
        drafts.router(),
        webhooks.router(metrics),
        health.router(metrics),
        page.router(),
    ):
        app.include_router(router)
    page.mount(app)
    return app


def _version() -> str:
    try:
        return version("ragleap")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "0"
