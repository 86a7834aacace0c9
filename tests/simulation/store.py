"""The faulty store: the runtime's real statements on a real SQLite in memory, which fails, lies and is slow on demand.

A commit may fail before it happens, or happen and its answer be lost; a statement may fail; a write waits a drawn time
before it is done and again before its outcome is told, so that a crash finds it on either side.
"""

from __future__ import annotations

import queue
import sqlite3
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from simulation.virtual_loop import Process, VirtualLoop
from sqlalchemy import Column, Engine, Float, Integer, MetaData, StaticPool, Table, Text, create_engine, event
from sqlalchemy.exc import OperationalError

from runtime import group_commit
from runtime.commit_figures import CommitFigures
from runtime.errors import Fenced, Unavailable
from runtime.group_commit import Outcome
from runtime.journal import MAX_BATCH, MAX_WAITING, Journal
from runtime.store.database import _sqlite_events
from runtime.store.tables import metadata

# What the simulated actors leave behind. Nothing in it is unique: a second effect is to be seen, not refused.
_ours = MetaData()
effects = Table(
    "simulated_effects",
    _ours,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("tenant_id", Text, nullable=False),
    Column("actor_key", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("turn_id", Text, nullable=False),
    Column("ended_late_s", Float, nullable=False),
)


@dataclass
class Faults:
    """How likely what is, per occasion. All zero: a good disk."""

    commit_fails: float = 0.0
    answer_lost: float = 0.0
    statement_fails: float = 0.0
    slow: float = 0.0  # a step takes seconds
    stalled: bool = False  # every step takes longer than a cell waits for its journal
    delay_s: float = 0.002  # an ordinary step takes up to this


class Connection(sqlite3.Connection):
    """SQLite's connection with two ways to fail a commit."""

    database: Database

    def commit(self) -> None:
        fate = self.database.fate()
        if fate == "fails" and self.in_transaction:
            raise sqlite3.OperationalError("disk I/O error (simulated, before the commit)")
        super().commit()
        if fate == "lost":
            raise sqlite3.OperationalError("disk I/O error (simulated, after the commit)")


class Database:
    """One database in memory for all seeds of a process: emptied for each, so that statements stay compiled."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", check_same_thread=False, factory=Connection)
        self.connection.database = self
        self.engine: Engine = create_engine(
            "sqlite://", creator=lambda: self.connection, poolclass=StaticPool, query_cache_size=2000
        )
        _sqlite_events(self.engine, read_only=False)
        event.listen(self.engine, "before_cursor_execute", self._before)
        self.reset(Random(0), Faults())
        metadata.create_all(self.engine)
        _ours.create_all(self.engine)
        self._template = sqlite3.connect(":memory:")
        self.connection.backup(self._template)

    def reset(self, random: Random, faults: Faults) -> None:
        """An empty database whose faults are drawn from ``random``."""
        self.random, self.faults = random, faults
        self.tally: dict[str, int] = {}
        if hasattr(self, "_template"):
            self._template.backup(self.connection)

    def rows(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """For the judges: past SQLAlchemy and every fault."""
        return self.connection.execute(statement, parameters).fetchall()

    def step_s(self) -> float:
        """How long the next step of the disk takes."""
        if self.faults.stalled:
            return self.random.uniform(20.0, 70.0)
        if self.faults.slow and self.random.random() < self.faults.slow:
            return self.random.uniform(0.5, 8.0) if self.random.random() < 0.97 else self.random.uniform(20.0, 70.0)
        return self.random.random() * self.faults.delay_s

    def fate(self) -> str:
        """What happens to the next commit."""
        faults = self.faults
        if not faults.commit_fails and not faults.answer_lost:
            return ""
        drawn = self.random.random()
        if drawn < faults.commit_fails:
            return self._count("fails")
        if drawn < faults.commit_fails + faults.answer_lost:
            return self._count("lost")
        return ""

    def _before(self, connection: object, cursor: object, statement: str, *rest: object) -> None:
        if self.faults.statement_fails and self.random.random() < self.faults.statement_fails:
            self._count("statement")
            raise OperationalError(statement, {}, sqlite3.OperationalError("disk I/O error (simulated)"))

    def _count(self, fault: str) -> str:
        self.tally[fault] = self.tally.get(fault, 0) + 1
        return fault


class SimulatedJournal(Journal):
    """The journal with its writer driven from the loop instead of a thread: same works, same transaction."""

    def __init__(self, database: Database, loop: VirtualLoop, process: Process, watch: Watch) -> None:
        self._writer = self._reader = database.engine
        self._readers = None  # type: ignore[assignment]  # the loop runs them
        self._reading = 0
        self._closed = False
        self._commits = CommitFigures()
        self._works = VirtualWriter(database, loop, watch, process.name)  # type: ignore[assignment]

    def refuse(self) -> None:
        """Its process is dead: nothing it still tries may reach the store."""
        self._closed = True
        self._works.waiting.clear()  # type: ignore[attr-defined]

    def _check_open(self) -> None:
        if self._closed:
            raise Unavailable("This process is dead.")


class Watch:
    """Sees every committed work that was done under a lease, in the order of commit."""

    def __init__(self) -> None:
        self.epochs: dict[str, int] = {}
        self.owners: dict[tuple[str, int], str] = {}
        self.broken: list[str] = []
        self.fenced = 0

    def committed(self, work: Any, process: str) -> None:
        if work.lease is None:
            return
        owner = self.owners.setdefault((work.lease.tenant, work.lease.epoch), process)
        if owner != process:
            self.broken.append(f"{owner} and {process} both wrote in epoch {work.lease.epoch} of {work.lease.tenant}")
        newest = self.epochs.get(work.lease.tenant, 0)
        if work.lease.epoch < newest:
            self.broken.append(f"epoch {work.lease.epoch} of {work.lease.tenant} wrote after epoch {newest}")
        self.epochs[work.lease.tenant] = max(newest, work.lease.epoch)


class VirtualWriter:
    """What the writer's queue and thread are to a journal, on virtual time."""

    def __init__(self, database: Database, loop: VirtualLoop, watch: Watch, process: str) -> None:
        self.waiting: deque[Any] = deque()
        self._group = group_commit.GroupCommit(database.engine)
        self._database = database
        self._loop = loop
        self._watch = watch
        self._process = process
        self._busy = False

    def qsize(self) -> int:
        return len(self.waiting)

    def put_nowait(self, work: Any) -> None:
        if len(self.waiting) >= MAX_WAITING:
            raise queue.Full
        self.waiting.append(work)
        if not self._busy:
            self._busy = True
            self._loop.call_later(self._database.step_s(), self._begin)

    def _begin(self) -> None:
        batch = [self.waiting.popleft() for _ in range(min(MAX_BATCH, len(self.waiting)))]
        self._go_on(self._group.commit(batch))

    def _go_on(self, commit: Iterator[list[Outcome]]) -> None:
        """The batch's next transaction, as the writer's thread would do it, but told some time later."""
        outcomes = next(commit, None)
        if outcomes is None:
            self._next()
            return
        for work, _, problem in outcomes:
            if problem is None:
                self._watch.committed(work, self._process)
            elif isinstance(problem, Fenced):
                self._watch.fenced += 1
        self._loop.call_later(self._database.step_s(), self._tell, outcomes, commit)

    def _tell(self, outcomes: list[Outcome], commit: Iterator[list[Outcome]]) -> None:
        group_commit.tell(outcomes)
        self._go_on(commit)

    def _next(self) -> None:
        if self.waiting:
            self._loop.call_later(self._database.step_s(), self._begin)
        else:
            self._busy = False
