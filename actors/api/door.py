"""The door's collaborators: everything that the HTTP application needs, handed in by the composition root."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from actors import ports
from actors.api.sessions import SessionTokens
from actors.egress import Egress
from runtime.address import ActorId
from runtime.client import Cells
from runtime.clock import Clock
from runtime.config import Settings
from runtime.errors import DeadlineExceeded, RagleapError
from runtime.message import Envelope, Tier, Trace
from runtime.principal import Principal
from runtime.store.figures import Figures

READ_DEADLINE_S = 10.0
WRITE_DEADLINE_S = 30.0

Expected = TypeVar("Expected")


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What the gateway reaches the platform through. Every call it makes has a deadline.

    ``authenticate``: raw API key → principal, or None for an unknown or revoked one. ``operator``: is this the
    operator's key (compared in constant time)? ``embed``: public embed key of a chat page → tenant, or None.
    ``inlets``: the accounts at providers whose webhooks come in here. ``owners``: who speaks as the owner over them.
    ``ready``: what is not ready → why; empty when everything is. ``figures``: what waits in the journal.
    """

    cells: Cells
    records_for: Callable[[str], ports.Records]
    blobs_for: Callable[[str], ports.Blobs]
    authenticate: Callable[[str], Awaitable[Principal | None]]
    operator: Callable[[str], bool]
    embed: Callable[[str], Awaitable[str | None]]
    inlets: ports.Inlets
    owners: ports.Owners
    sessions: SessionTokens
    egress: Egress
    ready: Callable[[], Awaitable[Mapping[str, str]]]
    figures: Callable[[], Awaitable[Figures]]
    settings: Settings
    clock: Clock

    def envelope(
        self,
        to: ActorId,
        body: object,
        *,
        principal: Principal,
        trace: Trace,
        message_id: str,
        deadline_s: float = WRITE_DEADLINE_S,
        sender: str = "",
        tier: Tier = Tier.INTERACTIVE,
    ) -> Envelope:
        """One message from ``principal``, whose answer is waited for ``deadline_s`` from now."""
        return Envelope(
            message_id=message_id,
            to=to,
            principal=principal,
            body=body,
            trace=trace,
            deadline=self.clock.now() + deadline_s,
            sender=sender,
            tier=tier,
        )

    async def ask(self, envelope: Envelope, expected: type[Expected]) -> Expected:
        """Request and reply within the envelope's deadline; raises RagleapError where the reply is of another kind."""
        async with within(envelope.deadline - self.clock.now(), str(envelope.to)):
            reply = await self.cells.ask(envelope)
        if not isinstance(reply, expected):
            raise RagleapError(f"{envelope.to} replied with a {type(reply).__name__}, not a {expected.__name__}.")
        return reply

    async def administer(
        self, command: str, arguments: Mapping[str, object], *, deadline_s: float = WRITE_DEADLINE_S
    ) -> dict[str, Any]:
        """An operator's command, given to the cell that it concerns."""
        async with within(deadline_s, "The cell"):
            return dict(await self.cells.administer(command, arguments))


@asynccontextmanager
async def within(seconds: float, what: str) -> AsyncIterator[None]:
    """Bound the block by ``seconds``; raise DeadlineExceeded naming ``what`` was waited for."""
    try:
        async with asyncio.timeout(max(seconds, 0.0)):
            yield
    except TimeoutError as error:
        raise DeadlineExceeded(f"{what} did not answer within {seconds:.0f} s.", do="Try again.") from error
