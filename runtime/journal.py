"""The journal: the cell's only way to the durable state.

One writer thread commits what many turns ask for in one transaction (group commit: one fsync for all of them); each
piece of work has a savepoint of its own, so that one that fails takes nobody else down. A write made under a
:class:`Lease` is refused with ``Fenced`` if the tenant's epoch has moved on, checked in the same transaction.
Readers run in a few threads beside it. Promise: when :meth:`Journal.write` returns, the work is on disk.

Every work says which tenant it is for, or ``ACROSS_TENANTS``. On PostgreSQL row-level security holds it to that
(:mod:`runtime.store.wall`); on SQLite the statements' own filters are the only wall.

A work may be run more than once (its first transaction may be rolled back because of a neighbour), so it touches
nothing but its connection.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar, overload

import structlog
from sqlalchemy import Connection, Engine, bindparam, select
from sqlalchemy.exc import DBAPIError, OperationalError

from runtime.errors import DeadlineExceeded, Fenced, Overloaded, RagleapError, Retryable, Terminal, Unavailable
from runtime.store.database import READERS, open_engine
from runtime.store.postgres import committed, passing, sqlstate, transaction_id
from runtime.store.tables import leases
from runtime.store.wall import Scope, checked, enter

T = TypeVar("T")

MAX_BATCH = 256
MAX_WAITING = 10_000
WRITE_DEADLINE_S = 30.0
READ_DEADLINE_S = 15.0
PATIENCE_S = 5.0  # how long a lost PostgreSQL server is looked for before its writes fail
RECONNECT_S = 0.1

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A cell's right to write for a tenant, as of ``epoch``."""

    tenant: str
    cell: str
    epoch: int


@dataclass(slots=True)
class _Work(Generic[T]):
    run: Callable[[Connection], T]
    scope: Scope
    lease: Lease | None
    done: Future[T]


