from __future__ import annotations

import pytest

from actors.aliases import agreeing, filed_under, same, sought_under, spelling
from actors.names import name_id, name_key


def one_thing(first: str, second: str, type: str = "") -> bool:
    return same(spelling(first, type), spelling(second, type))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Dr. Ada Bright", "Ada Bright"),
        ("Mrs. Margaret Oakley", "Margaret Oakley"),
        ("A. Bright", "Ada Bright"),
        ("Ada M. Bright", "Ada Bright"),
        ("Ada M. Bright", "Ada Mary Bright"),
        ("A Bright", "Dr Ada Bright"),
        ("Bright, Ada", "Ada Bright"),
    ],
)
def test_one_person_in_two_spellings(first: str, second: str) -> None:
    assert one_thing(first, second, "person")
    assert one_thing(second, first, "person")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Ada Bright", "Anna Bright"),
        ("Ada Bright", "Ben Bright"),
        ("A. Bright", "B. Bright"),
        ("Ada M. Bright", "Ada K. Bright"),
        ("Mr. Robin Hall", "Mrs. Robin Hall"),
        ("Mrs Bright", "Ada Bright"),
        ("Bright", "Ada Bright"),
        ("Ada", "Ada Bright"),
        ("Ada Bright", "Ada Brightman"),
        ("Ada Bright", "Bright Ada"),
    ],
)
def test_two_persons_with_a_name_in_common(first: str, second: str) -> None:
    assert not one_thing(first, second, "person")
    assert not one_thing(second, first, "person")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Harbour Lights Ltd", "Harbour Lights Limited"),
        ("Harbour Lights Ltd.", "Harbour Lights"),
        ("Acme, Inc.", "ACME Incorporated"),
        ("Quay Lamps Pty Ltd", "Quay Lamps Ltd"),
        ("Rossi S.p.A.", "Rossi SpA"),
        ("Weber GmbH & Co. KG", "Weber GmbH and Co KG"),
    ],
)
def test_one_organisation_in_two_spellings(first: str, second: str) -> None:
    assert one_thing(first, second, "organisation")
    assert one_thing(second, first, "organisation")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Acme Ltd", "Acme GmbH"),
        ("Acme Inc", "Acme LLC"),
        ("Harbour Lights Ltd", "Harbour Lamps Ltd"),
        ("North Star Ltd", "North Ltd"),
    ],
)
def test_two_organisations_with_much_in_common(first: str, second: str) -> None:
    assert not one_thing(first, second, "organisation")


def agree(anchor: str, *others: str, type: str = "person") -> set[str]:
    return set(agreeing(spelling(anchor, type), {other: spelling(other, type) for other in others}))


def test_an_initial_means_the_only_one_whom_it_can_mean() -> None:
    assert agree("A. Bright", "Ada Bright", "Dr. Ada Bright", "Ben Bright") == {"Ada Bright", "Dr. Ada Bright"}
    assert agree("A. Bright", "Ada Bright", "Anna Bright") == set()
    assert agree("Ada Bright", "A. Bright", "Anna Bright") == set()
    assert agree("Ada Bright", "A. Bright", "Ben Bright") == {"A. Bright"}


def test_a_name_without_a_legal_form_means_the_only_firm_that_bears_it() -> None:
    firms = ("Acme Limited", "Acme GmbH", "Acme")
    assert agree("Acme", "Acme Ltd", "Acme Limited", type="organisation") == {"Acme Ltd", "Acme Limited"}
    assert agree("Acme Ltd", *firms, type="organisation") == {"Acme Limited"}
    assert agree("Acme", "Acme Ltd", "Acme GmbH", type="organisation") == set()


@pytest.mark.parametrize(
    ("one", "other", "type"),
    [
        ("Harbour Lights Ltd", "Harbour Lights", "organisation"),
        ("Harbour Lights Ltd", "Harbour Lights Limited", "organisation"),
        ("Dr. Ada Bright", "Ada Bright", "person"),
        ("A. Bright", "Ada Bright", "person"),
        ("Bright, Ada", "Ada Bright", "person"),
    ],
)
def test_spellings_of_one_thing_find_each_other(one: str, other: str, type: str) -> None:
    for name, sought in ((one, other), (other, one)):
        filed = {name_id(name), *filed_under(name, type)}
        assert filed & set(sought_under(sought, type))


def test_a_plain_name_of_a_thing_is_filed_under_nothing_else() -> None:
    assert filed_under("Bristol", "place") == []
    assert filed_under("Brass Harbour Lantern", "product") == []


@pytest.mark.parametrize(
    "name", ["Brass Harbour Lantern", "New York", "The Hague", "Zoë Håland", "प्रिया शर्मा", "李华", "O'Neill's"]
)
def test_a_plain_name_has_the_key_that_names_have(name: str) -> None:
    assert spelling(name).key == name_key(name)
