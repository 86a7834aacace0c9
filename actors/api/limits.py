"""The size of what comes in: counted while it streams, so that nothing over the limit is ever held."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from actors.api import problem
from runtime.errors import Invalid, TooLarge

JSON_LIMIT = 2 * 1024 * 1024
FORM_OVERHEAD = 256 * 1024  # the other fields of an upload and its boundaries
UPLOAD_PATH = "/v1/documents"


class BodyLimit:
    """ASGI middleware: 413 as soon as a body is known to be too large, by its Content-Length or by counting.

    Frameworks turn errors of a body's reader into a 400 of their own; so once the limit is passed, whatever is
    answered is replaced by the 413.
    """

    def __init__(self, app: ASGIApp, *, max_upload_bytes: int) -> None:
        self._app = app
        self._max_upload = max_upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        upload = scope["path"].rstrip("/") == UPLOAD_PATH
        limit = self._max_upload + FORM_OVERHEAD if upload else JSON_LIMIT
        said = self._max_upload if upload else JSON_LIMIT
        declared = _content_length(scope)
        if declared > limit:
            raise too_large(said)
        seen = 0
        started = False

        async def counted_receive() -> Message:
            nonlocal seen
            message = await receive()
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                if seen > limit:
                    raise too_large(said)
            return message

        async def guarded_send(message: Message) -> None:
            nonlocal started
            if seen > limit and not started:
                return  # the framework's own words about the unread body
            started = True
            await send(message)

        try:
            await self._app(scope, counted_receive, guarded_send)
        except TooLarge:
            if started:
                raise
        if seen > limit and not started:
            found = problem.problem_of(too_large(said))
            trace_id = scope["state"]["trace"].trace_id
            await problem.respond(found, trace_id=trace_id, path=scope["path"])(scope, receive, send)


def too_large(limit: int) -> TooLarge:
    return TooLarge(f"The request is larger than {limit:,} bytes.", do="Send less, or split it.")


def _content_length(scope: Scope) -> int:
    for key, value in scope["headers"]:
        if key == b"content-length":
            try:
                return int(value)
            except ValueError as error:
                raise Invalid("Content-Length is not a number.") from error
    return 0