class Journal:
    """Group-committing writer and pooled readers over one database."""

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        """``read_only``: for processes beside the cell (the door); writing then raises Terminal."""
        self._reader = open_engine(url, read_only=True)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="journal-read")
        self._writer: Engine | None = None if read_only else open_engine(url, pool_size=1)
        self._works: queue.Queue[_Work[Any] | None] = queue.Queue(MAX_WAITING)
        self._reading = 0
        self._failing_since: float | None = None
        self._pause = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._write_forever, name="journal-write", daemon=True)
        if self._writer is not None:
            self._thread.start()

    async def read(self, work: Callable[[Connection], T], *, tenant: Scope, deadline_s: float = READ_DEADLINE_S) -> T:
        """Run ``work`` on a read-only connection, for ``tenant``. Raises Retryable where the database is not
        reachable, Overloaded if too many reads wait."""
        self._check_open()
        checked(tenant)
        if self._reading >= MAX_WAITING:
            raise Overloaded("The journal has too many reads waiting.", retry_after=2)
        self._reading += 1
        try:
            async with asyncio.timeout(deadline_s):
                return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work, tenant)
        except TimeoutError as error:
            raise DeadlineExceeded(f"The journal did not answer a read within {deadline_s:.0f} s.") from error
        finally:
            self._reading -= 1

    @overload
    async def write(
        self, work: Callable[[Connection], T], *, lease: Lease, deadline_s: float = WRITE_DEADLINE_S
    ) -> T: ...

    @overload
    async def write(
        self, work: Callable[[Connection], T], *, tenant: Scope, deadline_s: float = WRITE_DEADLINE_S
    ) -> T: ...

    async def write(
        self,
        work: Callable[[Connection], T],
        *,
        lease: Lease | None = None,
        tenant: Scope | None = None,
        deadline_s: float = WRITE_DEADLINE_S,
    ) -> T:
        """Run ``work`` in the next group commit, for the lease's tenant or without a lease for ``tenant``; on return
        it is durable.

        Raises Fenced if ``lease`` is no longer the newest, Overloaded if too much waits, Retryable if the disk or
        the database failed (nothing of ``work`` is then stored), or what ``work`` itself raised. After
        DeadlineExceeded the work may or may not be stored: it was never begun, is being committed, or the server was
        lost in the commit and did not come back to tell.
        """
        self._check_open()
        if self._writer is None:
            raise Terminal("This process may only read the journal.", do="Send a message to the cell instead.")
        entry: _Work[T] = _Work(work, _scope(lease, tenant), lease, Future())
        try:
            self._works.put_nowait(entry)
        except queue.Full as error:
            raise Overloaded("The journal has too many writes waiting.", retry_after=2) from error
        try:
            async with asyncio.timeout(deadline_s):
                return await asyncio.wrap_future(entry.done)
        except TimeoutError as error:
            raise DeadlineExceeded(f"The journal did not commit within {deadline_s:.0f} s.") from error

    def close(self) -> None:
        """Commit what waits, then let go of the database. Blocking; call it once, last."""
        self._closed = True
        if self._writer is not None:
            self._works.put(None)
            self._thread.join()
            self._writer.dispose()
            self._refuse_latecomers()
        self._readers.shutdown()
        self._reader.dispose()

    def _check_open(self) -> None:
        if self._closed:
            raise Unavailable("The journal is closed.", do="The cell is shutting down; its successor has the work.")

    def _refuse_latecomers(self) -> None:
        """What slipped in behind the closing mark from another thread must not wait for its deadline."""
        while not self._works.empty():
            entry = self._works.get_nowait()
            if entry is not None and entry.done.set_running_or_notify_cancel():
                entry.done.set_exception(Unavailable("The journal was closed."))

    def _read(self, work: Callable[[Connection], T], scope: Scope) -> T:
        try:
            with self._reader.connect() as connection:
                enter(connection, scope)
                return work(connection)
        except DBAPIError as error:
            raise _translated(error) from error

    def _write_forever(self) -> None:
        while True:
            batch: list[_Work[Any]] = []
            entry = self._works.get()
            while entry is not None:
                batch.append(entry)
                if len(batch) >= MAX_BATCH:
                    break
                try:
                    entry = self._works.get_nowait()
                except queue.Empty:
                    break
            if batch:
                self._commit(batch)
            if entry is None:
                return

    def _commit(self, batch: list[_Work[Any]]) -> None:
        # From here on a work cannot be cancelled: whoever stops waiting just does not hear of its outcome.
        works = [entry for entry in batch if entry.done.set_running_or_notify_cancel()]
        while works:
            outcomes = self._transact(works)
            for entry, value, problem in outcomes:
                if problem is None:
                    entry.done.set_result(value)
                else:
                    entry.done.set_exception(problem)
            settled = {id(entry) for entry, _, _ in outcomes}
            works = [entry for entry in works if id(entry) not in settled]

    def _transact(self, works: list[_Work[Any]]) -> list[_Outcome]:
        """Commit ``works`` together; returns what became of them. If the database failed inside one of them, only that
        one's outcome comes back: the transaction is lost, and the others are to be tried without it. None at all come
        back where all of them are to be tried again."""
        assert self._writer is not None
        outcomes: list[_Outcome] = []
        inside = _Inside()
        running: _Work[Any] | None = None
        xid: str | None = None
        try:
            with self._writer.begin() as connection:
                for running in works:
                    outcomes.append(inside.attempt(connection, running))
                xid, running = transaction_id(connection), None
        except Exception as error:
            failure = _translated(error)
            log.error("journal.commit_failed", works=len(works), error=str(failure))
            if passing(error):
                return self._after_loss(works, outcomes, xid, failure)
            failed = works if running is None else [running]
            return [(entry, None, failure) for entry in failed]
        self._failing_since = None
        return outcomes

    def _after_loss(
        self, works: list[_Work[Any]], outcomes: list[_Outcome], xid: str | None, failure: BaseException
    ) -> list[_Outcome]:
        """The server was lost or wants the transaction tried again. ``xid``: it was lost in the commit itself, so only
        the server knows whether ``outcomes`` came true."""
        assert self._writer is not None
        fate = False if xid is None else committed(self._writer, xid)
        if fate:
            return outcomes
        now = time.monotonic()
        if self._failing_since is None:
            self._failing_since = now
        if fate is None:
            failure = DeadlineExceeded("The database was lost in a commit and has not told what became of it.")
        elif now - self._failing_since < PATIENCE_S:
            self._pause.wait(RECONNECT_S)
            return []
        return [(entry, None, failure) for entry in works]


