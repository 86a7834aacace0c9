from __future__ import annotations

import pytest

from actors.compose.courtesy import courtesy
from actors.compose.followup import leans_on_context, readings

CONTEXT = (("user", "What is the return policy for lamps?"), ("assistant", "30 days. [1]"))


@pytest.mark.parametrize("question", ["And for sale items?", "How long does it take?", "why?", "What about Sundays?"])
def test_a_question_that_leans_on_the_last_one_is_searched_with_it(question: str) -> None:
    assert readings(question, CONTEXT)[0].text == f"What is the return policy for lamps? {question}"


def test_a_question_that_stands_alone_is_searched_alone() -> None:
    question = "Which countries does the warehouse in Lyon ship furniture to?"
    assert not leans_on_context(question)
    assert [reading.text for reading in readings(question, CONTEXT)] == [question]


def test_without_context_a_question_stays_as_it_is() -> None:
    assert [reading.text for reading in readings("And it?", ())] == ["And it?"]
    assert [reading.text for reading in readings("And it?", (("user", "And it?"),))] == ["And it?"]


def test_a_follow_up_that_changes_the_subject_is_not_answered_with_the_old_one() -> None:
    meant = readings("And what is the capital of Mongolia?", CONTEXT)[0]
    assert not meant.fits("Lamps can be returned within 30 days.")
    assert readings("And for sale items?", CONTEXT)[0].fits("Items on sale: 14 days.")
    assert readings("How long does it take?", CONTEXT)[0].fits("Refunds are paid within five working days.")


@pytest.mark.parametrize("message", ["Hi", "hello!", "Good morning :)", "Thanks a lot!", "ok thank you"])
def test_a_greeting_or_thanks_is_met_with_courtesy(message: str) -> None:
    assert courtesy(message)


@pytest.mark.parametrize(
    "message", ["Hi, where is my order?", "Thanks, and the price?", "", "high", "What is namaste?"]
)
def test_no_question_is_mistaken_for_courtesy(message: str) -> None:
    assert courtesy(message) is None
