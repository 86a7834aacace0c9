"""The leases of one cell: begun with its process, taken for a tenant under a new epoch, renewed, given back.

Promises: of all processes of a cell's name only the newest takes or renews a lease; each taking raises the epoch, so
that whoever wrote under the former one is fenced. What another cell's worker was at is queued again with the lease.

Held by tests/unit/runtime/test_leases.py, tests/unit/runtime/test_cell_messages.py, tests/unit/actors/test_jobs.py and
tests/simulation/test_seeds.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from runtime.clock import Clock
from runtime.errors import NotFound
from runtime.journal import Journal, Lease
from runtime.limits import Limits
from runtime.store import jobs, leases, placements
from runtime.store.tables import tenants
from runtime.store.wall import ACROSS_TENANTS


class Leasing:
    """For the cell ``name``; :meth:`begin` comes first."""

    def __init__(self, name: str, journal: Journal, clock: Clock, limits: Limits) -> None:
        self.incarnation: int | None = None
        self._name = name
        self._journal = journal
        self._clock = clock
        self._ttl_s = limits.lease_ttl_s

    async def begin(self) -> None:
        """The newest process of this name, from here on."""
        now = self._clock.now()

        def begin(connection: Connection) -> int:
            placements.register(connection, self._name, now)
            return leases.begin(connection, self._name)

        self.incarnation = await self._journal.write(begin, tenant=ACROSS_TENANTS)

    async def acquire(self, tenant: str) -> Lease:
        """Raises NotFound, Unavailable where another cell holds it, and Fenced where this process is a former self."""
        now = self._clock.now()

        def acquire(connection: Connection) -> int:
            state = connection.execute(select(tenants.c.state).where(tenants.c.tenant_id == tenant)).scalar()
            if state != "active":
                raise NotFound(f"There is no tenant {tenant}.", tenant=tenant)
            former = leases.holder(connection, tenant)
            epoch = leases.acquire(connection, tenant, self._name, now, self._ttl_s, incarnation=self.incarnation)
            if former not in (None, self._name):
                # It let the lease expire: nobody else will give back what its worker was at.
                jobs.put_back(connection, tenant, now)
            return epoch

        return Lease(tenant=tenant, cell=self._name, epoch=await self._journal.write(acquire, tenant=tenant))

    async def renew(self, tenants_held: Sequence[str]) -> None:
        now = self._clock.now()

        def renew(connection: Connection) -> None:
            leases.renew(connection, tenants_held, self._name, now, self._ttl_s, incarnation=self.incarnation)

        await self._journal.write(renew, tenant=ACROSS_TENANTS)

    async def release(self, held: Iterable[Lease]) -> None:
        """Let others take the tenants at once (after a drain)."""
        given_back = list(held)

        def release(connection: Connection) -> None:
            for lease in given_back:
                leases.release(connection, lease.tenant, lease.cell, lease.epoch)

        await self._journal.write(release, tenant=ACROSS_TENANTS)

    async def hand_over(self, lease: Lease) -> None:
        """Give one tenant back with its jobs. Raises Fenced where it is served elsewhere already."""
        now = self._clock.now()

        def release(connection: Connection) -> None:
            jobs.put_back(connection, lease.tenant, now)
            leases.release(connection, lease.tenant, lease.cell, lease.epoch)

        await self._journal.write(release, lease=lease)
