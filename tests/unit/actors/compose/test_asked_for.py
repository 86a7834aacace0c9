from __future__ import annotations

import pytest

from actors.compose.asked_for import Kind, asked_for, held_by


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How many rolls fit into the car?", Kind.NUMBER),
        ("What does express shipping cost?", Kind.NUMBER),
        ("What discount do hotels get?", Kind.NUMBER),
        ("When does the electrician come?", Kind.TIME),
        ("Until when can I return it?", Kind.TIME),
        ("How long is a gift card valid?", Kind.TIME),
        ("What is the name of the choir?", Kind.NAME),
        ("What brand is the oven?", Kind.NAME),
        ("Who has the key?", Kind.PERSON),
        ("Can I return a candle?", Kind.OTHER),
        ("Why did the van not start?", Kind.OTHER),
    ],
)
def test_the_wording_tells_what_is_asked_for(question: str, kind: Kind) -> None:
    assert asked_for(question) is kind


@pytest.mark.parametrize(
    ("question", "text", "held"),
    [
        ("How many trays fit into it?", "It fits sixteen trays instead of ten.", True),
        ("How many members does the club have?", "Members get free gift wrapping.", False),
        ("What does order 311 cost?", "Order 311 is overdue.", False),
        ("When do they meet?", "They meet on Friday.", True),
        ("What is the name of the choir?", "Rafe: Hi, we are from the choir.", False),
        ("What is the name of the hall?", "The concert is in St Anne's hall.", True),
        ("Who opens the shop?", "Desmond Pryce: I will.", True),
        ("Can I return a candle?", "Candles that were lit cannot be returned.", None),
    ],
)
def test_a_text_holds_it_only_with_something_that_the_question_does_not_say(
    question: str, text: str, held: bool | None
) -> None:
    assert held_by(question, text) is held
