"""Which products a complaint names."""

from __future__ import annotations

import pytest

from actors.retrieval.set_question.naming import named_in

OWN = ["Walnut Desk Lamp", "Oslo Ceramic Mug 350 ml", "Linen Apron"]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("The Walnut Desk Lamp never came.", ["Walnut Desk Lamp"]),
        ("the walnut desk lamps never came", ["Walnut Desk Lamp"]),
        ("Where is my lamp?", ["Walnut Desk Lamp"]),
        ("my Oslo mug is late", ["Oslo Ceramic Mug 350 ml"]),
        ("The wallnut lamp", ["Walnut Desk Lamp"]),
        ("Where is my parcel?", []),
        ("The mug and the apron did not come", ["Oslo Ceramic Mug 350 ml", "Linen Apron"]),
        ("I sat at my desk and waited", []),
        ("", []),
    ],
)
def test_products_are_named_in_full_or_short(text: str, named: list[str]) -> None:
    assert named_in(text, OWN) == named


def test_another_product_named_in_full_is_not_taken_for_one_like_it() -> None:
    assert named_in("My Brass Desk Lamp is late", ["Walnut Desk Lamp"], ["Walnut Desk Lamp", "Brass Desk Lamp"]) == []


def test_of_two_alike_the_one_said_is_named() -> None:
    assert named_in("the brass desk lamp", ["Walnut Desk Lamp", "Brass Desk Lamp"]) == ["Brass Desk Lamp"]


def test_a_code_names_its_product() -> None:
    assert named_in("Article LMP-204 is missing", ["Walnut Desk Lamp"], codes={"LMP-204": "Walnut Desk Lamp"}) == [
        "Walnut Desk Lamp"
    ]
