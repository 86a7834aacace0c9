from __future__ import annotations

import pytest

from actors.names import email_id, emails_in, mentions_in, name_id, name_key


@pytest.mark.parametrize("written", ["Li Hua", "LiHua", "li-hua", "LI HUA", "Li Hua's", "Li Hua’s", " Li  Hua. "])
def test_one_name_in_many_dresses_has_one_key(written: str) -> None:
    assert name_key(written) == "lihua"


def test_accents_of_latin_letters_do_not_matter_and_other_scripts_keep_their_marks() -> None:
    assert name_key("José Núñez") == name_key("Jose Nunez")
    assert name_key("किताब") != name_key("कतब")
    assert name_key("東京") == "東京"


def test_a_leading_article_is_dropped_but_a_name_is_never_emptied_by_it() -> None:
    assert name_key("The Acme Company") == name_key("Acme Company")
    assert name_key("The") == "the"
    assert name_key("?!") == ""


def test_the_letter_of_a_code_is_no_article() -> None:
    assert name_key("A-100") == "a100" != name_key("100")
    assert "a100" in [key for _, _, key in mentions_in("Where is order A-100?")]
    assert name_key("a 100") == "100"


def test_ids_say_what_kind_of_thing_they_name() -> None:
    assert name_id("Acme Ltd.") == "name:acmeltd"
    assert email_id(" Ann@Example.ORG ") == "email:ann@example.org"


def test_every_run_of_words_is_tried_longest_first() -> None:
    runs = list(mentions_in("the New York Times", longest=3))
    assert runs[0][2] == "newyork"  # "the New York": the article goes
    assert "newyorktimes" in [key for _, _, key in runs]
    assert [after - first for first, after, _ in runs] == sorted((a - f for f, a, _ in runs), reverse=True)


def test_addresses_are_found_where_they_stand() -> None:
    assert emails_in("mail ann@example.org, or bob.b+x@mail.example.co.uk.") == [
        "ann@example.org",
        "bob.b+x@mail.example.co.uk",
    ]
