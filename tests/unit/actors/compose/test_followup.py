from __future__ import annotations

import pytest

from actors.compose.followup import leans_on_context, search_question

CONTEXT = (("user", "What is the return policy for lamps?"), ("assistant", "30 days. [1]"))


@pytest.mark.parametrize("question", ["And for sale items?", "How long does it take?", "why?", "What about Sundays?"])
def test_a_question_that_leans_on_the_last_one_is_searched_with_it(question: str) -> None:
    assert search_question(question, CONTEXT) == f"What is the return policy for lamps? {question}"


def test_a_question_that_stands_alone_is_searched_alone() -> None:
    question = "Which countries does the warehouse in Lyon ship furniture to?"
    assert not leans_on_context(question)
    assert search_question(question, CONTEXT) == question


def test_without_context_a_question_stays_as_it_is() -> None:
    assert search_question("And it?", ()) == "And it?"
    assert search_question("And it?", (("user", "And it?"),)) == "And it?"
