from __future__ import annotations

from collections.abc import Sequence

from actors.compose.gate import Gate, GateSettings
from actors.messages import Evidence
from actors.ports import WordMatch
from runtime.errors import Unavailable

FILLER = "Our warehouse stands by the river and was built of red brick long ago. " * 8
TEXT = f"{FILLER}\n\n## Deliveries\n\n- Carriers make up to three attempts.\n\n{FILLER}"


class Table:
    """A cross-encoder that knows texts by a part of them; everything else is irrelevant."""

    def __init__(self, *known: tuple[str, int, float], error: Exception | None = None) -> None:
        self._known, self._error = known, error
        self.scored = 0

    async def score(self, query: str, passages: Sequence[str]) -> list[float]:
        if self._error is not None:
            raise self._error
        self.scored += len(passages)
        return [max([x for part, most, x in self._known if part in p and len(p) < most] or [-9.0]) for p in passages]


class Words:
    """A matcher in which these words of a question meet their like and no others do."""

    def __init__(self, *known: str, error: Exception | None = None) -> None:
        self._known, self._error = known, error
        self.asked: list[str] = []

    async def match_words(self, question: str, passages: Sequence[str]) -> list[WordMatch]:
        if self._error is not None:
            raise self._error
        self.asked.append(question)
        return [
            WordMatch(word=word, cosines=tuple(0.9 if word in self._known else 0.3 for _ in passages))
            for word in question.strip("?").split()
        ]


def evidence(logit: float | None) -> Evidence:
    return Evidence(
        document_id="d",
        version=1,
        chunk_id="d.1.0",
        title="Shipping",
        text=TEXT,
        start=0,
        end=len(TEXT),
        score=1.0,
        source="vector",
        rerank=logit,
        focus=(0, 70) if logit is not None else None,
    )


async def test_what_is_clear_at_once_costs_no_further_scoring() -> None:
    table = Table()
    assert len(await Gate(table, GateSettings()).relevant("How often do they try?", [evidence(4.0)])) == 1
    assert await Gate(table, GateSettings()).relevant("Capital of Mongolia?", [evidence(-11.0)]) == []
    assert table.scored == 0


async def test_another_window_of_the_chunk_may_hold_the_answer() -> None:
    found = await Gate(Table(("attempts", 2_000, 2.0)), GateSettings()).relevant("How often?", [evidence(-4.0)])
    assert "three attempts" in found[0].text
    assert found[0].logit == 2.0


async def test_a_sentence_that_is_lost_in_its_window_is_judged_under_its_heading() -> None:
    gate = Gate(Table(("Deliveries Carriers", 80, -0.5)), GateSettings())
    found = await gate.relevant("How often?", [evidence(-4.0)])
    assert "three attempts" in found[0].text


async def test_what_no_look_makes_relevant_is_declined() -> None:
    gate = Gate(Table(), GateSettings())
    assert await gate.relevant("How often?", [evidence(-4.0)]) == []
    assert await gate.relevant("How often?", []) == []


async def test_a_cross_encoder_that_fails_leaves_the_searchs_own_scores() -> None:
    gate = Gate(Table(error=Unavailable("The models restart.")), GateSettings())
    assert len(await gate.relevant("How often?", [evidence(1.0)])) == 1
    assert await gate.relevant("How often?", [evidence(-4.0)]) == []
    assert gate.missing == {"rerank"}


async def test_without_a_cross_encoder_shared_words_decide() -> None:
    gate = Gate(None, GateSettings())
    assert len(await gate.relevant("attempts of carriers", [evidence(None)])) == 1
    assert await gate.relevant("capital of Mongolia", [evidence(None)]) == []


async def test_a_relevant_passage_that_lacks_what_is_asked_for_is_declined() -> None:
    question = "Which purple uniform do carriers wear?"
    gate = Gate(Table(("attempts", 2_000, 2.0)), GateSettings(), Words("carriers"))
    assert await gate.relevant(question, [evidence(4.0)]) == []
    signs = await gate.signs(question, [evidence(4.0)])
    assert signs is not None
    assert signs.missing > 1.0


async def test_a_passage_in_other_words_passes_where_every_word_meets_its_like() -> None:
    gate = Gate(Table(("attempts", 2_000, 0.2)), GateSettings(), Words("often", "try", "carriers"))
    found = await gate.relevant("How often try carriers?", [evidence(-2.0)])
    assert "three attempts" in found[0].text


async def test_of_a_follow_up_only_its_own_words_are_looked_for() -> None:
    words = Words("often")
    gate = Gate(Table(("attempts", 2_000, 3.0)), GateSettings(), words)
    assert await gate.relevant("Where is the brown bear? How often?", [evidence(2.0)], own="How often?")
    assert words.asked == ["How often?"]


async def test_what_is_hopeless_is_declined_before_words_are_matched() -> None:
    words = Words("Capital")
    assert await Gate(Table(), GateSettings(), words).relevant("Capital of Mongolia?", [evidence(-11.0)]) == []
    assert words.asked == []


async def test_where_words_cannot_be_matched_the_logit_decides() -> None:
    down = Words(error=Unavailable("The models restart."))
    gate = Gate(Table(("attempts", 2_000, 2.0)), GateSettings(), down)
    assert len(await gate.relevant("How often?", [evidence(4.0)])) == 1
    gate = Gate(Table(), GateSettings(), down)
    assert await gate.relevant("How often?", [evidence(-4.0)]) == []
    assert gate.missing == {"match"}
