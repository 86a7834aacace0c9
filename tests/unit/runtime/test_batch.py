"""A batch of messages of several tenants: each tenant's is taken once; receipts come in the order of the batch."""

from __future__ import annotations

import pytest
from toys import FakeClock, House, Write, envelope

from runtime.batch import taken_by_tenant
from runtime.errors import Overloaded
from runtime.message import Envelope, Receipt, Verdict


def _batch(*tenants: str) -> list[Envelope]:
    return [
        envelope(Write(text="t"), FakeClock(), tenant=tenant, message_id=f"{tenant}{n}")
        for n, tenant in enumerate(tenants)
    ]


async def test_each_tenants_messages_are_taken_once_in_their_order_and_receipts_come_in_the_batchs() -> None:
    taken: list[tuple[str, list[str]]] = []

    async def take(tenant: str, own: list[Envelope]) -> list[Receipt]:
        taken.append((tenant, [each.message_id for each in own]))
        return [Receipt(verdict=Verdict.ACCEPTED, message_id=each.message_id) for each in own]

    receipts = await taken_by_tenant(_batch("acme", "other", "acme", "third", "other"), take)

    assert taken == [("acme", ["acme0", "acme2"]), ("other", ["other1", "other4"]), ("third", ["third3"])]
    assert [each.message_id for each in receipts] == ["acme0", "other1", "acme2", "third3", "other4"]


async def test_a_refusal_goes_to_the_caller_and_what_was_taken_before_it_stays() -> None:
    taken: list[str] = []

    async def take(tenant: str, own: list[Envelope]) -> list[Receipt]:
        if tenant == "other":
            raise Overloaded("full")
        taken.append(tenant)
        return [Receipt(verdict=Verdict.ACCEPTED, message_id=each.message_id) for each in own]

    with pytest.raises(Overloaded):
        await taken_by_tenant(_batch("acme", "other", "third"), take)

    assert taken == ["acme"]


async def test_a_cell_takes_a_batch_of_several_tenants_each_under_its_own_lease(house: House) -> None:
    await house.add_tenant("other")
    cell = await house.cell()
    batch = [envelope(Write(text=f"{n}"), house.clock, tenant=t) for n, t in enumerate(["acme", "other", "acme"])]

    receipts = await cell.accept(batch)

    assert [receipt.message_id for receipt in receipts] == [message.message_id for message in batch]
    assert set(await house.states("acme")) == {batch[0].message_id, batch[2].message_id}
    assert set(await house.states("other")) == {batch[1].message_id}
    assert cell.lease("acme").tenant != cell.lease("other").tenant
