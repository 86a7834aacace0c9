"""The tenants of one cell: which it holds, from the first call or the first work that lies about until they leave.

A tenant is started under a new epoch, kept up once a tick, started again when it fails or set aside when it fails too
often, and handed over when the directory gives it to another cell. Promises: a tenant is started once at a time, and
what was accepted first has its turn first; one tenant's trouble or slowness is its own.

Held by tests/unit/runtime/test_cell_messages.py, tests/unit/runtime/test_cell_hand_over.py,
tests/unit/runtime/test_cell_escalation.py and tests/simulation/test_seeds.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

import structlog

from runtime.clock import Clock
from runtime.directory import Directory
from runtime.errors import Fenced, Moved, RagleapError, Terminal, Unavailable
from runtime.journal import Journal, Lease
from runtime.leasing import Leasing
from runtime.limits import Limits
from runtime.store import inbox, outbox, reminders
from runtime.store.wall import ACROSS_TENANTS
from runtime.streams import Streams
from runtime.supervisor import TenantRestarts
from runtime.tenant import FENCED, TenantSupervisor

_HELD_S = 1.0  # how soon a tenant that another cell holds is asked for again
_LOOK_S = 5.0

log = structlog.get_logger(__name__)


class Tenancies:
    """See the module. ``directory`` is replaced by its owner when it has read a newer one."""

    def __init__(
        self,
        cell: str,
        *,
        make: Callable[[Lease], TenantSupervisor],
        leasing: Leasing,
        restarts: TenantRestarts,
        streams: Streams,
        journal: Journal,
        clock: Clock,
        limits: Limits,
        left: Callable[[str], None],
    ) -> None:
        """``make`` makes a tenant's supervisor; ``left`` is told of each tenant that another cell serves from then on;
        ``restarts`` decides what becomes of one that failed."""
        self.directory = Directory(cells=(cell,))
        self.held: dict[str, TenantSupervisor] = {}
        self.closed = False  # nothing starts here any more
        self._cell = cell
        self._make = make
        self._leasing = leasing
        self._restarts = restarts
        self._streams = streams
        self._journal = journal
        self._clock = clock
        self._limits = limits
        self._left = left
        self._starting: dict[str, asyncio.Task[TenantSupervisor]] = {}
        self._wanted: dict[str, float] = {}  # tenants with unfinished work that is not begun, and when to start them
        self._reminded: dict[str, float] = {}  # tenants that sleep, and the wall time at which their reminder comes
        self._tended: dict[str, asyncio.Task[None]] = {}
        self._looked = 0.0  # when unfinished work of tenants that are not held was last looked for

    async def supervisor(self, tenant: str) -> TenantSupervisor:
        """The tenant's, started under a new epoch if it is not running. One start at a time.

        Raises Moved where the directory gives the tenant to another cell, and it is not held here any more.
        """
        if self.closed:
            raise Unavailable("The cell is shutting down.", do="Try again shortly.", retry_after=3)
        supervisor = self.held.get(tenant)
        if supervisor is not None and not supervisor.ended:
            return supervisor
        self.require_served(tenant)
        task = self._starting.get(tenant)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._start(tenant))
            self._starting[tenant] = task
            task.add_done_callback(partial(self._started, tenant))
        return await asyncio.shield(task)

    def serves(self, tenant: str) -> bool:
        """Whether the directory gives ``tenant`` to this cell."""
        return self.directory.cell_of(tenant) == self._cell

    def here(self, tenant: str) -> bool:
        """Whether ``tenant`` is held, or about to be."""
        return tenant in self.held or tenant in self._starting

    def require_served(self, tenant: str) -> None:
        """Raise Moved, which names the right cell, where ``tenant`` is not this one's."""
        if not self.serves(tenant):
            cell = self.directory.cell_of(tenant)
            raise Moved(f"Tenant {tenant} is served by {cell}.", cell=cell, tenant=tenant)

    def lease(self, tenant: str) -> Lease:
        """The lease that is held for ``tenant``; Unavailable if none is."""
        supervisor = self.held.get(tenant)
        if supervisor is None or supervisor.ended:
            raise Unavailable(f"Tenant {tenant} is not held by {self._cell}.", tenant=tenant)
        return supervisor.lease

    async def drop(self, tenant: str) -> None:
        """Stop a tenant's actors and forget it (before its deletion)."""
        self._wanted.pop(tenant, None)
        self._reminded.pop(tenant, None)
        supervisor = self.held.pop(tenant, None)
        if supervisor is not None:
            await supervisor.stop(grace_s=self._limits.drain_s)
        self._streams.forget(tenant)

    async def end(self) -> None:
        """Start nothing any more, end what runs, and release every lease."""
        self.closed = True
        for task in self._tended.values():
            task.cancel()
        await asyncio.gather(*self._tended.values(), *self._starting.values(), return_exceptions=True)
        supervisors, self.held = list(self.held.values()), {}
        await asyncio.gather(*(supervisor.stop(grace_s=self._limits.drain_s) for supervisor in supervisors))
        await self._leasing.release(supervisor.lease for supervisor in supervisors)

    # --------------------------------------------------------------------- work that lies about

    async def find_work(self) -> None:
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

    async def find_work_now_and_then(self) -> None:
        """It is there only where a start has failed or another cell has let go: every few seconds is enough."""
        if self._clock.monotonic() - self._looked >= _LOOK_S:
            await self.find_work()

    async def start_wanted(self) -> None:
        """Start those with work whose time has come."""
        now, wall = self._clock.monotonic(), self._clock.now()
        wanted = [tenant for tenant, when in self._wanted.items() if when <= now]
        for tenant in (*wanted, *(tenant for tenant, due in self._reminded.items() if due <= wall)):
            await _tried(tenant, partial(self._start_one, tenant))

    async def _start_one(self, tenant: str) -> None:
        try:
            await self.supervisor(tenant)
        except Moved:
            self._wanted.pop(tenant, None)

    def _asleep_here(self, tenant: str) -> bool:
        return tenant not in self.held and self.serves(tenant)

    # --------------------------------------------------------------------- starting

    async def _start(self, tenant: str) -> TenantSupervisor:
        ended = self.held.get(tenant)
        if ended is not None:
            await ended.stop(grace_s=0)
            self._streams.forget(tenant)  # what became of its messages the journal tells, also where it did not hear
            self.held.pop(tenant, None)
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
        supervisor = self._make(await self._leasing.acquire(tenant))
        try:
            # Before anything new is taken: what was accepted first has its turn first.
            await supervisor.deliver_due()
        except BaseException:
            await supervisor.stop(grace_s=0)
            raise
        self.held[tenant] = supervisor
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

    # --------------------------------------------------------------------- upkeep

    def keep_up(self) -> None:
        """Begin what there is to do for each tenant: retries, reminders, idle actors, a restart, leaving. Nobody waits
        for another."""
        now = self._clock.monotonic()
        for tenant, supervisor in list(self.held.items()):
            if tenant in self._tended:
                continue
            if not self.serves(tenant) and supervisor.ended != FENCED:  # also one that failed: its lease is held
                self._begin(tenant, partial(self._hand_over, tenant, supervisor))
            elif supervisor.wants(now):
                self._begin(tenant, partial(self._tend, tenant, supervisor))

    def _begin(self, tenant: str, upkeep: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.get_running_loop().create_task(_tried(tenant, upkeep))
        self._tended[tenant] = task
        task.add_done_callback(lambda task: self._tended.pop(tenant, None))

    async def _tend(self, tenant: str, supervisor: TenantSupervisor) -> None:
        if supervisor.ended == FENCED:
            await supervisor.stop(grace_s=0)  # whoever fenced it has its work
            if self.held.get(tenant) is supervisor:
                del self.held[tenant]
            self._streams.forget(tenant)
            self._left(tenant)
            return
        current = await self.supervisor(tenant)
        # What is delivered does not depend on what is tidied up.
        for work in (current.keep_up, current.deliver_due, partial(current.passivate_idle, self._clock.monotonic())):
            await _tried(tenant, work)

    async def _hand_over(self, tenant: str, supervisor: TenantSupervisor) -> None:
        """End the tenant's turns and release its lease. Messages that arrive meanwhile are committed; the next cell
        finds them in the inbox, and the jobs in the queue."""
        cell = self.directory.cell_of(tenant)
        log.info("tenant.hand_over", tenant=tenant, to=cell)
        try:
            await supervisor.stop(grace_s=self._limits.drain_s)
            await self._leasing.hand_over(supervisor.lease)
        except Fenced:
            pass  # it is served elsewhere already
        except RagleapError as error:
            log.error("tenant.not_released", tenant=tenant, error=str(error))  # the lease expires by itself
        if self.held.get(tenant) is supervisor:
            del self.held[tenant]
        self._streams.forget(tenant)
        self._left(tenant)


async def _tried(tenant: str, work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except RagleapError as error:
        log.error("tenant.upkeep_failed", tenant=tenant, error=str(error))
    except Exception:
        log.exception("tenant.upkeep_crashed", tenant=tenant)
