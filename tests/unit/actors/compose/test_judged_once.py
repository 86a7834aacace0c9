from __future__ import annotations

from collections.abc import Sequence

from actors.compose.judged_once import JudgedOnce


class Lengths:
    """A cross-encoder by length, which keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, list[str]]] = []

    async def score(self, query: str, passages: Sequence[str]) -> list[float]:
        self.asked.append((query, list(passages)))
        return [float(len(text)) for text in passages]


async def test_a_pair_is_judged_once_and_logits_keep_the_order_of_the_texts() -> None:
    lengths = Lengths()
    judged = JudgedOnce(lengths)
    assert await judged.score("q", ["aaa", "b", "aaa"]) == [3.0, 1.0, 3.0]
    assert await judged.score("q", ["b", "cc", "aaa"]) == [1.0, 2.0, 3.0]
    assert await judged.score("q", []) == []
    assert lengths.asked == [("q", ["aaa", "b"]), ("q", ["cc"])]


async def test_another_question_is_judged_anew() -> None:
    lengths = Lengths()
    judged = JudgedOnce(lengths)
    await judged.score("q", ["b"])
    await judged.score("r", ["b"])
    assert lengths.asked == [("q", ["b"]), ("r", ["b"])]
