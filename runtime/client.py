"""The way into the cells, as the door sees it: accept, ask, events. ``cell_client`` implements it over Ray."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Protocol

from runtime.message import Envelope, Receipt, StreamEvent


class Cells(Protocol):
    """Routes by tenant. While a cell is down, a call is held for a few seconds, then raises ``Unavailable``."""

    async def accept(self, envelopes: Sequence[Envelope]) -> list[Receipt]:
        """Commit durable messages; on return they are on disk. Raises Overloaded, Unavailable."""
        ...

    async def ask(self, envelope: Envelope) -> object:
        """Request and reply, not journaled on the way in. Raises whatever RagleapError the actor raised."""
        ...

    def events(self, tenant: str, message_id: str, *, after_seq: int = 0) -> AsyncIterator[StreamEvent]:
        """The answer to an accepted message as it comes; ends after ``done``. Survives restarts of the cell."""
        ...

    async def administer(self, command: str, arguments: Mapping[str, object]) -> Mapping[str, object]:
        """Operator's calls that belong to no tenant's actor: ``tenant.create``, ``tenant.list``, ``tenant.delete``,
        ``key.mint``. They go to the cell of the tenant that ``arguments`` name, or to any."""
        ...

    async def administer_every(
        self, command: str, arguments: Mapping[str, object], *, deadline_s: float = 300.0
    ) -> Mapping[str, Mapping[str, object]]:
        """The same call to every cell (``status``, ``drain``): name of the cell → its reply, or its ``error``."""
        ...
