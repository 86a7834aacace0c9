"""WhatsApp from end to end: a person writes to the number, and the number answers that person."""

from __future__ import annotations

from channel_house import House
from fakes.graph_api import LOST, refused


async def test_a_batch_is_answered_in_order_to_who_wrote(house: House) -> None:
    assert (await house.send("one", "two")).json()["accepted"] == 2
    await house.whatsapp.until(arrived=2)

    assert house.whatsapp.arrived == [
        ("491", "You said *one* [1].\n\n_[1] Policy_"),
        ("491", "You said *two* [1].\n\n_[1] Policy_"),
    ]
    assert await house.settled(2) == [("sent", 0), ("sent", 0)]
    rows = await house.rows()
    assert [row.provider_id for row in rows] == ["wamid.1", "wamid.2"]


async def test_each_message_carries_our_own_id(house: House) -> None:
    await house.send("Hi")
    await house.whatsapp.until(arrived=1)

    (row,) = await house.rows()
    assert house.whatsapp.bodies[0]["biz_opaque_callback_data"] == f"{row.outbox_id}.0"


async def test_a_closed_window_is_a_failure_that_people_see(house: House) -> None:
    house.whatsapp.meets = [refused(131047, "Re-engagement message")]
    await house.send("Hi")

    assert await house.settled(1) == [("failed", 0)]
    (row,) = await house.rows()
    assert "24 hours" in row.error


async def test_a_failure_of_whatsapps_own_is_tried_again(house: House) -> None:
    house.whatsapp.meets = [refused(131000, "Something went wrong", 500), refused(2, "Service", 503)]
    await house.send("Hi")
    await house.whatsapp.until(arrived=1)

    assert await house.settled(1) == [("sent", 0)]
    assert len(house.whatsapp.bodies) == 3


async def test_an_answer_whose_fate_is_unknown_is_sent_once_more_and_flagged(house: House) -> None:
    house.whatsapp.meets = [LOST]
    await house.send("Hi")
    await house.whatsapp.until(arrived=2)

    assert await house.settled(1) == [("sent", 1)]


async def test_both_channels_of_a_tenant_answer_on_their_own(house: House) -> None:
    await house.send("over whatsapp")
    await house.write("over telegram")
    await house.whatsapp.until(arrived=1)
    await house.telegram.until(arrived=1)

    assert [whom for whom, _ in house.whatsapp.arrived] == ["491"]
    assert [whom for whom, _ in house.telegram.arrived] == [5]
