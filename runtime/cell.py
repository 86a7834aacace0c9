"""A cell: the tenants that it serves, in one process. It is the journal's only writer for them.

``accept`` commits and then delivers, ``ask`` only delivers, ``events`` shows an answer being made. At start a cell
takes up everything that its former incarnation had accepted and not finished. A cell knows nothing of Ray.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Any

import structlog
from sqlalchemy import select

from runtime.actor import Kind
from runtime.clock import Clock
from runtime.codec import Codec
from runtime.errors import NotFound, RagleapError, Unavailable
from runtime.journal import Journal, Lease
from runtime.limits import Limits
from runtime.message import Envelope, Receipt, StreamEvent
from runtime.random import Random
from runtime.store import inbox, leases
from runtime.store.tables import tenants
from runtime.streams import Streams
from runtime.supervisor import RestartIntensity
from runtime.tenant import FENCED, TenantSupervisor

log = structlog.get_logger(__name__)


class Cell:
    """Hosts tenants' virtual actors. Start it once, drain it once."""

    def __init__(
        self,
        name: str,
        *,
        kinds: Mapping[str, Kind],
        journal: Journal,
        codec: Codec,
        clock: Clock,
        random: Random,
        limits: Limits,
    ) -> None:
        self.name = name
        self._kinds = kinds
        self._journal = journal
        self._codec = codec
        self._clock = clock
        self._random = random
        self._limits = limits
        self._streams = Streams()
        self._tenants: dict[str, TenantSupervisor] = {}
        self._starting: dict[str, asyncio.Task[TenantSupervisor]] = {}
        self._intensities: dict[str, RestartIntensity] = {}
        self._quarantined: dict[str, str] = {}
        self._draining = False
        self._upkeep: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Wake the tenants that have unfinished messages, then keep leases, retries and idle actors in order."""
        self._upkeep = asyncio.get_running_loop().create_task(self._keep_up())
        for tenant in await self._journal.read(inbox.tenants_with_pending):
            try:
                await self.tenant(tenant)
            except RagleapError as error:
                log.error("cell.recovery_failed", tenant=tenant, error=str(error))

    async def accept(self, envelopes: Sequence[Envelope]) -> list[Receipt]:
        """Commit messages (of one tenant or several); on return they are on disk and on their way.

        Raises Overloaded, Unavailable or NotFound; what had been committed by then is a Duplicate when sent again.
        """
        by_tenant: dict[str, list[int]] = {}
        for index, envelope in enumerate(envelopes):
            by_tenant.setdefault(envelope.to.tenant, []).append(index)
        receipts: dict[int, Receipt] = {}
        for tenant, indexes in by_tenant.items():
            supervisor = await self.tenant(tenant)
            taken = await supervisor.accept([envelopes[index] for index in indexes])
            receipts.update(zip(indexes, taken, strict=True))
        return [receipts[index] for index in range(len(envelopes))]

    async def ask(self, envelope: Envelope) -> Any:
        """Question and reply. Raises what the actor raised, DeadlineExceeded, Overloaded or Unavailable."""
        supervisor = await self.tenant(envelope.to.tenant)
        return await supervisor.ask(envelope)

    async def events(self, tenant: str, message_id: str, *, after_seq: int = 0) -> AsyncIterator[StreamEvent]:
        """The message's events as they come; after a while without ``done`` it ends and the reader asks again.

        What was answered long ago is told from the journal. Raises NotFound for a message that never came.
        """
        supervisor = await self.tenant(tenant)
        stream = supervisor.watched(message_id)
        if stream is None:
            outcome = await self._journal.read(partial(inbox.outcome, tenant=tenant, message_id=message_id))
            if outcome is None:
                raise NotFound(f"There is no message {message_id}.", tenant=tenant)
            stream = supervisor.stream(message_id)
            if outcome.state != inbox.PENDING and not stream.finished:
                stream.add("done", outcome.done())
        reader = stream.read(after_seq)
        try:
            async with asyncio.timeout(self._limits.subscription_s):
                async for event in reader:
                    yield event
        except TimeoutError:
            return

    async def tenant(self, tenant: str) -> TenantSupervisor:
        """The tenant's supervisor, started under a new epoch if it is not running. One start at a time."""
        if self._draining:
            raise Unavailable("The cell is shutting down.", do="Try again shortly.", retry_after=3)
        supervisor = self._tenants.get(tenant)
        if supervisor is not None and not supervisor.ended:
            return supervisor
        task = self._starting.get(tenant)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._start_tenant(tenant))
            self._starting[tenant] = task
            task.add_done_callback(lambda _: self._starting.pop(tenant, None))
        return await asyncio.shield(task)

    def lease(self, tenant: str) -> Lease:
        """The lease under which services of this cell write for ``tenant``; Unavailable if it is not held."""
        supervisor = self._tenants.get(tenant)
        if supervisor is None or supervisor.ended:
            raise Unavailable(f"Tenant {tenant} is not held by {self.name}.", tenant=tenant)
        return supervisor.lease

    async def drop(self, tenant: str) -> None:
        """Stop a tenant's actors and forget it (before its deletion)."""
        supervisor = self._tenants.pop(tenant, None)
        if supervisor is not None:
            await supervisor.stop(grace_s=self._limits.drain_s)

    async def drain(self) -> None:
        """Refuse new work, end running turns, passivate, release the leases."""
        self._draining = True
        if self._upkeep is not None:
            self._upkeep.cancel()
            await asyncio.gather(self._upkeep, return_exceptions=True)
        supervisors, self._tenants = list(self._tenants.values()), {}
        await asyncio.gather(*(supervisor.stop(grace_s=self._limits.drain_s) for supervisor in supervisors))
        for supervisor in supervisors:
            lease = supervisor.lease
            await self._journal.write(partial(leases.release, tenant=lease.tenant, cell=lease.cell, epoch=lease.epoch))

    def status(self) -> dict[str, object]:
        """What an operator wants to see of this cell."""
        return {
            "cell": self.name,
            "draining": self._draining,
            "tenants": [supervisor.status() for supervisor in self._tenants.values()],
            "quarantined": dict(self._quarantined),
        }

    # --------------------------------------------------------------------- inside

    async def _start_tenant(self, tenant: str) -> TenantSupervisor:
        ended = self._tenants.pop(tenant, None)
        if ended is not None:
            await ended.stop(grace_s=0)
            if ended.ended != FENCED:
                self._count_restart(tenant, ended.ended)
        if tenant in self._quarantined:
            raise Unavailable(
                f"The tenant is quarantined: {self._quarantined[tenant]}.",
                do="`ragleap status` shows it; mend the cause and restart the cell.",
                retry_after=30,
                tenant=tenant,
            )
        now, ttl = self._clock.now(), self._limits.lease_ttl_s

        def acquire(connection: Any) -> int:
            state = connection.execute(select(tenants.c.state).where(tenants.c.tenant_id == tenant)).scalar()
            if state != "active":
                raise NotFound(f"There is no tenant {tenant}.", tenant=tenant)
            return leases.acquire(connection, tenant, self.name, now, ttl)

        epoch = await self._journal.write(acquire)
        supervisor = TenantSupervisor(
            Lease(tenant=tenant, cell=self.name, epoch=epoch),
            kinds=self._kinds,
            journal=self._journal,
            codec=self._codec,
            clock=self._clock,
            random=self._random,
            limits=self._limits,
            streams=self._streams,
        )
        self._tenants[tenant] = supervisor
        await supervisor.deliver_due()
        log.info("tenant.started", tenant=tenant, epoch=epoch)
        return supervisor

    def _count_restart(self, tenant: str, reason: str) -> None:
        intensity = self._intensities.setdefault(
            tenant, RestartIntensity(limit=self._limits.tenant_restarts, window_s=10 * self._limits.restart_window_s)
        )
        log.error("tenant.restart", tenant=tenant, reason=reason)
        if not intensity.failed(self._clock.monotonic()):
            self._quarantined[tenant] = reason
            log.error("tenant.quarantined", tenant=tenant, reason=reason)

    async def _keep_up(self) -> None:
        renewed = self._clock.monotonic()
        while True:
            await asyncio.sleep(self._limits.tick_s)
            now = self._clock.monotonic()
            try:
                if now - renewed >= self._limits.lease_ttl_s / 3:
                    wall, ttl = self._clock.now(), self._limits.lease_ttl_s
                    await self._journal.write(partial(leases.renew, cell=self.name, now=wall, ttl_s=ttl))
                    renewed = now
                for name, supervisor in list(self._tenants.items()):
                    if supervisor.ended:
                        await self.tenant(name)
                    await supervisor.deliver_due()
                    await supervisor.passivate_idle(now)
            except RagleapError as error:
                log.error("cell.upkeep_failed", error=str(error))
