"""The ``deliveries`` actor: one per tenant. Keeps what providers tell of our messages with the outbox's rows.

Held by tests/integration/channels/test_deliveries.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from actors.delivery import Part, noted, ours, parts_of
from actors.inbound import DeliveryTold
from actors.messages import DeliveriesKept, KeepDeliveries
from runtime.actor import Actor, Turn, TurnFacts, handles
from runtime.journal import Journal
from runtime.store import outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteDelivery:
    """One message's. A row that is not there (any more) is passed over."""

    outbox_id: str
    part: int
    told: DeliveryTold

    def apply(self, connection: Connection, facts: TurnFacts) -> None:
        outbox.note(connection, facts.tenant, self.outbox_id, partial(noted, part=self.part, told=self.told))


class ToldDeliveries:
    """What providers have told so far, out of the journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def of(self, tenant: str, outbox_id: str) -> dict[int, Part]:
        """By the part of the answer."""
        kept = await self._journal.read(partial(outbox.told, tenant=tenant, outbox_id=outbox_id), tenant=tenant)
        return parts_of(kept)


class DeliveriesActor(Actor):
    @handles(KeepDeliveries)
    async def keep(self, turn: Turn, message: KeepDeliveries) -> DeliveriesKept:
        """The caller has verified that the provider says so."""
        found = [(place, told) for told in message.deliveries if (place := ours(told.our_id)) is not None]
        for (outbox_id, part), told in found:
            turn.effect(NoteDelivery(outbox_id=outbox_id, part=part, told=told))
        return DeliveriesKept(number=len(found))
