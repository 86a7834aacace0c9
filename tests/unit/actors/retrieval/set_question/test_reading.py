from __future__ import annotations

from datetime import date

import pytest

from actors.retrieval.set_question.reading import Shape, read_question


def _read(question: str) -> Shape | None:
    return read_question(question, date(2026, 7, 15))


@pytest.mark.parametrize("name", ["Copper Watering Can", "First Aid Kit", "Top Shelf Might Rack"])
def test_a_word_inside_a_capitalised_name_rules_no_set_question_out(name: str) -> None:
    shape = _read(f"Which orders include the {name}?")
    assert shape is not None
    assert [mention.text for mention in shape.open] == [name]


@pytest.mark.parametrize("question", ["How many customers can order?", "Which customers should I call first?"])
def test_the_same_words_as_verbs_rule_one_out(question: str) -> None:
    assert _read(question) is None


def test_where_somebody_lives_is_told_by_the_place_alone() -> None:
    shape = _read("How many customers live in Kochi?")
    assert shape is not None
    assert [mention.text for mention in shape.open] == ["Kochi"]


def test_live_alone_is_a_value_to_be_found() -> None:
    shape = _read("Which orders are live?")
    assert shape is not None
    assert [mention.text for mention in shape.open] == ["live"]
