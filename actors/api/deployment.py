"""The gateway as a Ray Serve deployment: the application is built in the replica, on the replica's own loop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ray import serve
from starlette.types import ASGIApp

from actors.api.app import create_app
from actors.api.door import Door
from runtime import heap


@serve.deployment(name="gateway", max_ongoing_requests=512)
@serve.ingress()
class Gateway:
    """Stateless. ``build_door`` comes from the composition root and must pickle by reference."""

    async def __init__(self, build_door: Callable[[], Awaitable[Door]]) -> None:  # type: ignore[misc]  # Serve awaits it
        self._door = await build_door()

    def __serve_build_asgi_app__(self) -> ASGIApp:
        app = create_app(self._door)
        heap.settle()
        return app
