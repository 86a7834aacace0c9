"""A cell: the tenants that it serves, in one process. It is the journal's only writer for them.

``accept`` commits and then delivers, ``ask`` only delivers, ``events`` shows an answer being made. At start a cell
takes up everything that its former incarnation had accepted and not finished (:mod:`runtime.tenancies`); two loops keep
it in order from then on. A cell that is broken, or under whose name another process has begun, refuses everything and
gives its process up. A cell knows nothing of Ray.

Held by tests/unit/runtime/test_cell_messages.py, tests/unit/runtime/test_cell_turns.py,
tests/unit/runtime/test_cell_events.py, tests/unit/runtime/test_cell_hand_over.py,
tests/unit/runtime/test_cell_faults.py, tests/unit/runtime/test_cell_escalation.py,
tests/unit/runtime/test_public_door.py::test_a_cell_knows_nothing_of_ray and tests/simulation/test_seeds.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
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
from runtime.errors import NotFound, RagleapError
from runtime.journal import Journal, Lease
from runtime.leasing import Leasing
from runtime.limits import Limits
from runtime.message import Envelope, Receipt, StreamEvent
from runtime.random import Random
from runtime.roster import together
from runtime.store import leases, placements
from runtime.store.wall import ACROSS_TENANTS
from runtime.streams import Streams
from runtime.supervisor import TenantRestarts
from runtime.tally import Tally
from runtime.tenancies import Tenancies
from runtime.tenant import TenantSupervisor
from runtime.turns import Turns

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
        self._journal = journal
        self._clock = clock
        self._limits = limits
        self._admission, self._give_up = admission, give_up
        self._streams = Streams()
        self._turns = Turns(own=limits.own_turns, shared=limits.shared_turns)
        self._tally = Tally()
        self._restarts = TenantRestarts(limits, clock.monotonic())
        self._leasing = Leasing(name, journal, clock, limits)
        self._tenancies = Tenancies(
            name,
            make=partial(
                TenantSupervisor,
                kinds=kinds,
                outlets=outlets or {},
                journal=journal,
                codec=codec,
                clock=clock,
                random=random,
                limits=limits,
                streams=self._streams,
                deadlines=Deadlines(),
                turns=self._turns,
                tally=self._tally,
            ),
            leasing=self._leasing,
            restarts=self._restarts,
            streams=self._streams,
            journal=journal,
            clock=clock,
            limits=limits,
            left=left,
        )
        self._watching = 0
        self._upkeep: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Wake the tenants that have unfinished messages, and the others when their next reminder comes; then keep
        leases, retries, reminders and idle actors in order."""
        await self._leasing.begin()
        self._tenancies.directory = await self._journal.read(placements.load, tenant=ACROSS_TENANTS)
        await self._tenancies.find_work()
        await self._tenancies.start_wanted()
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

        What was answered long ago is told from the journal. Raises NotFound for a message that never came, and Moved
        where another cell serves the tenant.
        """
        supervisor = await self.tenant(tenant)
        stream = await supervisor.watched(message_id)
        if stream is None:
            raise NotFound(f"There is no message {message_id}.", tenant=tenant)
        if not self._tenancies.here(tenant):  # it has left while the journal was asked: nothing would ever come
            self._streams.forget(tenant)
            self.require_served(tenant)
            return
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
        """The tenant's supervisor, started under a new epoch if it is not running.

        Raises Moved where the directory gives the tenant to another cell, and it is not held here any more; Unavailable
        where this process is about to end.
        """
        return await self._tenancies.supervisor(tenant)

    def serves(self, tenant: str) -> bool:
        """Whether the directory gives ``tenant`` to this cell."""
        return self._tenancies.serves(tenant)

    def require_served(self, tenant: str) -> None:
        """Raise Moved, which names the right cell, where ``tenant`` is not this one's."""
        self._tenancies.require_served(tenant)

    def lease(self, tenant: str) -> Lease:
        """The lease under which services of this cell write for ``tenant``; Unavailable if it is not held."""
        return self._tenancies.lease(tenant)

    async def replay(self, tenant: str, message_id: str) -> bool:
        """Have a dead letter handled again (:mod:`runtime.dead_letters`)."""
        return await (await self.tenant(tenant)).replay(message_id)

    async def drop(self, tenant: str) -> None:
        """Stop a tenant's actors and forget it (before its deletion)."""
        await self._tenancies.drop(tenant)

    async def drain(self) -> None:
        """Refuse new work, end running turns, passivate, release the leases."""
        self._tenancies.closed = True
        for task in self._upkeep:
            task.cancel()
        await asyncio.gather(*self._upkeep, return_exceptions=True)
        await self._tenancies.end()

    def status(self) -> dict[str, object]:
        """What an operator wants to see of this cell."""
        supervisors = list(self._tenancies.held.values())
        return {
            "cell": self.name,
            "draining": self._tenancies.closed,
            "cells": list(self._tenancies.directory.names),
            "watching": self._watching,
            "tenants": [supervisor.status() for supervisor in supervisors],
            "quarantined": dict(self._restarts.quarantined),
            "kinds": together(supervisor.roster for supervisor in supervisors),
            "counts": self._tally.numbers(),
            "tenant_restarts": self._restarts.restarts,
            "upkeep_crashes": self._restarts.crashes,
            "turns_waiting": self._turns.waiting,
            "journal": self._journal.figures(),
            "memory": self._admission.status() if self._admission else {},
        }

    # --------------------------------------------------------------------- inside

    def _admit(self, envelope: Envelope) -> None:
        if self._admission is not None:
            self._admission.check(envelope.tier)

    async def _keep_up(self) -> None:
        """Every tick, until this process is to end: what the directory says, and what there is to do for tenants."""
        while not (reason := self._restarts.give_up(self._clock.monotonic())):
            await asyncio.sleep(self._limits.tick_s)
            await self._unbroken("upkeep", self._tick)
        log.error("cell.gives_up", cell=self.name, reason=reason)
        self._tenancies.closed = True
        self._give_up(reason)

    async def _tick(self) -> None:
        if self._tenancies.closed:
            return  # superseded: what is left to this process is its end
        await self._look_around()
        await self._tenancies.start_wanted()
        self._tenancies.keep_up()

    async def _look_around(self) -> None:
        """What the directory says now, and from time to time whether work of this cell's tenants lies about."""
        try:
            self._tenancies.directory, newest = await self._journal.read(
                lambda connection: (placements.load(connection), leases.newest(connection, self.name)),
                tenant=ACROSS_TENANTS,
            )
            if newest != self._leasing.incarnation:
                log.error("cell.superseded", cell=self.name, incarnation=self._leasing.incarnation, newest=newest)
                self._tenancies.closed = True
                self._restarts.superseded()
            else:
                await self._tenancies.find_work_now_and_then()
        except RagleapError as error:
            log.error("cell.directory_not_read", error=str(error))

    async def _keep_leases(self) -> None:
        while not self._tenancies.closed:
            await asyncio.sleep(self._limits.lease_ttl_s / 3)
            await self._unbroken("leasing", self._renew)

    async def _renew(self) -> None:
        began = self._clock.monotonic()
        try:
            await self._leasing.renew(list(self._tenancies.held))
            self._restarts.journal_answered()
        except RagleapError as error:
            self._restarts.journal_failed(error, began)
            log.error("cell.leases_not_renewed", error=str(error))

    async def _unbroken(self, what: str, work: Callable[[], Awaitable[None]]) -> None:
        """A mistake in what the cell does for itself must not end that unseen: it goes on, and too many end the
        process."""
        try:
            await work()
        except Exception as error:
            log.exception("cell.upkeep_crashed", cell=self.name, what=what)
            self._restarts.crashed(f"its {what} keeps crashing with {type(error).__name__}", self._clock.monotonic())
