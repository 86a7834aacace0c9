"""The way into a cell over Ray (``runtime.client.Cells``), and a worker's way to the cell's services.

While the cell's process is being restarted, a call is held for ``hold_s`` seconds and made again; every call is safe
to repeat, because messages, jobs and documents carry ids that their senders chose.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import ray
from ray.exceptions import PendingCallsLimitExceeded, RayActorError, RayError

from runtime.cell_host import NAMESPACE
from runtime.errors import DeadlineExceeded, Overloaded, RagleapError, Unavailable
from runtime.message import Envelope, Receipt, StreamEvent

RETRY_S = 0.1
CALL_DEADLINE_S = 60.0
ADMIN_DEADLINE_S = 300.0


class RayCells:
    """Calls the cell that is named ``cell``."""

    def __init__(self, *, cell: str, hold_s: float) -> None:
        self._cell = cell
        self._hold_s = hold_s
        self._handle: Any = None

    async def accept(self, envelopes: Sequence[Envelope]) -> list[Receipt]:
        receipts: list[Receipt] = await self._call("accept", list(envelopes))
        return receipts

    async def ask(self, envelope: Envelope) -> object:
        return await self._call("ask", envelope)

    async def call(self, service: str, method: str, *arguments: object) -> Any:
        """A service of the cell, as a worker calls it."""
        return await self._call("call", service, method, *arguments)

    async def administer(self, command: str, arguments: Mapping[str, object]) -> Mapping[str, object]:
        reply: Mapping[str, object] = await self._call(
            "administer", command, dict(arguments), repeat=False, deadline_s=ADMIN_DEADLINE_S
        )
        return reply

    async def events(self, tenant: str, message_id: str, *, after_seq: int = 0) -> AsyncIterator[StreamEvent]:
        """Ends after ``done``. Over a restart of the cell the numbers go on and ``reset`` tells of the new answer."""
        seen, holding = after_seq, _Hold(10 * self._hold_s)
        while True:
            stream = None
            try:
                handle = await self._resolve()
                stream = handle.events.options(num_returns="streaming").remote(tenant, message_id, seen)
                async for reference in stream:
                    event = await reference
                    if isinstance(event, RagleapError):
                        raise event
                    seen = event.seq
                    holding.over()
                    yield event
                    if event.event == "done":
                        return
                holding.over()
            except (RayActorError, Unavailable) as error:
                self._handle = None
                await holding.wait(_away(self._cell).because(error))
            except RayError as error:
                raise _strange(error) from error
            finally:
                if stream is not None:
                    _leave(stream)

    async def _call(
        self, method: str, *arguments: object, repeat: bool = True, deadline_s: float = CALL_DEADLINE_S
    ) -> Any:
        holding = _Hold(self._hold_s if repeat else 0.0)
        while True:
            try:
                handle = await self._resolve()
                async with asyncio.timeout(deadline_s):
                    reply = await getattr(handle, method).remote(*arguments)
            except TimeoutError as error:
                raise DeadlineExceeded(f"The cell did not answer within {deadline_s:.0f} s.") from error
            except RayActorError as error:
                self._handle = None  # a restarted actor keeps its handle, one that was made anew does not
                reply = _away(self._cell).because(error)
            except Unavailable as error:
                reply = error
            except RayError as error:
                raise _strange(error) from error
            if not isinstance(reply, RagleapError):
                return reply
            # A cell that is starting or taking the tenant over says Unavailable: that is worth waiting for.
            if not isinstance(reply, Unavailable):
                raise reply
            await holding.wait(reply)

    async def _resolve(self) -> Any:
        if self._handle is None:
            try:
                self._handle = await asyncio.to_thread(ray.get_actor, self._cell, NAMESPACE)
            except ValueError as error:
                raise _away(self._cell) from error
        return self._handle


class _Hold:
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


def _away(cell: str) -> Unavailable:
    return Unavailable(
        f"{cell} is restarting.", do="Nothing accepted is lost; try again in a few seconds.", retry_after=3
    )


def _leave(stream: Any) -> None:
    """End a subscription whose reader has gone; the cell's generator is cancelled."""
    try:
        ray.cancel(stream)
    except (RayError, TypeError, ValueError):
        return
