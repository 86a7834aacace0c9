from __future__ import annotations

import pytest

from actors.ingest.stated import stated

NAMES = ["Quay Lamps", "Harbour Lights", "National Harbour Board", "Ada Bright", "Ada Cole", "Bristol", "Lamps"]


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("Quay Lamps (formerly Harbour Lights) moved.", ("Quay Lamps", "Harbour Lights")),
        ("Quay Lamps, formerly known as Harbour Lights, moved.", ("Quay Lamps", "Harbour Lights")),
        ("Quay Lamps (aka Harbour Lights) moved.", ("Quay Lamps", "Harbour Lights")),
        ("Quay Lamps, trading as Harbour Lights, moved.", ("Quay Lamps", "Harbour Lights")),
        ("Ada Bright (née Ada Cole) wrote.", ("Ada Bright", "Ada Cole")),
        ("The National Harbour Board (NHB) met.", ("National Harbour Board", "NHB")),
    ],
)
def test_a_text_states_another_name(text: str, pair: tuple[str, str]) -> None:
    assert list(stated(text, NAMES)) == [pair]


@pytest.mark.parametrize(
    "text",
    [
        "Quay Lamps met Harbour Lights.",
        "Quay Lamps is in Bristol, formerly a village.",
        "Quay Lamps sells lamps (formerly Harbour Lights).",
        "The National Harbour Board (UK) met.",
        "Bristol (B) is far.",
        "Ada Bright was formerly at Quay Lamps.",
    ],
)
def test_what_only_stands_near_is_no_statement(text: str) -> None:
    assert list(stated(text, NAMES)) == []
