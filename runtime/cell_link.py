"""The way to one cell over Ray: each call once, or held while the cell's process is being restarted.

Every call is safe to repeat, because messages, jobs and documents carry ids that their senders chose.

Held by tests/integration/test_cell_over_ray.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import ray
from ray.exceptions import PendingCallsLimitExceeded, RayActorError, RayError

from runtime.cell_host import NAMESPACE
from runtime.errors import DeadlineExceeded, Overloaded, RagleapError, Unavailable
from runtime.message import StreamEvent

RETRY_S = 0.1
CALL_DEADLINE_S = 60.0


class CellLink:
    """Calls the cell that is named ``cell``."""

    def __init__(self, cell: str) -> None:
        self.cell = cell
        self._handle: Any = None

    async def once(self, method: str, *arguments: object, deadline_s: float = CALL_DEADLINE_S) -> Any:
        """One call of the cell's actor. Raises Unavailable where its process is away, or what the cell answered."""
        try:
            handle = await self._resolve()
            async with asyncio.timeout(deadline_s):
                reply = await getattr(handle, method).remote(*arguments)
        except TimeoutError as error:
            raise DeadlineExceeded(f"The cell did not answer within {deadline_s:.0f} s.") from error
        except RayActorError as error:
            self._handle = None  # a restarted actor keeps its handle, one that was made anew does not
            raise self._away() from error
        except RayError as error:
            raise _strange(error) from error
        if isinstance(reply, RagleapError):
            raise reply
        return reply

    async def call(self, service: str, method: str, *arguments: object, hold_s: float) -> Any:
        """A service of the cell, as a worker calls it; held for ``hold_s`` while the cell is away."""
        holding = Hold(hold_s)
        while True:
            try:
                return await self.once("call", service, method, *arguments)
            except Unavailable as error:
                await holding.wait(error)

    async def events(self, tenant: str, message_id: str, after_seq: int) -> AsyncGenerator[StreamEvent, None]:
        """One subscription: it may end without ``done``, and raises Unavailable where the cell goes away."""
        stream = None
        try:
            handle = await self._resolve()
            stream = handle.events.options(num_returns="streaming").remote(tenant, message_id, after_seq)
            async for reference in stream:
                event = await reference
                if isinstance(event, RagleapError):
                    raise event
                yield event
        except RayActorError as error:
            self._handle = None
            raise self._away() from error
        except RayError as error:
            raise _strange(error) from error
        finally:
            if stream is not None:
                _leave(stream)

    async def _resolve(self) -> Any:
        if self._handle is None:
            try:
                self._handle = await asyncio.to_thread(ray.get_actor, self.cell, NAMESPACE)
            except ValueError as error:
                raise self._away() from error
        return self._handle

    def _away(self) -> Unavailable:
        return Unavailable(
            f"{self.cell} is restarting.", do="Nothing accepted is lost; try again in a few seconds.", retry_after=3
        )


class Hold:
    """How long a call is held while its cell is away: counted from when it was first found away."""

    def __init__(self, hold_s: float) -> None:
        self._hold_s = hold_s
        self._until: float | None = None

    def over(self) -> None:
        self._until = None

    async def wait(self, error: RagleapError) -> None:
        """Return when it is worth trying again; raise ``error`` if that has gone on for too long."""
        now = asyncio.get_running_loop().time()
        if self._until is None:
            self._until = now + self._hold_s
        if now >= self._until:
            raise error
        await asyncio.sleep(RETRY_S)


def _strange(error: RayError) -> RagleapError:
    if isinstance(error, PendingCallsLimitExceeded):
        return Overloaded("The cell has too many calls waiting.", retry_after=2)
    return RagleapError(f"The call to the cell failed: {type(error).__name__}.", do="The cell's log has the cause.")


def _leave(stream: Any) -> None:
    """End a subscription whose reader has gone; the cell's generator is cancelled."""
    try:
        ray.cancel(stream)
    except (RayError, TypeError, ValueError):
        return
