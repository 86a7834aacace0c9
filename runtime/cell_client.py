"""The way into the cells over Ray (``runtime.client.Cells``): every call goes to the cell that serves its tenant.

While a cell's process is being restarted, or a tenant moves from one cell to another, a call is held for ``hold_s``
seconds and made again; every call is safe to repeat.

Held by tests/integration/test_cell_over_ray.py, tests/integration/test_sends_over_ray.py and
tests/e2e/test_cells_on_postgres.py.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from typing import Any, TypeVar

from runtime.batch import taken_by_tenant
from runtime.cell_link import CALL_DEADLINE_S, CellLink, Hold
from runtime.errors import Moved, RagleapError, Unavailable
from runtime.gathering import Gatherings, Reply
from runtime.message import Envelope, Receipt, StreamEvent
from runtime.routes import Routes

ADMIN_DEADLINE_S = 300.0
_ANSWER_S = 3.0  # a cell that says nothing for so long is passed over where another can do it

T = TypeVar("T")


class RayCells:
    """Routes by ``routes``; holds one link per cell."""

    def __init__(self, routes: Routes, *, hold_s: float) -> None:
        self._routes = routes
        self._hold_s = hold_s
        self._links: dict[str, CellLink] = {}
        self._gatherings = Gatherings(self._accept_each)

    async def accept(self, envelopes: Sequence[Envelope]) -> list[Receipt]:
        """Receipts in the order of ``envelopes``; those of different tenants are accepted apart."""

        async def take(tenant: str, own: list[Envelope]) -> list[Receipt]:
            return await self._held(partial(self._gatherings.accept, tenant, own))

        return await taken_by_tenant(envelopes, take)

    async def ask(self, envelope: Envelope) -> object:
        return await self._held(partial(self._call, envelope.to.tenant, "ask", envelope))

    async def events(self, tenant: str, message_id: str, *, after_seq: int = 0) -> AsyncIterator[StreamEvent]:
        """Ends after ``done``. Over a restart of the cell, or a move to another, the numbers go on and ``reset``
        tells of the new answer."""
        seen, holding = after_seq, Hold(10 * self._hold_s)
        while True:
            try:
                link = self._link(await self._routes.cell_of(tenant))
                async with aclosing(link.events(tenant, message_id, seen)) as events:
                    async for event in events:
                        seen = event.seq
                        holding.over()
                        yield event
                        if event.event == "done":
                            return
                holding.over()
            except Moved as error:
                self._routes.stale()
                await holding.wait(_moving(error))
            except Unavailable as error:
                await holding.wait(error)

    async def administer(self, command: str, arguments: Mapping[str, object]) -> Mapping[str, object]:
        """To the cell of the tenant that ``arguments`` name; without one, to the first cell that answers."""
        tenant = arguments.get("tenant")
        directory = await self._routes.directory()
        cell = directory.cell_of(tenant) if isinstance(tenant, str) else await self._answering(directory.names)
        try:
            return await self._administer(cell, command, arguments)
        except Moved as error:  # the tenant was called by its name, which only the journal can tell
            return await self._administer(error.cell, command, arguments)

    async def administer_every(
        self, command: str, arguments: Mapping[str, object], *, deadline_s: float = ADMIN_DEADLINE_S
    ) -> Mapping[str, Mapping[str, object]]:
        """To every cell at once: name of the cell → its reply, or its ``error``."""

        async def one(cell: str) -> Mapping[str, object]:
            try:
                return await self._administer(cell, command, arguments, deadline_s=deadline_s)
            except RagleapError as error:
                return {"cell": cell, "error": str(error)}

        names = (await self._routes.directory()).names
        return dict(zip(names, await asyncio.gather(*(one(name) for name in names)), strict=True))

    async def _answering(self, names: Sequence[str]) -> str:
        """A cell that serves: what any can do must not wait for one that is frozen or away. The first where none is."""
        for name in names if len(names) > 1 else ():
            with contextlib.suppress(RagleapError):
                await self._link(name).once("ready", deadline_s=_ANSWER_S)
                return name
        return names[0]

    async def _administer(
        self, cell: str, command: str, arguments: Mapping[str, object], *, deadline_s: float = ADMIN_DEADLINE_S
    ) -> Mapping[str, object]:
        """An operator's call to one cell, made once: it may not be safe to repeat."""
        reply: Mapping[str, object] = await self._link(cell).once(
            "administer", command, dict(arguments), deadline_s=deadline_s
        )
        return reply

    async def _accept_each(self, tenant: str, batches: list[list[Envelope]]) -> list[Reply]:
        replies: list[Reply] = await self._call(tenant, "accept_each", batches)
        return replies

    async def _call(self, tenant: str, method: str, argument: object) -> Any:
        """A cell that is silent is left where its tenant is given to another meanwhile: it may be frozen."""
        cell = await self._routes.cell_of(tenant)
        calling = asyncio.create_task(self._link(cell).once(method, argument, deadline_s=CALL_DEADLINE_S))
        try:
            while not (await asyncio.wait({calling}, timeout=_ANSWER_S))[0]:
                if (now := await self._cell_now(tenant, cell)) != cell:
                    raise Moved(f"Tenant {tenant} is served by {now}.", cell=now, tenant=tenant)
            return calling.result()
        finally:
            calling.cancel()
            await asyncio.gather(calling, return_exceptions=True)

    async def _cell_now(self, tenant: str, known: str) -> str:
        try:
            return await self._routes.cell_of(tenant)
        except RagleapError:  # the directory cannot be read: no news
            return known

    async def _held(self, call: Callable[[], Awaitable[T]]) -> T:
        holding = Hold(self._hold_s)
        while True:
            try:
                return await call()
            except Moved as error:
                self._routes.stale()
                await holding.wait(_moving(error))
            except Unavailable as error:
                # A cell that is starting or taking the tenant over says so, too: that is worth waiting for.
                await holding.wait(error)

    def _link(self, cell: str) -> CellLink:
        return self._links.setdefault(cell, CellLink(cell))


def _moving(error: Moved) -> Unavailable:
    tenant = error.ids.get("tenant", "")
    return Unavailable("The tenant is moving to another cell.", do="Try again shortly.", tenant=tenant).because(error)
