"""Owners over channels, from end to end: who is registered is answered as one of the business, and nobody else."""

from __future__ import annotations

from typing import Any

from channel_house import OWNER, House, command_line

QUESTION = "Which customers wait for their order?"
STAFF, ECHO = "A list for staff", "You said"


async def register(house: House, kind: str, identity: str, **more: str) -> dict[str, Any]:
    answer = await house.http.post("/v1/owners", json={"kind": kind, "identity": identity, **more}, headers=OWNER)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def listed(house: House) -> list[tuple[str, str, str]]:
    found = (await house.http.get("/v1/owners", headers=OWNER)).json()["owners"]
    return [(each["kind"], each["identity"], each["role"]) for each in found]


async def telegram_answers(house: House, number: int) -> list[str]:
    await house.telegram.until(arrived=number)
    return [text.replace("\\", "") for _, text in house.telegram.arrived]


async def test_a_registered_sender_is_answered_as_staff_and_a_customer_is_not(house: House) -> None:
    assert await register(house, "telegram", "5") == {"kind": "telegram", "identity": "5", "role": "owner"}
    await house.write(QUESTION, person=5)
    of_owner = await telegram_answers(house, 1)
    await house.write(QUESTION, person=6)

    assert of_owner == [STAFF]
    assert (await telegram_answers(house, 2))[1].startswith(ECHO)


async def test_a_number_of_staff_is_known_however_it_was_written(house: House) -> None:
    await register(house, "whatsapp", "+49 170 000-0001", role="staff")
    await house.send(QUESTION, person="491700000001")
    await house.send(QUESTION, person="491700000002")
    await house.whatsapp.until(arrived=2)

    answers = dict(house.whatsapp.arrived)
    assert answers["491700000001"] == STAFF
    assert answers["491700000002"].startswith(ECHO)


async def test_an_owner_of_one_kind_of_channel_is_none_of_another(house: House) -> None:
    await register(house, "whatsapp", "5001234")
    await house.write(QUESTION, person=5001234)

    assert (await telegram_answers(house, 1))[0].startswith(ECHO)


async def test_in_a_group_the_owner_gets_what_its_customers_may_read(house: House) -> None:
    await register(house, "telegram", "5")
    mention = {"type": "mention", "offset": len(QUESTION) + 1, "length": len("@ShopBot")}
    group = {"chat": {"id": -100, "type": "supergroup"}, "entities": [mention]}
    await house.write(f"{QUESTION} @ShopBot", person=5, **group)

    assert (await telegram_answers(house, 1))[0].startswith(ECHO)


async def test_who_is_removed_is_a_customer_from_the_next_message_on(house: House) -> None:
    await register(house, "telegram", "5")
    await house.write(QUESTION)
    await telegram_answers(house, 1)
    gone = await house.http.delete("/v1/owners/telegram/5", headers=OWNER)
    await house.write(QUESTION)
    answers = await telegram_answers(house, 2)

    assert gone.json() == {"kind": "telegram", "identity": "5", "removed": True}
    assert answers[0] == STAFF
    assert answers[1].startswith(ECHO)
    assert await listed(house) == []
    again = await house.http.delete("/v1/owners/telegram/5", headers=OWNER)
    assert again.status_code == 404


async def test_what_nobody_can_be_known_by_is_refused(house: House) -> None:
    for kind, identity in (("telegram", "@ada"), ("whatsapp", "0170 1"), ("email", "ada"), ("pigeon", "5")):
        answer = await house.http.post("/v1/owners", json={"kind": kind, "identity": identity}, headers=OWNER)
        assert answer.status_code == 422
    assert await listed(house) == []


async def test_owners_are_added_listed_and_removed_by_command(house: House) -> None:
    added = await command_line(house, "owner", "add", "whatsapp", "+49 170 0000001", "--staff")
    shown = await command_line(house, "owner", "list")
    removed = await command_line(house, "owner", "remove", "whatsapp", "491700000001")
    missing = await command_line(house, "owner", "remove", "whatsapp", "491700000001")

    assert added == (0, "491700000001 speaks as staff over whatsapp.\n", "")
    assert shown[1].splitlines()[1].split()[:3] == ["whatsapp", "491700000001", "staff"]
    assert removed == (0, "491700000001 speaks as a customer over whatsapp.\n", "")
    assert (missing[0], missing[1]) == (1, "")
    assert "`ragleap owner list`" in missing[2]
