from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from actors.typos import close, halves, probes, slips

LETTERS = st.characters(categories=["Ll"], max_codepoint=0x7F)
KEYS = st.text(LETTERS, min_size=7, max_size=24)


@given(KEYS, st.integers(0, 30), LETTERS, st.sampled_from(["drop", "add", "change"]))
def test_a_key_with_one_slip_is_found_under_a_half_of_the_right_one(key: str, at: int, new: str, slip: str) -> None:
    at %= len(key)
    typed = {
        "drop": key[:at] + key[at + 1 :],
        "add": key[:at] + new + key[at:],
        "change": key[:at] + new + key[at + 1 :],
    }
    filed, (heads, tails) = halves(key), probes(typed[slip])
    assert filed is not None
    assert filed[0] in heads or filed[1] in tails


def test_letters_swapped_are_one_slip() -> None:
    assert slips("margaretoakley", "margraetoakley") == 1


def test_close_names_are_those_of_a_slip_or_two_in_a_long_one() -> None:
    assert close("margretoakley", "margaretoakley")
    assert close("margretoakly", "margaretoakley")
    assert not close("adabright", "adabrigs")
    assert not close("leeds", "leads")
    assert not close("bristol", "bristol")


def test_a_code_has_no_neighbours() -> None:
    assert halves("nl2040x") is None
    assert probes("nl2040x") == ([], [])
    assert not close("ordernl2040", "ordernl2041")
