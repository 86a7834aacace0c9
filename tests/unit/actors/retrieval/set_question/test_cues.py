"""The words that turn a sentence's meaning, counted and placed."""

from __future__ import annotations

import pytest

from actors.retrieval.set_question.cues import CUES, cues


def test_a_text_without_such_words_counts_none_and_has_them_nowhere() -> None:
    found = cues("The parcel stands in the hall")
    assert found.shape == (CUES,)
    assert not (found > 0).any()


@pytest.mark.parametrize(
    ("plain", "turned"),
    [
        ("It came on Monday.", "I was afraid of Monday."),
        ("It came on Monday.", "It didn't come on Monday."),
        ("It came on Monday.", "It came, but on Monday."),
        ("It came on Monday.", "It came from others on Monday."),
        ("It came on Monday.", "It would have come on Monday."),
        ("It came on Monday.", "It came on Monday?"),
    ],
)
def test_expectation_denial_contrast_comparison_and_questions_are_told_apart_from_a_plain_statement(
    plain: str, turned: str
) -> None:
    assert cues(turned).sum() > cues(plain).sum()


def test_what_comes_last_is_told() -> None:
    thanked_first, thanked_last = cues("Thanks, it is broken."), cues("It is broken, thanks.")
    assert (thanked_first != thanked_last).any()


def test_a_kind_of_word_counts_three_times_at_most() -> None:
    counted = len(cues("")) - 6
    three, many = cues("no " * 3), cues("no " * 30)
    assert (three[:counted] == many[:counted]).all()
