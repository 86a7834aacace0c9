"""Statements of the directory: which cells there are, and which tenants are pinned to one.

Held by tests/unit/runtime/test_directory.py and tests/unit/runtime/test_cell_hand_over.py.
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, select, update

from runtime.directory import Directory
from runtime.errors import Conflict, NotFound
from runtime.store.dialect import upsert
from runtime.store.tables import cells, leases, placements

SERVING, LEAVING = "serving", "leaving"


def add(connection: Connection, cell: str, now: float, *, dedicated: bool = False) -> None:
    """``cell`` serves from now on; the same again changes nothing. Raises Conflict where one of that name leaves, or
    takes other tenants."""
    values = {"cell": cell, "state": SERVING, "dedicated": dedicated, "added_at": now}
    connection.execute(upsert(connection, cells).values(values).on_conflict_do_nothing())
    there = connection.execute(select(cells.c.state, cells.c.dedicated).where(cells.c.cell == cell)).one()
    if (there.state, there.dedicated) != (SERVING, dedicated):
        raise Conflict(f"There is another cell {cell} already.", do="Choose another name.")


def register(connection: Connection, cell: str, now: float) -> None:
    """A process of ``cell`` starts; a cell that is known stays as it is."""
    values = {"cell": cell, "state": SERVING, "dedicated": False, "added_at": now}
    connection.execute(upsert(connection, cells).values(values).on_conflict_do_nothing())


def leave(connection: Connection, cell: str) -> None:
    """Give ``cell`` no tenant any more; it hands over what it holds. Raises NotFound, Conflict for the last one."""
    found = dict(connection.execute(select(cells.c.cell, cells.c.dedicated).where(cells.c.state == SERVING)).all())
    if cell not in found:
        raise NotFound(f"There is no cell {cell}.")
    if not any(name != cell and not dedicated for name, dedicated in found.items()):
        raise Conflict(f"{cell} is the last cell that takes any tenant.", do="Add another one first.")
    connection.execute(update(cells).where(cells.c.cell == cell).values(state=LEAVING))


def holds(connection: Connection, cell: str, now: float) -> bool:
    """Whether ``cell`` has a lease that has not run out."""
    held = select(leases.c.tenant_id).where(leases.c.cell == cell, leases.c.expires_at > now).limit(1)
    return connection.execute(held).first() is not None


def forget(connection: Connection, cell: str) -> None:
    """``cell`` has gone: it is not in the directory any more, and nobody is pinned to it."""
    connection.execute(delete(placements).where(placements.c.cell == cell))
    connection.execute(delete(cells).where(cells.c.cell == cell))


def pin(connection: Connection, tenant: str, cell: str) -> None:
    """Keep ``tenant`` at ``cell``. Raises NotFound where there is no such cell."""
    serving = select(cells.c.cell).where(cells.c.cell == cell, cells.c.state == SERVING)
    if connection.execute(serving).first() is None:
        raise NotFound(f"There is no cell {cell} that serves.")
    statement = upsert(connection, placements).values(tenant_id=tenant, cell=cell)
    connection.execute(statement.on_conflict_do_update(index_elements=["tenant_id"], set_={"cell": cell}))


def unpin(connection: Connection, tenant: str) -> None:
    """Let ``tenant`` go where the hash puts it."""
    connection.execute(delete(placements).where(placements.c.tenant_id == tenant))


def every(connection: Connection) -> list[dict[str, object]]:
    """Each cell with its state, whether it is dedicated, and how many tenants are pinned to it."""
    pinned: dict[str, int] = dict(
        row._tuple() for row in connection.execute(select(placements.c.cell, func.count()).group_by(placements.c.cell))
    )
    rows = connection.execute(select(cells.c.cell, cells.c.state, cells.c.dedicated).order_by(cells.c.cell))
    return [
        {"cell": row.cell, "state": row.state, "dedicated": row.dedicated, "pinned": pinned.get(row.cell, 0)}
        for row in rows
    ]


def load(connection: Connection) -> Directory:
    """The directory as stored now; a leaving cell is not in it."""
    rows = connection.execute(_CELLS).all()
    pinned = connection.execute(_PINS).all()
    return Directory(
        cells=tuple(sorted(row.cell for row in rows if not row.dedicated)),
        dedicated=frozenset(row.cell for row in rows if row.dedicated),
        pins={row.tenant_id: row.cell for row in pinned},
    )


# Built once: every cell reads them once a tick, and building costs more than reading.
_CELLS = select(cells.c.cell, cells.c.dedicated).where(cells.c.state == SERVING)
_PINS = select(placements.c.tenant_id, placements.c.cell)
