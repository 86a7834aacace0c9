from __future__ import annotations

from cluster.doors import is_operator, not_ready
from runtime.errors import Unavailable


def test_only_the_very_key_is_the_operators() -> None:
    assert is_operator("key", "key")
    assert not is_operator("kez", "key")


def test_without_an_operators_key_nobody_is_the_operator() -> None:
    assert not is_operator("", "")


async def test_what_does_not_answer_is_named_with_its_reason() -> None:
    async def fine() -> None:
        return None

    async def broken() -> None:
        raise Unavailable("cell-0 is restarting.")

    assert await not_ready({"models": fine, "cell": broken}) == {"cell": "cell-0 is restarting."}
