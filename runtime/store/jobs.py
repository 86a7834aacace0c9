"""Statements of the job queue: claim fairly between tenants, report, finish, retry.

A job belongs to the worker that claimed it last; a report by anyone else is refused, so a worker that was thought
dead cannot finish what another has taken over.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, select, update

from runtime.errors import Fenced, NotFound
from runtime.store.tables import document_versions, jobs

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedJob:
    """A job with what its worker must know of the version."""

    tenant: str
    job_id: str
    kind: str
    document_id: str
    version: int
    blob_key: str
    filename: str
    media_type: str
    title: str
    metadata: str
    trace_id: str
    attempts: int


def claim(connection: Connection, worker: str, now: float) -> ClaimedJob | None:
    """Take the next job for ``worker`` ("name:incarnation"): the tenant served longest ago first, its oldest job first.

    What other incarnations of the same name still held is queued again, one try spent: their process has died.
    """
    name = worker.partition(":")[0]
    connection.execute(
        update(jobs)
        .where(jobs.c.state == RUNNING, jobs.c.worker.startswith(f"{name}:", autoescape=True), jobs.c.worker != worker)
        .values(state=QUEUED, worker="", attempts=jobs.c.attempts + 1, due_at=now)
    )
    served = (
        select(jobs.c.tenant_id, func.max(jobs.c.updated_at).label("last"))
        .where(jobs.c.state != QUEUED)
        .group_by(jobs.c.tenant_id)
        .subquery()
    )
    columns = document_versions.c
    row = connection.execute(
        select(
            jobs,
            columns.blob_key,
            columns.filename,
            columns.media_type,
            columns.title,
            columns.metadata,
        )
        .join(
            document_versions,
            (columns.tenant_id == jobs.c.tenant_id)
            & (columns.document_id == jobs.c.document_id)
            & (columns.version == jobs.c.version),
        )
        .outerjoin(served, served.c.tenant_id == jobs.c.tenant_id)
        .where(jobs.c.state == QUEUED, jobs.c.due_at <= now)
        .order_by(func.coalesce(served.c.last, 0.0), jobs.c.seq)
        .limit(1)
    ).first()
    if row is None:
        return None
    connection.execute(
        update(jobs).where(jobs.c.seq == row.seq).values(state=RUNNING, worker=worker, stage="starting", updated_at=now)
    )
    if row.kind == "ingest":
        connection.execute(
            update(document_versions)
            .where(
                columns.tenant_id == row.tenant_id,
                columns.document_id == row.document_id,
                columns.version == row.version,
            )
            .values(state="running", updated_at=now)
        )
    return ClaimedJob(
        tenant=row.tenant_id,
        job_id=row.job_id,
        kind=row.kind,
        document_id=row.document_id,
        version=row.version,
        blob_key=row.blob_key,
        filename=row.filename,
        media_type=row.media_type,
        title=row.title,
        metadata=row.metadata,
        trace_id=row.trace_id,
        attempts=row.attempts,
    )


def progress(connection: Connection, tenant: str, job_id: str, stage: str, done: int, total: int, now: float) -> None:
    """Raises Fenced if the job is no longer running (it was taken over, or its document was deleted)."""
    _change(connection, tenant, job_id, stage=stage, done=done, total=total, updated_at=now)


def end(connection: Connection, tenant: str, job_id: str, state: str, now: float, error: str = "") -> None:
    _change(connection, tenant, job_id, state=state, stage=state, error=error[:2000], updated_at=now)


def again(connection: Connection, tenant: str, job_id: str, *, due_at: float, error: str, now: float) -> int:
    """Queue the job for another try; returns how many tries it has had."""
    attempts = connection.execute(
        select(jobs.c.attempts).where(jobs.c.tenant_id == tenant, jobs.c.job_id == job_id)
    ).scalar()
    if attempts is None:
        raise NotFound(f"There is no job {job_id}.", tenant=tenant)
    _change(
        connection, tenant, job_id,
        state=QUEUED, stage="waiting to try again", attempts=attempts + 1, due_at=due_at, error=error[:2000],
        updated_at=now,
    )  # fmt: skip
    return int(attempts) + 1


def postpone(connection: Connection, tenant: str, job_id: str, *, due_at: float) -> None:
    """Let a queued job wait until ``due_at``."""
    connection.execute(update(jobs).where(jobs.c.tenant_id == tenant, jobs.c.job_id == job_id).values(due_at=due_at))


def give_up(connection: Connection, tenant: str, job_id: str, *, error: str, now: float) -> None:
    """Fail a job that has been queued for another try once too often."""
    connection.execute(
        update(jobs)
        .where(jobs.c.tenant_id == tenant, jobs.c.job_id == job_id)
        .values(state=FAILED, stage=FAILED, error=error[:2000], updated_at=now)
    )


def waiting(connection: Connection) -> tuple[int, float | None]:
    """How many jobs are queued or running, and when the earliest queued one is due."""
    number = connection.execute(select(func.count()).where(jobs.c.state.in_((QUEUED, RUNNING)))).scalar_one()
    due = connection.execute(select(func.min(jobs.c.due_at)).where(jobs.c.state == QUEUED)).scalar()
    return int(number), due


def _change(connection: Connection, tenant: str, job_id: str, **values: object) -> None:
    changed = connection.execute(
        update(jobs)
        .where(jobs.c.tenant_id == tenant, jobs.c.job_id == job_id, jobs.c.state == RUNNING)
        .values(**values)
    )
    if changed.rowcount != 1:
        raise Fenced(f"Job {job_id} is no longer yours.", do="Leave it and claim the next.", tenant=tenant)
