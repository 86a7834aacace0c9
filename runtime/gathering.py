"""Callers of one tenant share a call to its cell: what comes while calls are under way goes together in the next.

A call over Ray costs both processes more than the message in it (measured), so under load a call carries many, and
where there is none each message goes at once. Every caller hears of its own messages only: a refusal of one is not the
others'. Tenants are gathered apart, so that one that is slow to start holds nobody else up.

Held by tests/unit/runtime/test_gathering.py.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeAlias

from runtime.errors import Overloaded, RagleapError
from runtime.message import Envelope, Receipt

AT_ONCE = 4  # calls of one tenant under way
MOST = 64  # callers in one call
WAITING = 2_000  # callers of one tenant

Reply: TypeAlias = list[Receipt] | RagleapError
Call: TypeAlias = Callable[[list[list[Envelope]]], Awaitable[list[Reply]]]
_Caller: TypeAlias = tuple[list[Envelope], "asyncio.Future[list[Receipt]]"]


class Gatherings:
    """A gathering for each tenant of which messages are on their way; ``call`` is told whose it is."""

    def __init__(self, call: Callable[[str, list[list[Envelope]]], Awaitable[list[Reply]]]) -> None:
        self._call = call
        self._by_tenant: dict[str, Gathering] = {}

    async def accept(self, tenant: str, envelopes: list[Envelope]) -> list[Receipt]:
        """As :meth:`Gathering.accept`."""
        gathering = self._by_tenant.get(tenant)
        if gathering is None:
            over = partial(self._by_tenant.pop, tenant, None)
            gathering = self._by_tenant[tenant] = Gathering(partial(self._call, tenant), over)
        return await gathering.accept(envelopes)


class Gathering:
    """One tenant's callers. ``call`` takes the messages of several and replies for each, in their order; ``over`` is
    told when nobody waits any more."""

    def __init__(self, call: Call, over: Callable[[], object]) -> None:
        self._call = call
        self._over = over
        self._waiting: deque[_Caller] = deque()
        self._calls: set[asyncio.Task[None]] = set()

    async def accept(self, envelopes: list[Envelope]) -> list[Receipt]:
        """The receipts, or what the cell says instead. Raises Overloaded where too many wait. It ends when ``call``
        does, which has a deadline."""
        if len(self._waiting) >= WAITING:
            raise Overloaded("Too many messages wait for the cell.", retry_after=2)
        reply: asyncio.Future[list[Receipt]] = asyncio.get_running_loop().create_future()
        self._waiting.append((envelopes, reply))
        self._go_on()
        return await reply

    def _go_on(self) -> None:
        while self._waiting and len(self._calls) < AT_ONCE:
            callers = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
            # Those who have left meanwhile have sent nothing.
            staying = [caller for caller in callers if not caller[1].done()]
            if staying:
                task = asyncio.get_running_loop().create_task(self._send(staying))
                self._calls.add(task)
                task.add_done_callback(partial(self._ended, staying))

    async def _send(self, callers: Sequence[_Caller]) -> None:
        try:
            replies = await self._call([envelopes for envelopes, _ in callers])
        except RagleapError as error:
            replies = [error] * len(callers)
        for (_, reply), told in zip(callers, replies, strict=True):
            if reply.done():
                continue
            if isinstance(told, RagleapError):
                reply.set_exception(told)
            else:
                reply.set_result(told)

    def _ended(self, callers: Sequence[_Caller], task: asyncio.Task[None]) -> None:
        self._calls.discard(task)
        error = asyncio.CancelledError() if task.cancelled() else task.exception()
        if error is not None:  # a bug: nobody shall wait for ever because of it
            for _, reply in callers:
                if not reply.done():
                    reply.set_exception(RagleapError(f"The call to the cell failed: {type(error).__name__}."))
        self._go_on()
        if not self._calls:
            self._over()
