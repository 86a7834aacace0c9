"""Statements of the job queue: claim fairly between tenants, report, finish, retry.

A job belongs to its newest claim, which ``attempt`` numbers; a report under an older one is refused, so a worker that
was thought dead cannot finish what another has taken over.

Held by tests/unit/actors/test_jobs.py and tests/integration/journal/test_several_cells.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, case, func, select, update

from runtime.errors import Fenced
from runtime.store.tables import document_versions, jobs, tenants

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"
STARTING = "starting"  # the stage of a claimed job of which its worker has not reported anything
LOST_AFTER_S = 60.0  # a job of which its worker reports nothing for so long after the claim never reached it


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
    failures: int
    deaths: int


def claim(
    connection: Connection,
    worker: str,
    now: float,
    serves: Callable[[str], bool] = lambda tenant: True,
    *,
    heard_since: float = 0.0,
) -> ClaimedJob | None:
    """Take the next job for ``worker`` ("name:incarnation"): of the tenants that ``serves`` names, the one served
    longest ago first, its oldest job first.

    What other incarnations of the same name still held is queued again: their process is gone. It counts as a death
    only where something was heard of the job at ``heard_since`` (when this cell came up) or later: a worker that fell
    before or together with its cell tells nothing of what it was reading. What another cell's worker fell silent over
    is queued again too, for it cannot finish what is served here now, and, for free, what this one was given and never
    began (the claim's reply was lost with the cell).
    """
    name = worker.partition(":")[0]
    ours = jobs.c.worker.startswith(f"{name}:", autoescape=True)
    connection.execute(
        update(jobs)
        .where(
            jobs.c.state == RUNNING,
            jobs.c.worker == worker,
            jobs.c.stage == STARTING,
            jobs.c.updated_at < now - LOST_AFTER_S,
        )
        .values(state=QUEUED, stage=QUEUED, worker="", due_at=now)
    )
    connection.execute(
        update(jobs)
        .where(jobs.c.state == RUNNING, ours, jobs.c.worker != worker)
        .values(**_OVER, deaths=jobs.c.deaths + case((jobs.c.updated_at >= heard_since, 1), else_=0), due_at=now)
    )
    silent = [jobs.c.state == RUNNING, ~ours, jobs.c.updated_at < now - LOST_AFTER_S]
    for tenant in connection.execute(select(jobs.c.tenant_id).where(*silent).distinct()).scalars().all():
        if serves(tenant):
            put_back(connection, tenant, now, *silent)
    tenant = _next_tenant(connection, now, serves)
    if tenant is None:
        return None
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
        .join(document_versions, _OF_VERSION)
        .where(jobs.c.tenant_id == tenant, jobs.c.state == QUEUED, jobs.c.due_at <= now)
        .order_by(jobs.c.seq)
        .limit(1)
        .with_for_update(of=jobs, skip_locked=True)  # PostgreSQL: another cell may be claiming at this moment
    ).first()
    if row is None:
        return None
    connection.execute(
        update(jobs).where(jobs.c.seq == row.seq).values(state=RUNNING, worker=worker, stage=STARTING, updated_at=now)
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
        failures=row.failures,
        deaths=row.deaths,
    )


# What becomes of a job whose claim is over without a report.
_OVER = {"state": QUEUED, "stage": QUEUED, "worker": "", "attempts": jobs.c.attempts + 1}

_OF_VERSION = and_(
    document_versions.c.tenant_id == jobs.c.tenant_id,
    document_versions.c.document_id == jobs.c.document_id,
    document_versions.c.version == jobs.c.version,
)


def _next_tenant(connection: Connection, now: float, serves: Callable[[str], bool]) -> str | None:
    """Of the active tenants with jobs that are due, the one that was served longest ago; of equals, who waits longest.

    The past is only looked at where more than one tenant waits: it grows without end.
    """
    waiting = connection.execute(
        select(jobs.c.tenant_id)
        .join(tenants, (tenants.c.tenant_id == jobs.c.tenant_id) & (tenants.c.state == "active"))
        .join(document_versions, _OF_VERSION)
        .where(jobs.c.state == QUEUED, jobs.c.due_at <= now)
        .group_by(jobs.c.tenant_id)
        .order_by(func.min(jobs.c.seq))
    )
    names: list[str] = [name for name in waiting.scalars() if serves(name)]
    if len(names) < 2:
        return names[0] if names else None
    served = connection.execute(
        select(jobs.c.tenant_id, func.max(jobs.c.updated_at))
        .where(jobs.c.tenant_id.in_(names), jobs.c.state != QUEUED)
        .group_by(jobs.c.tenant_id)
    )
    last = {row[0]: row[1] for row in served}
    return min(names, key=lambda name: last.get(name, 0.0))


def progress(
    connection: Connection, tenant: str, job_id: str, attempt: int, stage: str, done: int, total: int, now: float
) -> None:
    """Raises Fenced if the claim is over (the job was taken over, or its document was deleted)."""
    _change(connection, tenant, job_id, attempt, stage=stage, done=done, total=total, updated_at=now)


def end(
    connection: Connection, tenant: str, job_id: str, attempt: int, state: str, now: float, error: str = ""
) -> None:
    """Raises Fenced if the claim is over."""
    _change(connection, tenant, job_id, attempt, state=state, stage=state, error=error[:2000], updated_at=now)


def again(
    connection: Connection, tenant: str, job_id: str, attempt: int, *, due_at: float, error: str, now: float
) -> None:
    """Queue the job for another try at ``due_at``. Raises Fenced if the claim is over."""
    _change(
        connection, tenant, job_id, attempt,
        state=QUEUED, stage="waiting to try again", attempts=attempt + 1, failures=jobs.c.failures + 1, due_at=due_at,
        error=error[:2000], worker="", updated_at=now,
    )  # fmt: skip


def put_back(connection: Connection, tenant: str, now: float, *which: ColumnElement[bool]) -> None:
    """Queue again what is being worked on for a tenant that moves to another cell: its claims are over."""
    connection.execute(
        update(jobs).where(jobs.c.tenant_id == tenant, jobs.c.state == RUNNING, *which).values(**_OVER, due_at=now)
    )


def waiting(connection: Connection, serves: Callable[[str], bool] = lambda tenant: True) -> tuple[int, float | None]:
    """How many jobs of the tenants that ``serves`` names are queued or running, and when the earliest is due."""
    rows = connection.execute(
        select(jobs.c.tenant_id, jobs.c.state, func.count(), func.min(jobs.c.due_at))
        .where(jobs.c.state.in_((QUEUED, RUNNING)))
        .group_by(jobs.c.tenant_id, jobs.c.state)
    ).all()
    mine = [row for row in rows if serves(row[0])]
    return sum(row[2] for row in mine), min((row[3] for row in mine if row[1] == QUEUED), default=None)


def _change(connection: Connection, tenant: str, job_id: str, attempt: int, **values: object) -> None:
    mine = (jobs.c.tenant_id == tenant) & (jobs.c.job_id == job_id)
    changed = connection.execute(
        update(jobs).where(mine, jobs.c.state == RUNNING, jobs.c.attempts == attempt).values(**values)
    )
    if changed.rowcount != 1:
        raise Fenced(f"Job {job_id} is no longer yours.", do="Leave it and claim the next.", tenant=tenant)
