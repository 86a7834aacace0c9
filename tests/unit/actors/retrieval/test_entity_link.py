from __future__ import annotations

import pytest

from actors.ports import Filed
from actors.retrieval.entity_link import (
    alias_ids,
    candidate_ids,
    closest,
    mentions,
    named,
    specificity,
    spelled_otherwise,
    to_guess,
)


def test_a_question_looks_up_its_names_with_and_without_a_title() -> None:
    assert "name:lihua" in candidate_ids(mentions("Did Li Hua write?"))
    assert {"name:drlihua", "name:lihua"} <= set(candidate_ids(mentions("Did Dr. Li Hua write?")))


def test_the_longer_name_wins_over_the_names_inside_it() -> None:
    known = {"name:newyorktimes": 2, "name:newyork": 5, "name:paris": 1}
    runs = mentions("Does the New York Times write of Paris?")
    assert set(named(runs, known)) == {"name:newyorktimes", "name:paris"}


def test_rare_entities_weigh_more_than_hubs() -> None:
    assert specificity(1) == 1.0
    assert specificity(1) > specificity(3) > specificity(400)


def otherwise(query: str, *filed: tuple[str, str, str], known: dict[str, int] | None = None) -> set[str]:
    rows = [Filed(alias_id=alias, entity_id=entity, name=name) for alias, entity, name in filed]
    return set(spelled_otherwise(mentions(query), known or {}, rows))


LTD = ("alias:core:acme", "name:acmeltd", "Acme Ltd")
LIMITED = ("alias:core:acme", "name:acmelimited", "Acme Limited")
GMBH = ("alias:core:acme", "name:acmegmbh", "Acme GmbH")
ADA = ("alias:initial:a:bright", "name:adabright", "Ada Bright")
ANNA = ("alias:initial:a:bright", "name:annabright", "Anna Bright")


def test_a_firm_is_found_under_its_name_without_a_legal_form_while_only_one_bears_it() -> None:
    assert otherwise("What did Acme deliver?", LTD, LIMITED) == {"name:acmeltd", "name:acmelimited"}
    assert otherwise("What did Acme deliver?", LTD, GMBH) == set()
    assert otherwise("What did Acme Ltd. deliver?", LIMITED, GMBH) == {"name:acmelimited"}
    assert otherwise("What did Acme Ltd deliver?", known={"name:acme": 3}) == {"name:acme"}
    assert otherwise("What did Acme Ltd deliver?", GMBH, known={"name:acme": 3}) == set()


def test_an_initial_finds_the_only_person_whom_it_can_mean() -> None:
    assert otherwise("Where does A. Bright live?", ADA) == {"name:adabright"}
    assert otherwise("Where does A. Bright live?", ADA, ANNA) == set()
    assert otherwise("Where does Ada Bright live?", ANNA) == set()
    assert otherwise("Where does Dr. Ada Bright live?", known={"name:adabright": 1}) == {"name:adabright"}


def test_words_that_are_no_name_are_not_sought_in_the_index() -> None:
    assert alias_ids(mentions("what did they do with it")) == []


@pytest.mark.parametrize(
    ("query", "entity"),
    [
        ("When does Margret Oakley work?", "name:margaretoakley"),
        ("when does margret oakley work?", "name:margaretoakley"),
        ("Who is Margaret Oakly?", "name:margaretoakley"),
        ("Is Kensingtn far?", "name:kensington"),
        ("Did the Nothern Star sail?", "name:northernstar"),
    ],
)
def test_a_name_with_a_slip_is_guessed(query: str, entity: str) -> None:
    near = ["name:margaretoakley", "name:kensington", "name:northernstar"]
    assert set(closest(to_guess(mentions(query)), near)) == {entity}


@pytest.mark.parametrize(
    "query",
    [
        "Where is the shipping policy?",  # an ordinary word is no misspelled name
        "Kensingtn is far?",  # the first word has a capital whatever it is
        "Where is Leds?",
        "What is in order NL-2041?",
    ],
)
def test_what_does_not_look_like_a_name_or_is_too_short_is_not_guessed(query: str) -> None:
    assert closest(to_guess(mentions(query)), ["name:shopping", "name:kensington", "name:leeds", "name:nl2040"]) == {}


def test_of_two_names_as_near_none_is_guessed() -> None:
    assert closest(to_guess(mentions("Who is Anne Smithson?")), ["name:annasmithson", "name:annesmithsen"]) == {}


def test_words_that_name_something_are_not_guessed_at() -> None:
    runs = mentions("When does Margaret Oakley work?")
    assert to_guess(runs, named(runs, {"name:margaretoakley": 1})) == []
