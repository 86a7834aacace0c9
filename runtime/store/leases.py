"""Statements of the leases: which cell may write for a tenant, as of which epoch, and which life of a cell is its
newest. A process that was thought dead and goes on (frozen, cut off) learns here that another has its name now.

Held by tests/unit/runtime/test_leases.py and tests/integration/journal/test_several_cells.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, insert, select, update

from runtime.errors import Fenced, Unavailable
from runtime.store.dialect import upsert
from runtime.store.tables import incarnations, leases

_NAMED = 500  # tenants in one statement


def begin(connection: Connection, cell: str) -> int:
    """A new incarnation of ``cell`` begins; returns its number, which is above those of all former ones."""
    statement = upsert(connection, incarnations).values(cell=cell, number=1)
    newer = statement.on_conflict_do_update(index_elements=["cell"], set_={"number": incarnations.c.number + 1})
    return int(connection.execute(newer.returning(incarnations.c.number)).scalar_one())


def newest(connection: Connection, cell: str) -> int:
    """The number of the cell's newest incarnation; 0 where none has begun."""
    return int(connection.execute(_NEWEST, {"of": cell}).scalar() or 0)


# Built once: every cell asks once a tick.
_NEWEST = select(incarnations.c.number).where(incarnations.c.cell == bindparam("of"))


def holder(connection: Connection, tenant: str) -> str | None:
    """The cell that took the tenant's lease last, whether or not it has expired; None where none ever did."""
    return connection.execute(select(leases.c.cell).where(leases.c.tenant_id == tenant)).scalar()


def acquire(
    connection: Connection, tenant: str, cell: str, now: float, ttl_s: float, *, incarnation: int | None = None
) -> int:
    """Take or retake the tenant's lease for ``cell`` and return the new epoch.

    A restarted incarnation of the same cell raises the epoch at once, which fences its former self; another cell has
    to wait until the lease has expired (Unavailable says for how long). Raises Fenced where ``incarnation`` is not the
    cell's newest: a former self must not take back what its successor has.
    """
    _require_newest(connection, cell, incarnation)
    row = connection.execute(select(leases).where(leases.c.tenant_id == tenant).with_for_update()).first()
    if row is None:
        connection.execute(insert(leases).values(tenant_id=tenant, cell=cell, epoch=1, expires_at=now + ttl_s))
        return 1
    if row.cell != cell and row.expires_at > now:
        left = row.expires_at - now
        raise Unavailable(f"Tenant {tenant} is held by {row.cell} for {left:.0f} s.", retry_after=left, tenant=tenant)
    epoch = int(row.epoch) + 1
    connection.execute(
        update(leases).where(leases.c.tenant_id == tenant).values(cell=cell, epoch=epoch, expires_at=now + ttl_s)
    )
    return epoch


def renew(
    connection: Connection,
    tenants: Sequence[str],
    cell: str,
    now: float,
    ttl_s: float,
    *,
    incarnation: int | None = None,
) -> None:
    """Push back the expiry of what ``cell`` holds of ``tenants``: what it has released stays free. Raises Fenced as
    :func:`acquire` does."""
    _require_newest(connection, cell, incarnation)
    for first in range(0, len(tenants), _NAMED):
        some = leases.c.tenant_id.in_(tenants[first : first + _NAMED])
        connection.execute(update(leases).where(some, leases.c.cell == cell).values(expires_at=now + ttl_s))


def release(connection: Connection, tenant: str, cell: str, epoch: int) -> None:
    """Let another cell take the tenant at once (after a drain)."""
    connection.execute(
        update(leases)
        .where(leases.c.tenant_id == tenant, leases.c.cell == cell, leases.c.epoch == epoch)
        .values(expires_at=0.0)
    )


def _require_newest(connection: Connection, cell: str, incarnation: int | None) -> None:
    """None: nobody asks (a tool, a test)."""
    if incarnation is None:
        return
    # Locked, so that a successor that begins now waits until we have committed.
    number = connection.execute(_NEWEST.with_for_update(read=True), {"of": cell}).scalar()
    if number != incarnation:
        raise Fenced(f"A newer incarnation of {cell} runs ({number}, ours is {incarnation}).", do="End this process.")
