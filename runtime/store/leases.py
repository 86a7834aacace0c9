"""Statements of the leases: which cell may write for a tenant, as of which epoch."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, update

from runtime.errors import Fenced, Unavailable
from runtime.store.tables import leases


def acquire(
    connection: Connection, tenant: str, cell: str, now: float, ttl_s: float, *, held: int | None = None
) -> int:
    """Take or retake the tenant's lease for ``cell`` and return the new epoch.

    A restarted incarnation of the same cell raises the epoch at once, which fences its former self; another cell has
    to wait until the lease has expired (Unavailable says for how long). ``held`` is the last epoch that this very
    process had: where its own name holds a newer one, this process is the former self, and Fenced tells it so.
    """
    row = connection.execute(select(leases).where(leases.c.tenant_id == tenant).with_for_update()).first()
    if row is None:
        connection.execute(insert(leases).values(tenant_id=tenant, cell=cell, epoch=1, expires_at=now + ttl_s))
        return 1
    if row.cell != cell and row.expires_at > now:
        left = row.expires_at - now
        raise Unavailable(f"Tenant {tenant} is held by {row.cell} for {left:.0f} s.", retry_after=left, tenant=tenant)
    if row.cell == cell and held is not None and row.epoch != held:
        raise Fenced(
            f"A newer incarnation of {cell} holds tenant {tenant} (epoch {row.epoch}, ours was {held}).",
            do="End this process.",
            tenant=tenant,
        )
    epoch = int(row.epoch) + 1
    connection.execute(
        update(leases).where(leases.c.tenant_id == tenant).values(cell=cell, epoch=epoch, expires_at=now + ttl_s)
    )
    return epoch


def renew(connection: Connection, cell: str, now: float, ttl_s: float) -> None:
    """Push back the expiry of everything that ``cell`` holds."""
    connection.execute(update(leases).where(leases.c.cell == cell).values(expires_at=now + ttl_s))


def release(connection: Connection, tenant: str, cell: str, epoch: int) -> None:
    """Let another cell take the tenant at once (after a drain)."""
    connection.execute(
        update(leases)
        .where(leases.c.tenant_id == tenant, leases.c.cell == cell, leases.c.epoch == epoch)
        .values(expires_at=0.0)
    )
