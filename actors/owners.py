"""The ``owners`` actor: one per tenant, the only one that says who speaks as the owner or as staff over a channel.

Only the owner may say so: staff cannot make itself the owner, and a customer nobody at all.

Held by tests/integration/channels/test_owners.py.
"""

from __future__ import annotations

from functools import partial

from actors.messages import AddOwner, OwnerChanged, RemoveOwner
from actors.owner_identity import known_as
from actors.ports import Owners
from runtime.actor import Actor, ActorContext, Turn, handles
from runtime.errors import Conflict, NotFound
from runtime.journal import Journal
from runtime.principal import Role
from runtime.store import owners
from runtime.store.owners import DropOwner, KeepOwner, OwnerRow

MOST_OWNERS = 200


class RegisteredOwners:
    """Out of the journal (``ports.Owners``). Nothing is kept between two looks: what was taken away counts at once."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    async def every(self, tenant: str) -> list[OwnerRow]:
        return await self._journal.read(partial(owners.of_tenant, tenant=tenant), tenant=tenant)

    async def of_kind(self, tenant: str, kind: str) -> dict[str, Role]:
        return await self._journal.read(partial(owners.of_kind, tenant=tenant, kind=kind), tenant=tenant)


class OwnersActor(Actor):
    def __init__(self, context: ActorContext, *, owners: Owners) -> None:
        super().__init__(context)
        self._owners = owners

    @handles(AddOwner)
    async def add(self, turn: Turn, message: AddOwner) -> OwnerChanged:
        """Raises Invalid, and Conflict where there are too many."""
        turn.principal.require(Role.OWNER)
        identity = known_as(message.kind, message.identity)
        registered = await self._owners.every(self.context.tenant)
        known = any((each.kind, each.identity) == (message.kind, identity) for each in registered)
        if not known and len(registered) >= MOST_OWNERS:
            raise Conflict(f"This tenant has {MOST_OWNERS} owners and staff already.", do="Remove one first.")
        role = Role.STAFF if message.staff else Role.OWNER
        turn.effect(KeepOwner(kind=message.kind, identity=identity, role=role))
        return OwnerChanged(kind=message.kind, identity=identity, role=role)

    @handles(RemoveOwner)
    async def remove(self, turn: Turn, message: RemoveOwner) -> OwnerChanged:
        """Raises Invalid and NotFound."""
        turn.principal.require(Role.OWNER)
        identity = known_as(message.kind, message.identity)
        if identity not in await self._owners.of_kind(self.context.tenant, message.kind):
            raise NotFound(f"{identity!r} is no owner over {message.kind}.", do="`ragleap owner list` shows who is.")
        turn.effect(DropOwner(kind=message.kind, identity=identity))
        return OwnerChanged(kind=message.kind, identity=identity, role="")
