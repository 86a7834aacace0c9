"""A cell: the tenants that it serves, in one process. It is the journal's only writer for them.

``accept`` commits and then delivers, ``ask`` only delivers, ``events`` shows an answer being made. At start a cell
takes up everything that its former incarnation had accepted and not finished. A tenant that the directory gives to
another cell is handed over: its turns end here, its messages go on there. A cell knows nothing of Ray.

Held by tests/unit/runtime/test_cell_messages.py, tests/unit/runtime/test_cell_turns.py,
tests/unit/runtime/test_cell_events.py, tests/unit/runtime/test_cell_hand_over.py,
tests/unit/runtime/test_cell_faults.py, tests/unit/runtime/test_public_door.py::test_a_cell_knows_nothing_of_ray and
tests/simulation/test_seeds.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

import structlog

from runtime.actor import Kind
from runtime.admission import Admission
from runtime.batch import taken_by_tenant
from runtime.channel import Outlet
from runtime.clock import Clock
from runtime.codec import Codec
from runtime.deadlines import Deadlines
from runtime.directory import Directory
from runtime.errors import Fenced, Moved, NotFound, RagleapError, Terminal, Unavailable
from runtime.journal import Journal, Lease
from runtime.leasing import Leasing
from runtime.limits import Limits
from runtime.message import Envelope, Receipt, StreamEvent
from runtime.random import Random
from runtime.roster import together
from runtime.store import inbox, leases, outbox, placements, reminders
from runtime.store.wall import ACROSS_TENANTS
from runtime.streams import Streams
from runtime.supervisor import TenantRestarts
from runtime.tally import Tally
from runtime.tenant import FENCED, TenantSupervisor
from runtime.turns import Turns

_HELD_S = 1.0  # how soon a tenant that another cell holds is asked for again
_LOOK_S = 5.0

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
        outlets: Mapping[str, Outlet] | None = None,
        left: Callable[[str], None] = lambda tenant: None,
        admission: Admission | None = None,
        give_up: Callable[[str], None] = lambda reason: None,
    ) -> None:
        """``outlets``: channels by name. ``left`` is told of each tenant that another cell serves from then on: what is
        cached of it is stale. Without ``admission`` nobody watches the memory. ``give_up`` ends this process, for the
        reason that it is given."""
        self.name = name
        self._kinds = kinds
        self._journal = journal
        self._codec = codec
        self._clock = clock
        self._random = random
        self._limits = limits
        self._outlets = outlets or {}
        self._left = left
        self._streams = Streams()
        self._deadlines = Deadlines()
        self._tenants: dict[str, TenantSupervisor] = {}
        self._starting: dict[str, asyncio.Task[TenantSupervisor]] = {}
        self._admission, self._give_up = admission, give_up
        self._turns = Turns(own=limits.own_turns, shared=limits.shared_turns)
        self._tally = Tally()
        self._restarts = TenantRestarts(limits, clock.monotonic())
        self._leasing = Leasing(name, journal, clock, limits)
        self._over = False  # another process of this name has started
        self._wanted: dict[str, float] = {}  # tenants with unfinished work that is not begun, and when to start them
        self._reminded: dict[str, float] = {}  # tenants that sleep, and the wall time at which their reminder comes
        self._tended: dict[str, asyncio.Task[None]] = {}
        self._directory = Directory(cells=(name,))
        self._looked = 0.0  # when unfinished work of tenants that are not held was last looked for
        self._watching = 0
        self._draining = False
        self._upkeep: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Wake the tenants that have unfinished messages, and the others when their next reminder comes; then keep
        leases, retries, reminders and idle actors in order."""
        await self._leasing.begin()
        self._directory = await self._journal.read(placements.load, tenant=ACROSS_TENANTS)
        await self._find_work()
        await self._start_wanted()
        loop = asyncio.get_running_loop()
        self._upkeep = [loop.create_task(self._keep_up()), loop.create_task(self._keep_leases())]

    async def accept(self, envelopes: Sequence[Envelope]) -> list[Receipt]:
        """Commit messages (of one tenant or several); on return they are on disk and on their way.

        Raises Overloaded, Unavailable or NotFound; what had been committed by then is a Duplicate when sent again.
        """

        async def take(tenant: str, own: list[Envelope]) -> list[Receipt]:
            for envelope in own:
                self._admit(envelope)
            return await (await self.tenant(tenant)).accept(own)

        return await taken_by_tenant(envelopes, take)

    async def ask(self, envelope: Envelope) -> Any:
        """Question and reply. Raises what the actor raised, DeadlineExceeded, Overloaded or Unavailable."""
        self._admit(envelope)
        supervisor = await self.tenant(envelope.to.tenant)
        return await supervisor.ask(envelope)

    async def events(self, tenant: str, message_id: str, *, after_seq: int = 0) -> AsyncGenerator[StreamEvent, None]:
        """The message's events as they come; after a while without ``done`` it ends and the reader asks again.

        What was answered long ago is told from the journal. Raises NotFound for a message that never came.
        """
        supervisor = await self.tenant(tenant)
        stream = await supervisor.watched(message_id)
        if stream is None:
            raise NotFound(f"There is no message {message_id}.", tenant=tenant)
        self._watching += 1
        reader = stream.read(after_seq)
        until = asyncio.get_running_loop().time() + self._limits.subscription_s
        try:
            while True:
                try:
                    # The time limit must not span the yield: it would strike the reader's own code.
                    async with asyncio.timeout_at(until):
                        event = await anext(reader)
                except (TimeoutError, StopAsyncIteration):
                    return
                yield event
        finally:
            self._watching -= 1
            await reader.aclose()

    async def tenant(self, tenant: str) -> TenantSupervisor:
        """The tenant's supervisor, started under a new epoch if it is not running. One start at a time.

        Raises Moved where the directory gives the tenant to another cell, and it is not held here any more.
        """
        if self._draining or self._over:
            raise Unavailable("The cell is shutting down.", do="Try again shortly.", retry_after=3)
        supervisor = self._tenants.get(tenant)
        if supervisor is not None and not supervisor.ended:
            return supervisor
        self.require_served(tenant)
        task = self._starting.get(tenant)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._start_tenant(tenant))
            self._starting[tenant] = task
            task.add_done_callback(partial(self._started, tenant))
        return await asyncio.shield(task)

    def serves(self, tenant: str) -> bool:
        """Whether the directory gives ``tenant`` to this cell."""
        return self._directory.cell_of(tenant) == self.name

    def require_served(self, tenant: str) -> None:
        """Raise Moved, which names the right cell, where ``tenant`` is not this one's."""
        if not self.serves(tenant):
            cell = self._directory.cell_of(tenant)
            raise Moved(f"Tenant {tenant} is served by {cell}.", cell=cell, tenant=tenant)

    def lease(self, tenant: str) -> Lease:
        """The lease under which services of this cell write for ``tenant``; Unavailable if it is not held."""
        supervisor = self._tenants.get(tenant)
        if supervisor is None or supervisor.ended:
            raise Unavailable(f"Tenant {tenant} is not held by {self.name}.", tenant=tenant)
        return supervisor.lease

    async def replay(self, tenant: str, message_id: str) -> bool:
        """Have a dead letter handled again (:mod:`runtime.dead_letters`)."""
        return await (await self.tenant(tenant)).replay(message_id)

    async def drop(self, tenant: str) -> None:
        """Stop a tenant's actors and forget it (before its deletion)."""
        self._wanted.pop(tenant, None)
        self._reminded.pop(tenant, None)
        supervisor = self._tenants.pop(tenant, None)
        if supervisor is not None:
            await supervisor.stop(grace_s=self._limits.drain_s)
        self._streams.forget(tenant)

    async def drain(self) -> None:
        """Refuse new work, end running turns, passivate, release the leases."""
        self._draining = True
        for task in (*self._upkeep, *self._tended.values()):
            task.cancel()
        await asyncio.gather(*self._upkeep, *self._tended.values(), *self._starting.values(), return_exceptions=True)
        supervisors, self._tenants = list(self._tenants.values()), {}
        await asyncio.gather(*(supervisor.stop(grace_s=self._limits.drain_s) for supervisor in supervisors))
        await self._leasing.release(supervisor.lease for supervisor in supervisors)

    def status(self) -> dict[str, object]:
        """What an operator wants to see of this cell."""
        return {
            "cell": self.name,
            "draining": self._draining,
            "cells": list(self._directory.names),
            "watching": self._watching,
            "tenants": [supervisor.status() for supervisor in self._tenants.values()],
            "quarantined": dict(self._restarts.quarantined),
            "kinds": together(supervisor.roster for supervisor in self._tenants.values()),
            "counts": self._tally.numbers(),
            "tenant_restarts": self._restarts.restarts,
            "turns_waiting": self._turns.waiting,
            "journal": self._journal.figures(),
            "memory": self._admission.status() if self._admission else {},
        }

    # --------------------------------------------------------------------- inside

    def _admit(self, envelope: Envelope) -> None:
        if self._admission is not None:
            self._admission.check(envelope.tier)

    async def _find_work(self) -> None:
        """Tenants of this cell that are not held: those with unfinished or unsent messages, and when reminders come."""
        now = self._looked = self._clock.monotonic()
        pending = await self._journal.read(
            lambda c: {*inbox.tenants_with_pending(c), *outbox.tenants_with_unsent(c)}, tenant=ACROSS_TENANTS
        )
        reminded = await self._journal.read(reminders.next_due_by_tenant, tenant=ACROSS_TENANTS)
        self._reminded = {tenant: due for tenant, due in reminded.items() if self._asleep_here(tenant)}
        for tenant in sorted(pending):
            if self._asleep_here(tenant):
                self._wanted.setdefault(tenant, now)

    def _asleep_here(self, tenant: str) -> bool:
        return tenant not in self._tenants and self.serves(tenant)

    async def _start_wanted(self) -> None:
        now, wall = self._clock.monotonic(), self._clock.now()
        wanted = [tenant for tenant, when in self._wanted.items() if when <= now]
        for tenant in (*wanted, *(tenant for tenant, due in self._reminded.items() if due <= wall)):
            try:
                await self.tenant(tenant)
            except Moved:
                self._wanted.pop(tenant, None)
            except RagleapError as error:
                log.error("cell.recovery_failed", tenant=tenant, error=str(error))

    async def _start_tenant(self, tenant: str) -> TenantSupervisor:
        ended = self._tenants.get(tenant)
        if ended is not None:
            await ended.stop(grace_s=0)
            self._tenants.pop(tenant, None)
            if ended.ended != FENCED:
                restart = self._restarts.failed(tenant, ended.ended, self._clock.monotonic())
                log.error("tenant.restart" if restart else "tenant.quarantined", tenant=tenant, reason=ended.ended)
        if tenant in self._restarts.quarantined:
            raise Unavailable(
                f"The tenant is quarantined: {self._restarts.quarantined[tenant]}.",
                do="`ragleap status` shows it; mend the cause and restart the cell.",
                retry_after=30,
                tenant=tenant,
            )
        supervisor = TenantSupervisor(
            await self._leasing.acquire(tenant),
            kinds=self._kinds,
            outlets=self._outlets,
            journal=self._journal,
            codec=self._codec,
            clock=self._clock,
            random=self._random,
            limits=self._limits,
            streams=self._streams,
            deadlines=self._deadlines,
            turns=self._turns,
            tally=self._tally,
        )
        try:
            # Before anything new is taken: what was accepted first has its turn first.
            await supervisor.deliver_due()
        except BaseException:
            await supervisor.stop(grace_s=0)
            raise
        self._tenants[tenant] = supervisor
        supervisor.begin_sending()
        log.info("tenant.started", tenant=tenant, epoch=supervisor.lease.epoch)
        return supervisor

    def _started(self, tenant: str, task: asyncio.Task[TenantSupervisor]) -> None:
        """A tenant with work that could not be started for now is tried again, whether or not anybody calls."""
        self._starting.pop(tenant, None)
        self._wanted.pop(tenant, None)
        self._reminded.pop(tenant, None)  # its supervisor knows from here on, or it is wanted again
        error = None if task.cancelled() else task.exception()
        if error is None or isinstance(error, Terminal | Fenced) or tenant in self._restarts.quarantined:
            return
        # Another cell that hands the tenant over releases its lease long before it would expire.
        wait = min(error.retry_after, _HELD_S) if isinstance(error, Unavailable) else self._limits.tick_s
        self._wanted[tenant] = self._clock.monotonic() + wait

    async def _keep_up(self) -> None:
        """Every tick: retries, reminders, idle actors and restarts. One tenant's trouble or slowness is its own."""
        while not self._over:
            await asyncio.sleep(self._limits.tick_s)
            await self._look_around()
            await self._start_wanted()
            now = self._clock.monotonic()
            if reason := self._restarts.give_up(now):
                log.error("cell.gives_up", cell=self.name, reason=reason)
                self._over = True
                self._give_up(reason)
            for tenant, supervisor in list(self._tenants.items()):
                if tenant in self._tended:
                    continue
                if not self.serves(tenant) and not supervisor.ended:
                    self._begin(tenant, self._hand_over(tenant, supervisor))
                elif supervisor.wants(now):
                    self._begin(tenant, _tried(tenant, partial(self._tend, tenant, supervisor)))

    async def _look_around(self) -> None:
        """What the directory says now, and from time to time whether work of this cell's tenants lies about."""
        try:
            self._directory, newest = await self._journal.read(
                lambda connection: (placements.load(connection), leases.newest(connection, self.name)),
                tenant=ACROSS_TENANTS,
            )
            if newest != self._leasing.incarnation:
                log.error("cell.superseded", cell=self.name, incarnation=self._leasing.incarnation, newest=newest)
                self._over = True
            elif self._clock.monotonic() - self._looked >= _LOOK_S:
                await self._find_work()
        except RagleapError as error:
            log.error("cell.directory_not_read", error=str(error))

    def _begin(self, tenant: str, upkeep: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(upkeep)
        self._tended[tenant] = task
        task.add_done_callback(partial(self._tended_done, tenant))

    async def _hand_over(self, tenant: str, supervisor: TenantSupervisor) -> None:
        """End the tenant's turns and release its lease. Messages that arrive meanwhile are committed; the next cell
        finds them in the inbox, and the jobs in the queue."""
        cell = self._directory.cell_of(tenant)
        log.info("tenant.hand_over", tenant=tenant, to=cell)
        try:
            await supervisor.stop(grace_s=self._limits.drain_s)
            await self._leasing.hand_over(supervisor.lease)
        except Fenced:
            pass  # it is served elsewhere already
        except RagleapError as error:
            log.error("tenant.not_released", tenant=tenant, error=str(error))  # the lease expires by itself
        if self._tenants.get(tenant) is supervisor:
            del self._tenants[tenant]
        self._streams.forget(tenant)
        self._left(tenant)

    def _tended_done(self, tenant: str, task: asyncio.Task[None]) -> None:
        self._tended.pop(tenant, None)

    async def _tend(self, tenant: str, supervisor: TenantSupervisor) -> None:
        if supervisor.ended == FENCED:
            await supervisor.stop(grace_s=0)  # whoever fenced it has its work
            if self._tenants.get(tenant) is supervisor:
                del self._tenants[tenant]
            self._left(tenant)
            return
        current = await self.tenant(tenant)
        # What is delivered does not depend on what is tidied up.
        for work in (current.keep_up, current.deliver_due, partial(current.passivate_idle, self._clock.monotonic())):
            await _tried(tenant, work)

    async def _keep_leases(self) -> None:
        while not self._over:
            await asyncio.sleep(self._limits.lease_ttl_s / 3)
            began = self._clock.monotonic()
            try:
                await self._leasing.renew(list(self._tenants))
                self._restarts.journal_answered()
            except RagleapError as error:
                self._restarts.journal_failed(error, began)
                log.error("cell.leases_not_renewed", error=str(error))


async def _tried(tenant: str, work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except RagleapError as error:
        log.error("tenant.upkeep_failed", tenant=tenant, error=str(error))
    except Exception:
        log.exception("tenant.upkeep_crashed", tenant=tenant)