_Outcome: TypeAlias = tuple[_Work[Any], Any, BaseException | None]


class _Inside:
    """What holds within one transaction: for whom it works now, and the leases that are locked in it."""

    def __init__(self) -> None:
        self._scope: Scope | None = None
        self._valid: set[Lease] = set()

    def attempt(self, connection: Connection, entry: _Work[Any]) -> _Outcome:
        """One work in its own savepoint. A failure of the database itself goes up and ends the transaction.

        Its scope is entered and its lease locked before the savepoint: a rollback to it would take both back, and the
        lock is what keeps the epoch for the works that follow.
        """
        try:
            if entry.scope != self._scope:
                enter(connection, entry.scope)
                self._scope = entry.scope
            self._check(connection, entry.lease)
        except Fenced as error:
            return entry, None, error
        savepoint = connection.begin_nested()
        try:
            value = entry.run(connection)
            savepoint.commit()
        except OperationalError:
            raise
        except Exception as error:
            savepoint.rollback()
            return entry, None, error if isinstance(error, RagleapError) else _translated(error)
        return entry, value, None

    def _check(self, connection: Connection, lease: Lease | None) -> None:
        if lease is None:
            self._valid.clear()  # it may be the one that gives leases out
        elif lease not in self._valid:
            check_lease(connection, lease)
            self._valid.add(lease)


def _scope(lease: Lease | None, tenant: Scope | None) -> Scope:
    """For whom a work is: exactly one of the two says it."""
    if lease is not None and tenant is None:
        return checked(lease.tenant)
    if tenant is not None and lease is None:
        return checked(tenant)
    raise TypeError("A write is made under a lease or for a tenant: give one of the two.")


def check_lease(connection: Connection, lease: Lease) -> None:
    """Raise Fenced unless ``lease`` is the tenant's newest."""
    row = connection.execute(_LEASE, {"tenant": lease.tenant}).first()
    if row is None or row.cell != lease.cell or row.epoch != lease.epoch:
        raise Fenced(
            f"Epoch {lease.epoch} of tenant {lease.tenant} at {lease.cell} is over.",
            do="The tenant's new cell has the work; send it there.",
            tenant=lease.tenant,
        )


# PostgreSQL: nobody may raise the epoch between this check and our commit (SQLite has one writer anyway).
_LEASE = (
    select(leases.c.cell, leases.c.epoch).where(leases.c.tenant_id == bindparam("tenant")).with_for_update(read=True)
)


_DISK_FULL = "53100"  # https://www.postgresql.org/docs/current/errcodes-appendix.html


def _translated(error: BaseException) -> BaseException:
    """The database's own exceptions as ours; anything else as it is."""
    if isinstance(error, OperationalError):
        reason = str(error.orig).splitlines()[0] if error.orig else "unknown"
        do = (
            "Free some space on the data directory's disk."
            if "full" in reason or sqlstate(error) == _DISK_FULL
            else "It will be tried again."
        )
        return Retryable(f"The journal's database failed: {reason}.", do=do).because(error)
    if isinstance(error, DBAPIError):
        return Terminal(f"The journal refused a row: {str(error.orig).splitlines()[0]}.").because(error)
    return error
