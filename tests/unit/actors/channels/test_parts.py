"""Answers of several messages: what has gone is not sent again."""

from __future__ import annotations

import pytest

from actors.channels import parts as module
from actors.channels.parts import Parts
from runtime.channel import Outgoing
from runtime.errors import Terminal, Unavailable


def outgoing(number: int = 1, tenant: str = "acme") -> Outgoing:
    return Outgoing(
        tenant=tenant,
        outbox_id=f"out_{number}",
        conversation_id="c",
        channel="telegram",
        turn_id="t",
        trace_id="",
        body={},
        attempt=1,
        maybe_duplicate=False,
    )


class Line:
    """Takes parts; ``fails`` names those that are refused, once."""

    def __init__(self, *fails: str) -> None:
        self.fails = list(fails)
        self.taken: list[tuple[str, int]] = []

    async def send(self, part: str, at: int) -> str:
        if part in self.fails:
            self.fails.remove(part)
            raise Unavailable("not now")
        self.taken.append((part, at))
        return f"id-{part}"


async def test_parts_go_in_order_and_the_last_ones_id_is_the_answers() -> None:
    line = Line()

    assert await Parts().send(outgoing(), ["a", "b", "c"], line.send) == "id-c"
    assert line.taken == [("a", 0), ("b", 1), ("c", 2)]


async def test_another_try_goes_on_where_the_last_one_failed() -> None:
    line, parts = Line("b"), Parts()
    with pytest.raises(Unavailable):
        await parts.send(outgoing(), ["a", "b"], line.send)
    await parts.send(outgoing(tenant="rival"), ["x"], line.send)
    await parts.send(outgoing(), ["a", "b"], line.send)

    assert line.taken == [("a", 0), ("x", 0), ("b", 1)]


async def test_what_was_sent_whole_is_forgotten() -> None:
    line, parts = Line(), Parts()
    for _ in range(2):
        await parts.send(outgoing(), ["a"], line.send)

    assert len(line.taken) == 2


async def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KNOWN", 2)
    parts = Parts()
    for number in range(3):
        with pytest.raises(Unavailable):
            await parts.send(outgoing(number), ["a", "b"], Line("b").send)
    line = Line()
    for number in range(3):
        await parts.send(outgoing(number), ["a", "b"], line.send)

    # Two of three are remembered; taking up the one that is not pushes out the older of them.
    assert [part for part, _ in line.taken] == ["a", "b", "a", "b", "b"]


async def test_nothing_to_send_is_never_sent() -> None:
    with pytest.raises(Terminal):
        await Parts().send(outgoing(), [], Line().send)
