"""What became of each answer, from the provider's webhooks to the inbox."""

from __future__ import annotations

from typing import Any

from channel_house import OWNER, House
from fakes.graph_api import LOST, refused


async def deliveries(house: House) -> list[dict[str, Any] | None]:
    """Of the lines of the one conversation, oldest first."""
    (conversation,) = (await house.http.get("/v1/conversations", headers=OWNER)).json()["conversations"]
    found = await house.http.get(f"/v1/conversations/{conversation['conversation_id']}", headers=OWNER)
    return [line["delivery"] for line in found.json()["messages"]]


async def answered(house: House, text: str = "Hi") -> str:
    """The customer's message is answered; the id that the answer has at the provider."""
    number = len(house.whatsapp.arrived) + 1
    await house.send(text)
    await house.whatsapp.until(arrived=number)
    await house.settled(number)
    return str(house.whatsapp.bodies[-1]["biz_opaque_callback_data"])


async def test_an_answer_is_seen_on_its_way_to_its_reader(house: House) -> None:
    our_id = await answered(house)
    seen = [(await deliveries(house))[1]]
    for status in ("delivered", "read", "sent"):
        assert (await house.becomes(our_id, status)).status_code == 200
        seen.append((await deliveries(house))[1])

    assert [each and each["state"] for each in seen] == ["sent", "delivered", "read", "read"]
    assert (await deliveries(house))[0] is None
    assert seen[0] is not None
    assert (seen[0]["reason"], seen[0]["maybe_duplicate"]) == ("", False)


async def test_what_the_provider_could_not_deliver_is_seen_with_its_reason(house: House) -> None:
    errors = [{"code": 131026, "title": "Message undeliverable"}]
    await house.becomes(await answered(house), "failed", errors=errors)

    (_, told) = await deliveries(house)
    assert told is not None
    assert (told["state"], told["reason"]) == ("failed", "131026: Message undeliverable")


async def test_what_the_provider_did_not_take_is_seen_with_its_reason(house: House) -> None:
    house.whatsapp.meets = [refused(131047, "Re-engagement message")]
    await house.send("Hi")
    await house.settled(1)

    (_, told) = await deliveries(house)
    assert told is not None
    assert told["state"] == "failed"
    assert "24 hours" in told["reason"]


async def test_each_answer_has_its_own_fate(house: House) -> None:
    first, second = await answered(house, "one"), await answered(house, "two")
    await house.becomes(second, "delivered")
    await house.becomes(first, "read")

    states = [told and told["state"] for told in await deliveries(house)]
    assert states == [None, "read", None, "delivered"]


async def test_a_status_of_what_is_not_ours_is_taken_and_changes_nothing(house: House) -> None:
    await answered(house)
    for our_id in ("campaign-7", "", "out_turn_unknown.0"):
        assert (await house.becomes(our_id, "read")).status_code == 200

    assert [told and told["state"] for told in await deliveries(house)] == [None, "sent"]


async def test_a_call_whose_answer_is_lost_is_known_by_its_status_and_not_made_again(house: House) -> None:
    house.whatsapp.lose.clear()
    house.whatsapp.meets = [LOST]
    await house.send("Hi")
    await house.whatsapp.until(arrived=1)
    await house.becomes(house.whatsapp.bodies[0]["biz_opaque_callback_data"], "sent")
    house.whatsapp.lose.set()

    assert await house.settled(1) == [("sent", 0)]
    assert len(house.whatsapp.bodies) == 1
    (row,) = await house.rows()
    assert row.provider_id == f"wamid.{row.outbox_id}.0"


async def test_a_doubled_answer_is_seen_as_one(house: House) -> None:
    house.whatsapp.meets = [LOST]
    await house.send("Hi")
    await house.whatsapp.until(arrived=2)
    await house.settled(1)

    (_, told) = await deliveries(house)
    assert told is not None
    assert (told["state"], told["maybe_duplicate"]) == ("sent", True)
