"""A conversation over a channel is handed to a person of the business and back, through the real door."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from channel_house import OWNER, House

from actors.session import PASSED_ON


@pytest.fixture
async def conversation(house: House) -> str:
    """Of a customer of the bot who has written once and been answered."""
    await house.write("Hi")
    await house.telegram.until(arrived=1)
    return f"telegram-{house.bot}:5"


async def _read(house: House, conversation: str) -> dict[str, Any]:
    reply = await house.http.get(f"/v1/conversations/{conversation}", headers=OWNER)
    assert reply.status_code == 200, reply.text
    read: dict[str, Any] = reply.json()
    return read


async def _post(house: House, conversation: str, what: str, **body: object) -> dict[str, Any]:
    reply = await house.http.post(f"/v1/conversations/{conversation}/{what}", json=body, headers=OWNER)
    assert reply.status_code in (200, 202), reply.text
    told: dict[str, Any] = reply.json()
    return told


async def _lines(house: House, conversation: str, number: int) -> list[tuple[str, str]]:
    """The conversation's lines, once there are so many."""
    async with asyncio.timeout(20):
        while True:
            lines = (await _read(house, conversation))["messages"]
            if len(lines) >= number:
                break
            await asyncio.sleep(0.02)  # the journal tells nobody
    return [(line["author"], line["text"]) for line in lines]


async def test_while_a_person_has_it_the_assistant_is_silent_and_answers_again_when_it_is_handed_back(
    house: House, conversation: str
) -> None:
    assert await _post(house, conversation, "handoff", to="human") == {
        "conversation_id": conversation,
        "state": "human",
    }
    await house.write("Is anybody there?")
    assert await _lines(house, conversation, 3) == [
        ("customer", "Hi"),
        ("assistant", "You said **Hi** [1]."),
        ("customer", "Is anybody there?"),
    ]
    waiting = await _read(house, conversation)
    assert (waiting["state"], waiting["waiting_since"] is not None) == ("human", True)

    await _post(house, conversation, "messages", message="Yes, Tom from the shop. How can I help?")
    await house.telegram.until(arrived=2)
    assert house.telegram.arrived[1] == (5, "Yes, Tom from the shop. How can I help?")
    assert (await _read(house, conversation))["waiting_since"] is None

    await _post(house, conversation, "handoff", to="assistant")
    await house.write("Thank you")
    await house.telegram.until(arrived=3)
    assert house.telegram.arrived[2][1].startswith("You said Thank you")
    assert len(await house.settled(3)) == 3


async def test_a_person_who_answers_has_the_conversation_from_then_on(house: House, conversation: str) -> None:
    await _post(house, conversation, "messages", message="Tom here.")
    await house.telegram.until(arrived=2)
    assert (await _read(house, conversation))["state"] == "human"


async def test_a_customer_who_asks_for_a_person_is_told_so_once_and_waits(house: House, conversation: str) -> None:
    await house.write("I want to talk to a human")
    await house.telegram.until(arrived=2)
    await house.write("Hello?")
    lines = await _lines(house, conversation, 5)

    assert house.telegram.arrived[1:] == [(5, PASSED_ON)]
    assert lines[-2:] == [("assistant", PASSED_ON), ("customer", "Hello?")]
    read = await _read(house, conversation)
    assert (read["state"], read["waiting_since"] is not None) == ("human", True)


async def test_a_closed_conversation_is_opened_by_its_customer(house: House, conversation: str) -> None:
    await _post(house, conversation, "handoff", to="closed")
    assert (await _read(house, conversation))["state"] == "closed"
    await house.write("One more thing")
    await house.telegram.until(arrived=2)
    await _lines(house, conversation, 4)
    assert (await _read(house, conversation))["state"] == "assistant"


async def test_a_conversation_can_be_watched_as_it_goes_on(house: House, conversation: str) -> None:
    seen: list[tuple[str, Any]] = []
    url = f"/v1/conversations/{conversation}/events"
    async with asyncio.timeout(20), house.http.stream("GET", url, headers=OWNER) as stream:
        name = ""
        async for line in stream.aiter_lines():
            kind, _, value = line.partition(": ")
            if kind == "event":
                name = value
            if kind == "data":
                data = json.loads(value)
                seen.append((name, data["state"] if name == "state" else (data["author"], data["text"])))
                if len(seen) == 3:
                    await _post(house, conversation, "messages", message="Tom here.")
            if len(seen) == 5:
                break
    assert seen[:3] == [
        ("state", "assistant"),
        ("message", ("customer", "Hi")),
        ("message", ("assistant", "You said **Hi** [1].")),
    ]
    assert sorted(seen[3:], key=str) == [("message", ("person", "Tom here.")), ("state", "human")]


async def test_a_conversation_that_is_not_there_cannot_be_answered_or_handed_over(house: House) -> None:
    for what, body in (("messages", {"message": "x"}), ("handoff", {"to": "human"})):
        reply = await house.http.post(f"/v1/conversations/telegram-none:1/{what}", json=body, headers=OWNER)
        assert reply.status_code == 404, reply.text
