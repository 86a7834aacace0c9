"""The operator's commands over the directory: which cells there are, add one, let one leave, place a tenant.

Every step is in the journal before anything acts on it, and each command may be given again: a cell that leaves hands
over what it has and is ended once it holds nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from sqlalchemy import Connection

from runtime.clock import Clock
from runtime.errors import Conflict, Invalid, Moved, Unavailable
from runtime.journal import Journal
from runtime.store import placements, tenants
from runtime.store.wall import ACROSS_TENANTS

_HANDED_OVER_S = 120.0
_LOOK_S = 0.5


class CellCommands:
    """Given to cell ``name``. ``start`` brings a cell's process up, ``end`` drains and ends it."""

    def __init__(
        self,
        name: str,
        journal: Journal,
        clock: Clock,
        *,
        several: bool,
        start: Callable[[str], Awaitable[None]],
        end: Callable[[str], Awaitable[None]],
    ) -> None:
        self._name = name
        self._journal = journal
        self._clock = clock
        self._several = several
        self._start = start
        self._end = end

    def commands(self) -> Mapping[str, Callable[[Mapping[str, object]], Awaitable[Mapping[str, object]]]]:
        return {"cell.list": self.every, "cell.add": self.add, "cell.remove": self.remove, "tenant.place": self.place}

    async def every(self, arguments: Mapping[str, object]) -> Mapping[str, object]:
        return {"cells": await self._cells()}

    async def add(self, arguments: Mapping[str, object]) -> Mapping[str, object]:
        """A new cell, serving. Raises Invalid on SQLite, which takes one."""
        if not self._several:
            raise Invalid("SQLite takes one cell.", do="Set RAGLEAP_DATABASE_URL to a PostgreSQL server to have more.")
        cell, dedicated = _name(arguments), bool(arguments.get("dedicated"))
        now = self._clock.now()
        await self._journal.write(
            lambda connection: placements.add(connection, cell, now, dedicated=dedicated), tenant=ACROSS_TENANTS
        )
        await self._start(cell)
        return {"cell": cell, "state": placements.SERVING, "dedicated": dedicated}

    async def remove(self, arguments: Mapping[str, object]) -> Mapping[str, object]:
        """Let a cell leave: its tenants go to the others, then it is ended. Raises Unavailable where that takes long;
        the same again goes on with it."""
        cell = _name(arguments)
        known = {str(row["cell"]): row["state"] for row in await self._cells()}
        if cell == self._name:  # it cannot wait for its own end
            others = [name for name, state in known.items() if name != cell and state == placements.SERVING]
            if not others:
                raise Conflict(f"{cell} is the last cell.", do="Add another one first.")
            raise Moved("A cell does not end itself.", cell=others[0])
        if known.get(cell) != placements.LEAVING:
            await self._journal.write(lambda connection: placements.leave(connection, cell), tenant=ACROSS_TENANTS)
        await self._handed_over(cell)
        await self._end(cell)
        await self._journal.write(lambda connection: placements.forget(connection, cell), tenant=ACROSS_TENANTS)
        return {"cell": cell, "state": "removed"}

    async def place(self, arguments: Mapping[str, object]) -> Mapping[str, object]:
        """Pin the tenant ``placed`` (id or name) to ``cell``; an empty one lets it go where the hash puts it."""
        wanted, cell = str(arguments.get("placed", "")), str(arguments.get("cell", ""))

        def apply(connection: Connection) -> tuple[str, str]:
            tenant = tenants.require(connection, wanted).tenant
            if cell:
                placements.pin(connection, tenant, cell)
            else:
                placements.unpin(connection, tenant)
            return tenant, placements.load(connection).cell_of(tenant)

        tenant, placed = await self._journal.write(apply, tenant=ACROSS_TENANTS)
        return {"tenant": tenant, "cell": placed, "pinned": bool(cell)}

    async def _cells(self) -> list[dict[str, object]]:
        return await self._journal.read(placements.every, tenant=ACROSS_TENANTS)

    async def _handed_over(self, cell: str) -> None:
        """Until the leaving cell holds no lease any more."""
        until = self._clock.monotonic() + _HANDED_OVER_S
        while await self._journal.read(
            lambda connection: placements.holds(connection, cell, self._clock.now()), tenant=ACROSS_TENANTS
        ):
            if self._clock.monotonic() >= until:
                raise Unavailable(f"{cell} still hands over its tenants.", do="Give the command again in a minute.")
            await asyncio.sleep(_LOOK_S)


def _name(arguments: Mapping[str, object]) -> str:
    cell = str(arguments.get("cell", ""))
    if not cell or len(cell) > 60 or not cell.replace("-", "").isalnum() or not cell.isascii():
        raise Invalid("A cell's name has at most 60 letters, digits and hyphens.")
    return cell
