"""Group commit: what many turns ask for, in one transaction, and what became of each. It knows no queue and no thread.

A batch is tried as one transaction. Where a work fails, that is rolled back and made again with a savepoint for each,
so that one that fails takes nobody else down. A work under a
:class:`Lease` is refused with ``Fenced`` if the tenant's epoch has moved on, checked in the same transaction. Nobody
hears of an outcome before its transaction is over.

Held by tests/unit/runtime/test_journal.py, tests/integration/journal/test_lost_server.py and
tests/integration/journal/test_several_cells.py.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar

import structlog
from sqlalchemy import Connection, Engine, bindparam, select
from sqlalchemy.exc import DBAPIError, OperationalError, PendingRollbackError

from runtime.errors import DeadlineExceeded, Fenced, RagleapError, Retryable, Terminal
from runtime.store.commit_marks import CommitMarks
from runtime.store.postgres import passing, sqlstate
from runtime.store.tables import leases
from runtime.store.wall import Scope, enter

T = TypeVar("T")

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
class Work(Generic[T]):
    """What shall be done on the connection, for whom, and who waits for the outcome."""

    run: Callable[[Connection], T]
    scope: Scope
    lease: Lease | None
    done: Future[T]


Outcome: TypeAlias = tuple[Work[Any], Any, BaseException | None]  # the value, or what went wrong


class GroupCommit:
    """Commits batches of works on one engine, one batch at a time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._marks = CommitMarks()
        self._failing_since: float | None = None
        self._pause = threading.Event()

    def commit(self, batch: Sequence[Work[Any]]) -> Iterator[list[Outcome]]:
        """Do ``batch`` in as few transactions as it takes; yields what each has settled, once it is over."""
        # From here on a work cannot be cancelled: whoever stops waiting just does not hear of its outcome.
        works = [work for work in batch if work.done.set_running_or_notify_cancel()]
        while works:
            outcomes = self._transact(works)
            yield outcomes
            settled = {id(work) for work, _, _ in outcomes}
            works = [work for work in works if id(work) not in settled]

    def _transact(self, works: list[Work[Any]]) -> list[Outcome]:
        """Commit ``works`` together; returns what became of them. If the database failed inside one of them, only that
        one's outcome comes back: the transaction is lost, and the others are to be tried without it. None at all come
        back where all of them are to be tried again."""
        try:
            return self._try(works, savepoints=False)
        except _TakenAlong:
            return self._try(works, savepoints=True)

    def _try(self, works: list[Work[Any]], *, savepoints: bool) -> list[Outcome]:
        """One transaction. Raises _TakenAlong where a work failed and there was no savepoint to go back to."""
        outcomes: list[Outcome] = []
        inside = _Inside(savepoints=savepoints)
        running: Work[Any] | None = None
        mark: int | None = None
        try:
            with self._engine.begin() as connection:
                for running in works:
                    outcomes.append(inside.attempt(connection, running))
                    if not savepoints and outcomes[-1][2] is not None:
                        raise _TakenAlong
                mark, running = self._marks.mark(connection), None
        except _TakenAlong:
            raise
        except Exception as error:
            failure = translated(error)
            log.error("journal.commit_failed", works=len(works), error=str(failure))
            if passing(error):
                return self._after_loss(works, outcomes, mark, failure)
            failed = works if running is None else [running]
            return [(entry, None, failure) for entry in failed]
        self._failing_since = None
        return outcomes

    def _after_loss(
        self, works: list[Work[Any]], outcomes: list[Outcome], mark: int | None, failure: BaseException
    ) -> list[Outcome]:
        """The server was lost or wants the transaction tried again. ``mark``: it was lost in the commit itself, so only
        the server knows whether ``outcomes`` came true."""
        fate = False if mark is None else self._marks.committed(self._engine, mark)
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


def tell(outcomes: list[Outcome]) -> None:
    """Wake those who wait."""
    for work, value, problem in outcomes:
        if problem is None:
            work.done.set_result(value)
        else:
            work.done.set_exception(problem)


class _TakenAlong(Exception):
    """A work failed in a transaction without savepoints. Never leaves this module."""


class _Inside:
    """The works of one transaction, one after the other, and the leases that are locked in it."""

    def __init__(self, *, savepoints: bool) -> None:
        self._savepoints = savepoints
        self._valid: set[Lease] = set()

    def attempt(self, connection: Connection, entry: Work[Any]) -> Outcome:
        """One work. A failure of the database itself goes up and ends the transaction.

        Its scope is entered and its lease locked before the savepoint: a rollback to it would take both back, and the
        lock is what keeps the epoch for the works that follow.
        """
        try:
            enter(connection, entry.scope)  # also where the last one had the same: it may have changed it
            self._check(connection, entry.lease)
        except Fenced as error:
            return entry, None, error
        savepoint = connection.begin_nested() if self._savepoints else None
        try:
            value = entry.run(connection)
            if savepoint is not None:
                savepoint.commit()
        except Exception as error:
            if isinstance(error, OperationalError) or passing(error):
                raise
            if savepoint is not None:
                savepoint.rollback()
            return entry, None, error if isinstance(error, RagleapError) else translated(error)
        return entry, value, None

    def _check(self, connection: Connection, lease: Lease | None) -> None:
        if lease is None:
            self._valid.clear()  # it may be the one that gives leases out
        elif lease not in self._valid:
            check_lease(connection, lease)
            self._valid.add(lease)


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


def translated(error: BaseException) -> BaseException:
    """The database's own exceptions as ours; anything else as it is."""
    if isinstance(error, PendingRollbackError):
        return Retryable("The journal's database was lost.", do="It will be tried again.").because(error)
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
