"""Statements of the retention: find the rows of a tenant that are too old to be kept, and delete them.

Finding runs on a reader and costs the writer nothing; deleting goes by primary keys and asks for the state again, so
that what was replayed or has changed in between stays.

Held by tests/unit/runtime/test_retention.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Table, delete, select

from runtime.store.inbox import DEAD, DONE
from runtime.store.jobs import DONE as JOB_DONE
from runtime.store.jobs import FAILED as JOB_FAILED
from runtime.store.outbox import DISCARDED, FAILED, LETTER, SENT
from runtime.store.tables import dead_letters, inbox, jobs, outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """Wall times: of messages and what was sent for them, and of finished jobs and dead letters, what is older goes."""

    messages: float
    letters: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Old:
    """Primary keys (``seq``) of rows that may go. A dead letter's message goes with it."""

    inbox: tuple[int, ...] = ()
    outbox: tuple[int, ...] = ()
    jobs: tuple[int, ...] = ()
    letters: tuple[int, ...] = ()
    dead: tuple[int, ...] = ()
    failed: tuple[int, ...] = ()

    def __len__(self) -> int:
        return sum(map(len, (self.inbox, self.outbox, self.jobs, self.letters, self.dead, self.failed)))

    def full(self, limit: int) -> bool:
        """Whether one of the searches came to its limit, so that there may be more."""
        return max(map(len, (self.inbox, self.outbox, self.jobs, self.letters))) >= limit


def find(connection: Connection, tenant: str, cuts: Cuts, limit: int) -> Old:
    """At most ``limit`` rows of each table."""

    def seqs(table: Table, *where: ColumnElement[bool]) -> tuple[int, ...]:
        statement = select(table.c.seq).where(table.c.tenant_id == tenant, *where).limit(limit)
        return tuple(connection.execute(statement).scalars())

    letters = connection.execute(
        select(dead_letters.c.seq, inbox.c.seq.label("message"), outbox.c.seq.label("unsent"))
        .outerjoin(
            inbox,
            (inbox.c.tenant_id == dead_letters.c.tenant_id)
            & (inbox.c.message_id == dead_letters.c.message_id)
            & (inbox.c.state == DEAD),
        )
        .outerjoin(
            outbox,
            (dead_letters.c.kind == LETTER)
            & (outbox.c.tenant_id == dead_letters.c.tenant_id)
            & (outbox.c.outbox_id == dead_letters.c.message_id)
            & (outbox.c.state == FAILED),
        )
        .where(dead_letters.c.tenant_id == tenant, dead_letters.c.created_at < cuts.letters)
        .limit(limit)
    ).all()
    return Old(
        inbox=seqs(inbox, inbox.c.state == DONE, inbox.c.due_at < cuts.messages),
        outbox=seqs(outbox, outbox.c.state == SENT, outbox.c.due_at < cuts.messages)
        + seqs(outbox, outbox.c.state == DISCARDED, outbox.c.due_at < cuts.messages),
        jobs=seqs(jobs, jobs.c.state.in_((JOB_DONE, JOB_FAILED)), jobs.c.updated_at < cuts.letters),
        letters=tuple(row.seq for row in letters),
        dead=tuple(row.message for row in letters if row.message is not None),
        failed=tuple(row.unsent for row in letters if row.unsent is not None),
    )


def remove(connection: Connection, tenant: str, old: Old, cuts: Cuts) -> int:
    """Delete what :func:`find` has found, as far as it is still as old; returns how many rows are gone."""

    def gone(table: Table, seqs: tuple[int, ...], *where: ColumnElement[bool]) -> int:
        if not seqs:
            return 0
        statement = delete(table).where(table.c.tenant_id == tenant, table.c.seq.in_(seqs), *where)
        return connection.execute(statement).rowcount

    old_letters = dead_letters.c.created_at < cuts.letters
    still_dead = select(dead_letters.c.message_id).where(dead_letters.c.tenant_id == tenant, old_letters)
    return (
        gone(inbox, old.inbox, inbox.c.state == DONE)
        + gone(outbox, old.outbox, outbox.c.state.in_((SENT, DISCARDED)))
        + gone(jobs, old.jobs, jobs.c.state.in_((JOB_DONE, JOB_FAILED)))
        + gone(inbox, old.dead, inbox.c.state == DEAD, inbox.c.message_id.in_(still_dead))
        + gone(outbox, old.failed, outbox.c.state == FAILED, outbox.c.outbox_id.in_(still_dead))
        + gone(dead_letters, old.letters, old_letters)
    )
