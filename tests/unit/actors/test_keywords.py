from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from actors.keywords import index_words


def test_a_compound_name_is_found_by_its_parts_and_by_itself() -> None:
    assert index_words("LiHua uses PowerPoint") == "li hua lihua uses power point powerpoint".replace("uses", "use")
    assert set(index_words("Li Hua").split()) <= set(index_words("LiHua").split())
    assert index_words("powerpoint") in index_words("PowerPoint").split()


def test_underscores_separate_words_and_plurals_meet_singulars() -> None:
    assert index_words("invoice_2024-03") == "invoice 2024 03"
    assert index_words("orders, deliveries; glass, bus, analysis") == "order delivery glass bus analysis"


def test_words_that_every_question_has_are_left_out() -> None:
    assert index_words("What is the price of the lamp?") == "price lamp"
    assert index_words("Who are you?") == ""


def test_scripts_without_spaces_are_found_by_pairs_of_characters() -> None:
    assert index_words("退货期限") == "退货 货期 期限"
    assert set(index_words("退货").split()) <= set(index_words("三十天内可以退货。").split())
    assert index_words("茶") == "茶"


@given(st.text(max_size=200))
def test_every_word_passes_the_stores_tokenizer_unchanged(text: str) -> None:
    words = index_words(text).split()
    assert all(re.fullmatch(r"\w+", word) or not word.isascii() for word in words)
