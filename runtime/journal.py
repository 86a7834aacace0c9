"""The journal: the cell's only way to the durable state.

One writer thread commits what many turns ask for in one transaction (:mod:`runtime.group_commit`: one fsync for all of
them, a savepoint for each, leases checked). Readers run in a few threads beside it. Promise: when
:meth:`Journal.write` returns, the work is on disk.

Every work says which tenant it is for, or ``ACROSS_TENANTS``. On PostgreSQL row-level security holds it to that
(:mod:`runtime.store.wall`); on SQLite the statements' own filters are the only wall.

A work may be run more than once (its first transaction may be rolled back because of a neighbour), so it touches
nothing but its connection.

Held by tests/unit/runtime/test_journal.py::test_a_commit_is_on_disk_and_not_only_in_memory,
tests/unit/runtime/test_journal.py::test_many_concurrent_writes_share_few_commits, tests/unit/runtime/test_wall.py and
tests/integration/journal/test_lost_server.py.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar, overload

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from runtime.commit_figures import CommitFigures
from runtime.errors import DeadlineExceeded, Overloaded, Terminal, Unavailable
from runtime.group_commit import GroupCommit, Lease, Work, check_lease, tell, translated
from runtime.store.database import READERS, open_engine
from runtime.store.wall import Scope, checked, enter

T = TypeVar("T")

MAX_BATCH = 256
MAX_WAITING = 10_000
WRITE_DEADLINE_S = 30.0
READ_DEADLINE_S = 15.0

__all__ = ["Journal", "Lease", "check_lease"]


class Journal:
    """Group-committing writer and pooled readers over one database."""

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        """``read_only``: for processes beside the cell (the door); writing then raises Terminal."""
        self._reader = open_engine(url, read_only=True)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="journal-read")
        self._writer: Engine | None = None if read_only else open_engine(url, pool_size=1)
        self._works: queue.Queue[Work[Any] | None] = queue.Queue(MAX_WAITING)
        self._reading = 0
        self._closed = False
        self._commits = CommitFigures()
        self._thread = threading.Thread(target=self._write_forever, name="journal-write", daemon=True)
        if self._writer is not None:
            self._group = GroupCommit(self._writer)
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
        entry: Work[T] = Work(work, _scope(lease, tenant), lease, Future())
        try:
            self._works.put_nowait(entry)
        except queue.Full as error:
            raise Overloaded("The journal has too many writes waiting.", retry_after=2) from error
        try:
            async with asyncio.timeout(deadline_s):
                return await asyncio.wrap_future(entry.done)
        except TimeoutError as error:
            raise DeadlineExceeded(f"The journal did not commit within {deadline_s:.0f} s.") from error

    def figures(self) -> Mapping[str, object]:
        """How it commits (:mod:`runtime.commit_figures`), and how many writes wait."""
        return {**self._commits.numbers(), "waiting": self._works.qsize()}

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
            raise translated(error) from error

    def _write_forever(self) -> None:
        while True:
            batch: list[Work[Any]] = []
            entry = self._works.get()
            while entry is not None:
                batch.append(entry)
                if len(batch) >= MAX_BATCH:
                    break
                try:
                    entry = self._works.get_nowait()
                except queue.Empty:
                    break
            began = time.perf_counter()
            for outcomes in self._group.commit(batch):
                tell(outcomes)
            if batch:
                self._commits.committed(len(batch), time.perf_counter() - began)
            if entry is None:
                return


def _scope(lease: Lease | None, tenant: Scope | None) -> Scope:
    """For whom a work is: exactly one of the two says it."""
    if lease is not None and tenant is None:
        return checked(lease.tenant)
    if tenant is not None and lease is None:
        return checked(tenant)
    raise TypeError("A write is made under a lease or for a tenant: give one of the two.")
