from __future__ import annotations

import pytest

from actors.compose.links import without_foreign_links

SOURCE = "Claims go to https://shop.example/claims or [the form](https://shop.example/form), see www.shop.example."


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("Look: ![logo](https://evil.example/p.png?q=secret)", "Look: "),
        ("Look: ![logo][evil] here.", "Look: here."),
        ("Use [the form](https://evil.example/form) now.", "Use the form now."),
        ("Use [1](https://evil.example/form) now.", "Use [1] now."),
        ("Go to https://evil.example/a?b=c.", "Go to "),
        ("Go to <https://evil.example/a> now.", "Go to now."),
        ("Go to evil.example/a now.", "Go to now."),
        ("Go to https://shop.example/claims?card=4111 now.", "Go to now."),
        ('Click <a href="https://evil.example">here</a> or <img src=https://evil.example/p>.', "Click here or ."),
        ("Run [this](javascript:alert(1)) now.", "Run this) now."),
        ("See www.evil.example now.", "See now."),
    ],
)
def test_an_address_that_no_source_has_is_taken_out(written: str, left: str) -> None:
    assert without_foreign_links(written, [SOURCE]) == left


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("Claims go to https://shop.example/claims.", "Claims go to https://shop.example/claims."),
        ("Use [the form](https://shop.example/form).", "Use https://shop.example/form."),
        ("See www.shop.example.", "See www.shop.example."),
        ("Between 9 and/or 10, at 5/6 of a price < 100.", "Between 9 and/or 10, at 5/6 of a price < 100."),
    ],
)
def test_an_address_of_a_source_stays_and_so_does_what_is_none(written: str, left: str) -> None:
    assert without_foreign_links(written, [SOURCE]) == left
