"""`ragleap channel` against a gateway and a cell: what is entered arrives, and no secret is an argument."""

from __future__ import annotations

import json
from typing import Any

from channel_house import APP_SECRET, PUBLIC_URL, House, command_line
from fakes import bot_api, graph_api


async def ragleap(house: House, *arguments: str, entered: str = "") -> tuple[int, str, str]:
    return await command_line(house, "channel", *arguments, entered=entered)


async def listed(house: House) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((await ragleap(house, "list", "--json"))[1])
    return found


async def test_a_number_is_added_with_what_is_entered_and_says_what_to_do_at_the_provider(house: House) -> None:
    arguments = ("add", "whatsapp", "--name", "second", "--public-url", PUBLIC_URL)
    setting = ("--setting", f"phone_number_id={graph_api.NUMBER}")
    status, out, err = await ragleap(house, *arguments, *setting, entered=f"{graph_api.TOKEN}\n{APP_SECRET}\n")

    assert (status, err) == (0, "")
    assert f"{PUBLIC_URL}/webhooks/whatsapp/ch_" in out
    assert "Verify token" in out
    assert APP_SECRET not in out
    assert [each["name"] for each in await listed(house)] == ["telegram", "whatsapp", "second"]


async def test_what_the_provider_refuses_ends_with_one_sentence(house: House) -> None:
    arguments = ("add", "telegram", "--name", "other", "--public-url", PUBLIC_URL)
    status, out, err = await ragleap(house, *arguments, entered="1:wrong\n")

    assert (status, out) == (1, "")
    assert "does not know the bot's token" in err
    assert "1:wrong" not in err
    assert bot_api.TOKEN not in err


async def test_a_channel_is_tried(house: House) -> None:
    status, out, _ = await ragleap(house, "test", house.bot)

    assert (status, out) == (0, "The provider knows us as @ShopBot.\n")
