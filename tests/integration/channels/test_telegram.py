"""Telegram from end to end: a person writes to the bot, and the bot answers in that chat."""

from __future__ import annotations

import asyncio
import time

from channel_house import House
from fakes.bot_api import LOST

PARAGRAPH = "word " * 1_500  # 7,500 characters: two messages


async def test_a_question_is_answered_in_its_chat_with_its_sources(house: House) -> None:
    assert (await house.write("Do you ship (abroad)?")).json()["accepted"] == 1
    await house.telegram.until(arrived=1)

    assert house.telegram.arrived == [(5, "You said Do you ship (abroad)? [1].\n\n[1] Policy")]
    assert await house.settled(1) == [("sent", 0)]
    (row,) = await house.rows()
    assert (row.channel, row.provider_id) == ("telegram", "1")


async def test_what_is_told_twice_is_answered_once(house: House) -> None:
    told = await asyncio.gather(*(house.write("Hi", number=7) for _ in range(5)))
    await house.write("And?", number=8)
    await house.telegram.until(arrived=2)

    assert sorted(answer.json()["accepted"] for answer in told) == [0, 0, 0, 0, 1]
    assert [text.splitlines()[0] for _, text in house.telegram.arrived] == ["You said Hi [1].", "You said And? [1]."]


async def test_a_persons_messages_are_answered_in_order_and_each_person_in_his_own_chat(house: House) -> None:
    for number in range(5):
        await house.write(f"a{number}", person=5)
        await house.write(f"b{number}", person=6)
    await house.telegram.until(arrived=10)

    for person, letter in ((5, "a"), (6, "b")):
        texts = [text.split()[2] for chat, text in house.telegram.arrived if chat == person]
        assert texts == [f"{letter}{number}" for number in range(5)]


async def test_a_group_is_answered_where_and_to_what_it_asked(house: House) -> None:
    mention = [{"type": "mention", "offset": 0, "length": 8}]
    await house.write("nobody asks the bot", chat={"id": -100, "type": "supergroup"})
    await house.write("@ShopBot hello", chat={"id": -100, "type": "supergroup"}, entities=mention)
    await house.telegram.until(arrived=1)

    ((_, body),) = house.telegram.calls
    assert body["chat_id"] == -100
    assert body["reply_parameters"] == {"message_id": 102, "allow_sending_without_reply": True}


async def test_a_voice_message_is_answered_politely(house: House) -> None:
    await house.write("", voice={"file_id": "f", "duration": 2})
    await house.telegram.until(arrived=1)

    assert "cannot listen" in house.telegram.arrived[0][1]


async def test_telegrams_rate_is_kept_and_the_answer_comes_all_the_same(house: House) -> None:
    wait = {"ok": False, "error_code": 429, "description": "Too Many Requests", "parameters": {"retry_after": 1}}
    house.telegram.meets["sendMessage"] = [(429, wait)]
    await house.write("Hi")
    await house.telegram.until(arrived=1)

    assert await house.settled(1) == [("sent", 0)]
    assert len(house.telegram.calls) == 2


async def test_a_provider_that_is_down_is_tried_again_and_nothing_overtakes(house: House) -> None:
    down = (500, {"ok": False, "error_code": 500, "description": "Internal Server Error"})
    house.telegram.meets["sendMessage"] = [down, down]
    await house.write("one")
    await house.write("two")
    await house.telegram.until(arrived=2)

    assert [text.split()[2] for _, text in house.telegram.arrived] == ["one", "two"]
    assert await house.settled(2) == [("sent", 0), ("sent", 0)]


async def test_a_person_who_has_blocked_the_bot_is_a_failure_that_people_see(house: House) -> None:
    blocked = {"ok": False, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}
    house.telegram.meets["sendMessage"] = [(403, blocked)]
    await house.write("Hi")

    assert await house.settled(1) == [("failed", 0)]
    (row,) = await house.rows()
    assert "blocked by the user" in row.error
    assert len(house.telegram.calls) == 1


async def test_an_answer_whose_fate_is_unknown_is_sent_once_more_and_flagged(house: House) -> None:
    house.telegram.meets["sendMessage"] = [LOST]
    await house.write("Hi")
    await house.telegram.until(arrived=2)

    assert await house.settled(1) == [("sent", 1)]
    assert len(house.telegram.arrived) == 2


async def test_a_long_answer_comes_in_parts_and_no_part_twice(house: House) -> None:
    down = (500, {"ok": False, "error_code": 500, "description": "Internal Server Error"})
    first = asyncio.Event()
    first.set()
    house.telegram.meets["sendMessage"] = [first, down]
    await house.write(PARAGRAPH)
    await house.telegram.until(arrived=2)

    assert await house.settled(1) == [("sent", 0)]
    shown = "".join(text for _, text in house.telegram.arrived)
    assert shown.count("word") == 1_500
    assert len(house.telegram.calls) == 3


async def test_what_nobody_waits_for_is_not_answered(house: House) -> None:
    person = {"id": 5, "is_bot": False, "first_name": "Ada"}
    about = {"message_id": 1, "date": int(time.time()), "chat": {"id": 5, "type": "private"}, "from": person}
    edited = {"update_id": 50, "edited_message": {**about, "text": "Bye"}}
    assert (await house.update(edited)).status_code == 200
    await house.write("Hi")
    await house.telegram.until(arrived=1)

    assert await house.settled(1) == [("sent", 0)]
