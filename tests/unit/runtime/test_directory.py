"""The directory: the same answer everywhere, few tenants move, pins hold."""

from __future__ import annotations

import pytest

from runtime.directory import Directory, rendezvous
from runtime.errors import Conflict, NotFound
from runtime.journal import Journal
from runtime.store import leases, placements
from runtime.store.wall import ACROSS_TENANTS

TENANTS = [f"t{number}" for number in range(2_000)]


def test_the_same_cells_in_any_order_give_the_same_cell() -> None:
    cells = ("cell-0", "cell-1", "cell-2")
    assert all(rendezvous(tenant, cells) == rendezvous(tenant, cells[::-1]) for tenant in TENANTS)


def test_cells_share_the_tenants_evenly() -> None:
    cells = ("cell-0", "cell-1", "cell-2", "cell-3")
    shares = [sum(rendezvous(tenant, cells) == cell for tenant in TENANTS) for cell in cells]
    assert max(shares) < 1.2 * len(TENANTS) / len(cells)


def test_a_cell_that_is_added_takes_only_what_it_wins_and_one_that_leaves_gives_only_its_own() -> None:
    few, more = ("cell-0", "cell-1"), ("cell-0", "cell-1", "cell-2")
    moved = [tenant for tenant in TENANTS if rendezvous(tenant, few) != rendezvous(tenant, more)]
    assert all(rendezvous(tenant, more) == "cell-2" for tenant in moved)
    assert 0.25 < len(moved) / len(TENANTS) < 0.42


def test_a_pin_holds_while_its_cell_serves() -> None:
    directory = Directory(cells=("cell-0", "cell-1"), dedicated=frozenset({"big"}), pins={"a": "big", "b": "gone"})
    assert directory.cell_of("a") == "big"
    assert directory.cell_of("b") == rendezvous("b", ("cell-0", "cell-1"))
    assert all(directory.cell_of(tenant) != "big" for tenant in TENANTS)


async def test_the_stored_directory_knows_cells_and_pins(journal: Journal) -> None:
    await journal.write(lambda c: placements.add(c, "cell-0", 1.0), tenant=ACROSS_TENANTS)
    await journal.write(lambda c: placements.add(c, "big", 1.0, dedicated=True), tenant=ACROSS_TENANTS)
    await journal.write(lambda c: placements.pin(c, "acme", "big"), tenant=ACROSS_TENANTS)
    directory = await journal.read(placements.load, tenant=ACROSS_TENANTS)
    assert directory == Directory(cells=("cell-0",), dedicated=frozenset({"big"}), pins={"acme": "big"})

    await journal.write(lambda c: placements.unpin(c, "acme"), tenant=ACROSS_TENANTS)
    await journal.write(lambda c: placements.leave(c, "big"), tenant=ACROSS_TENANTS)
    assert await journal.read(placements.load, tenant=ACROSS_TENANTS) == Directory(cells=("cell-0",))


async def test_the_last_cell_cannot_leave_and_a_strange_one_cannot_be_pinned_to(journal: Journal) -> None:
    await journal.write(lambda c: placements.add(c, "cell-0", 1.0), tenant=ACROSS_TENANTS)
    await journal.write(lambda c: placements.add(c, "big", 1.0, dedicated=True), tenant=ACROSS_TENANTS)
    with pytest.raises(Conflict, match="last cell"):
        await journal.write(lambda c: placements.leave(c, "cell-0"), tenant=ACROSS_TENANTS)
    with pytest.raises(NotFound):
        await journal.write(lambda c: placements.pin(c, "acme", "cell-9"), tenant=ACROSS_TENANTS)


async def test_a_leaving_cell_holds_what_it_has_not_released_yet(journal: Journal) -> None:
    for cell in ("cell-0", "cell-1"):
        await journal.write(lambda c, cell=cell: placements.add(c, cell, 1.0), tenant=ACROSS_TENANTS)
    epoch = await journal.write(lambda c: leases.acquire(c, "acme", "cell-1", 10.0, 15.0), tenant=ACROSS_TENANTS)
    await journal.write(lambda c: placements.leave(c, "cell-1"), tenant=ACROSS_TENANTS)
    assert await journal.read(lambda c: placements.holds(c, "cell-1", 11.0), tenant=ACROSS_TENANTS)
    await journal.write(lambda c: leases.release(c, "acme", "cell-1", epoch), tenant=ACROSS_TENANTS)
    assert not await journal.read(lambda c: placements.holds(c, "cell-1", 11.0), tenant=ACROSS_TENANTS)

    await journal.write(lambda c: placements.forget(c, "cell-1"), tenant=ACROSS_TENANTS)
    assert [row["cell"] for row in await journal.read(placements.every, tenant=ACROSS_TENANTS)] == ["cell-0"]
