"""The chat page: its files, the session that a visitor gets, and /docs. No script stands in the markup (CSP)."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from pydantic import BaseModel
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from actors.api.auth import TheDoor
from actors.api.citations import WEB
from actors.api.door import READ_DEADLINE_S, Door, within
from actors.api.naming import conversation_of
from actors.api.sessions import Session
from runtime.clock import iso
from runtime.errors import NotFound

_STATIC = Path(__file__).parent / "static"
_CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


class SessionOut(BaseModel):
    token: str
    session_id: str
    conversation_id: str
    expires_at: str


def router() -> APIRouter:
    api = APIRouter(tags=["page"])

    @api.get("/chat/{embed_key}", name="chat_page", include_in_schema=False)
    async def page(embed_key: str, door: TheDoor) -> Response:
        if await _tenant(door, embed_key) is None:
            return _file("chat/gone.html", status=404)
        return _file("chat/index.html")

    @api.post("/chat/{embed_key}/session", status_code=201)
    async def begin(embed_key: str, request: Request, door: TheDoor) -> SessionOut:
        """A token for one new visitor: it chats and reads its own conversation, nothing else.

        Nothing is stored for it, so a repeat is safe. It begins another session, whatever its `Idempotency-Key`:
        whoever guessed a visitor's would have its conversation.
        """
        request.app.state.visitor_limits.begin(request)
        tenant = await _tenant(door, embed_key)
        if tenant is None:
            raise NotFound("There is no chat here.", do="Ask whoever gave you this link for a new one.")
        session = Session.new(tenant=tenant, embed_key=embed_key, now=door.clock.now())
        return SessionOut(
            token=door.sessions.sign(session),
            session_id=session.session_id,
            conversation_id=conversation_of(WEB, session.session_id),
            expires_at=iso(session.expires),
        )

    @api.get("/", include_in_schema=False)
    async def root() -> Response:
        return RedirectResponse("/docs")

    @api.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        return _file("docs/index.html")

    @api.get("/favicon.ico", include_in_schema=False)
    async def icon() -> Response:
        return _file("icon.svg")

    return api


def mount(app: FastAPI) -> None:
    app.mount("/static", _Assets(directory=_STATIC), name="static")


class _Assets(StaticFiles):
    """The static files with the page's headers; browsers ask each time whether they have changed."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers.update(_HEADERS)
        return response


def _file(name: str, *, status: int = 200) -> Response:
    return FileResponse(_STATIC / name, status_code=status, headers=_HEADERS)


async def _tenant(door: Door, embed_key: str) -> str | None:
    async with within(READ_DEADLINE_S, "The journal"):
        return await door.embed(embed_key)
