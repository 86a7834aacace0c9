"""One cell at a time writes for a tenant; epochs only grow."""

from __future__ import annotations

import pytest

from runtime.errors import Fenced, Unavailable
from runtime.journal import Journal, Lease, check_lease
from runtime.store import leases
from runtime.store.wall import ACROSS_TENANTS


async def acquire(journal: Journal, cell: str, now: float, *, incarnation: int | None = None) -> int:
    return await journal.write(
        lambda c: leases.acquire(c, "acme", cell, now, 15, incarnation=incarnation), tenant=ACROSS_TENANTS
    )


async def begin(journal: Journal, cell: str) -> int:
    return await journal.write(lambda c: leases.begin(c, cell), tenant=ACROSS_TENANTS)


async def test_the_same_cell_raises_the_epoch_at_once(journal: Journal) -> None:
    assert [await acquire(journal, "cell-0", 0) for _ in range(3)] == [1, 2, 3]


async def test_another_cell_waits_until_the_lease_has_expired(journal: Journal) -> None:
    await acquire(journal, "cell-0", 0)
    with pytest.raises(Unavailable) as held:
        await acquire(journal, "cell-1", 10)

    assert held.value.retry_after == 5
    assert await acquire(journal, "cell-1", 15) == 2


async def test_a_renewed_lease_holds_longer_and_only_the_holders_own_are_renewed(journal: Journal) -> None:
    await acquire(journal, "cell-0", 0)
    await journal.write(lambda c: leases.renew(c, ["acme"], "cell-1", 10, 15), tenant=ACROSS_TENANTS)
    await journal.write(lambda c: leases.renew(c, ["acme"], "cell-0", 5, 15), tenant=ACROSS_TENANTS)
    with pytest.raises(Unavailable):
        await acquire(journal, "cell-1", 19)

    assert await acquire(journal, "cell-1", 20) == 2


async def test_a_released_lease_is_free_at_once_and_an_old_holder_cannot_release_it(journal: Journal) -> None:
    epoch = await acquire(journal, "cell-0", 0)
    await journal.write(lambda c: leases.release(c, "acme", "cell-0", epoch), tenant=ACROSS_TENANTS)
    assert await acquire(journal, "cell-1", 1) == 2

    await journal.write(lambda c: leases.release(c, "acme", "cell-0", epoch), tenant=ACROSS_TENANTS)
    with pytest.raises(Unavailable):
        await acquire(journal, "cell-2", 2)


async def test_a_former_self_learns_that_it_is_over_and_its_successor_keeps_the_lease(journal: Journal) -> None:
    former = await begin(journal, "cell-0")
    await acquire(journal, "cell-0", 0, incarnation=former)
    successor = await begin(journal, "cell-0")
    epoch = await acquire(journal, "cell-0", 1, incarnation=successor)
    with pytest.raises(Fenced, match="newer incarnation"):
        await acquire(journal, "cell-0", 2, incarnation=former)

    lease = Lease(tenant="acme", cell="cell-0", epoch=epoch)
    await journal.write(lambda c: check_lease(c, lease), tenant=ACROSS_TENANTS)
    assert await acquire(journal, "cell-0", 3, incarnation=successor) == epoch + 1


async def test_a_former_self_takes_nothing_that_its_successor_has_not_touched_yet(journal: Journal) -> None:
    former = await begin(journal, "cell-0")
    await begin(journal, "cell-0")
    with pytest.raises(Fenced):
        await acquire(journal, "cell-0", 1, incarnation=former)
    with pytest.raises(Fenced):
        await journal.write(
            lambda c: leases.renew(c, ["acme"], "cell-0", 1, 15, incarnation=former), tenant=ACROSS_TENANTS
        )


async def test_a_cell_whose_acquisition_was_not_answered_takes_the_tenant_again(journal: Journal) -> None:
    number = await begin(journal, "cell-0")
    await acquire(journal, "cell-0", 0, incarnation=number)  # the answer is lost: the cell knows no epoch

    assert await acquire(journal, "cell-0", 1, incarnation=number) == 2


async def test_a_cell_takes_back_a_tenant_that_another_one_had_in_between(journal: Journal) -> None:
    number = await begin(journal, "cell-0")
    await acquire(journal, "cell-0", 0, incarnation=number)
    await acquire(journal, "cell-1", 20)

    assert await acquire(journal, "cell-0", 40, incarnation=number) == 3


async def test_a_released_lease_is_not_renewed_with_the_others(journal: Journal) -> None:
    epoch = await acquire(journal, "cell-0", 0)
    await journal.write(lambda c: leases.release(c, "acme", "cell-0", epoch), tenant=ACROSS_TENANTS)
    await journal.write(lambda c: leases.renew(c, ["other"], "cell-0", 5, 15), tenant=ACROSS_TENANTS)

    assert await acquire(journal, "cell-1", 6) == epoch + 1
