from __future__ import annotations

from dataclasses import replace

from actors.compose.signs import MET, Signs, chance, read_signs
from actors.ports import WordMatch

GOOD = Signs(relevance=6.0, missing=0.0, missing_everywhere=0.0, holds=1.0)


def test_a_word_that_meets_nothing_is_missing_and_one_that_does_is_not() -> None:
    matches = [
        WordMatch(word="What", cosines=(0.1, 0.1)),
        WordMatch(word="flavour", cosines=(0.65, 0.45)),
        WordMatch(word="cake", cosines=(0.3, 0.9)),
        WordMatch(word="?", cosines=(0.1, 0.1)),
    ]
    signs = read_signs("What flavour has the cake?", [-1.0, 2.0], "The cake is late.", matches)
    assert (signs.relevance, signs.holds) == (2.0, 0.0)
    assert round(signs.missing, 6) == round(MET - 0.45, 6)  # in the window that is the most relevant
    assert round(signs.missing_everywhere, 6) == round(MET - 0.65, 6)


def test_the_best_sentence_is_asked_for_the_kind_of_thing() -> None:
    question = "How many members has the club?"
    assert read_signs(question, [3.0], "The club has a band.", []).holds == -1.0
    assert read_signs(question, [3.0], "The club has 40 members.", []).holds == 1.0


def test_every_sign_moves_the_chance_its_own_way() -> None:
    assert chance(GOOD) > 0.5
    assert chance(replace(GOOD, relevance=-6.0)) < chance(GOOD)
    assert chance(replace(GOOD, missing=1.0)) < chance(GOOD)
    assert chance(replace(GOOD, missing_everywhere=1.0)) < chance(GOOD)
    assert chance(replace(GOOD, holds=-1.0)) < chance(GOOD)


def test_why_something_is_so_has_no_chance_where_nothing_says_that_it_is() -> None:
    def asked(question: str) -> float:
        met = {"cancelled": 0.55, "lamps": 0.95, "returns": 0.9}
        matches = [WordMatch(word=word, cosines=(met[word],)) for word in met]
        return chance(read_signs(question, [8.0], "Returns of lamps are free.", matches))

    assert asked("Why were returns of lamps cancelled?") == 0.0
    assert asked("Were returns of lamps cancelled?") > 0.5
