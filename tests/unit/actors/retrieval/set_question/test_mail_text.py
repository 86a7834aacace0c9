"""What counts as a mail's own words."""

from __future__ import annotations

import pytest

from actors.retrieval.set_question.mail_text import own_words, read

OWN = "All is well now, the lamp works."
OLD = "The lamp never arrived and nobody answers."


@pytest.mark.parametrize(
    "quoted",
    [
        f"On Mon, 4 May 2026 at 10:12, Anna Berg <anna@example.com> wrote:\n> {OLD}",
        f"On 04.05.2026, Anna Berg wrote:\n\n{OLD}",
        f"Anna Berg wrote:\n{OLD}",
        f"On Mon, 4 May 2026 at 10:12, Anna Maria Berg\n<anna@example.com> wrote:\n\n> {OLD}",
        f"-----Original Message-----\nFrom: Anna\n{OLD}",
        f"---------- Forwarded message ---------\n{OLD}",
        f"From: Anna Berg\nSent: Monday, 4 May 2026\nTo: us\nSubject: Lamp\n\n{OLD}",
        f"________________________________\nFrom: Anna\n{OLD}",
        f"> {OLD}",
        f"| {OLD}",
    ],
)
def test_quoted_mail_is_not_the_writers_own(quoted: str) -> None:
    assert own_words(f"{OWN}\n\n{quoted}") == OWN


def test_an_answer_below_the_quotation_is_kept() -> None:
    assert own_words(f"On Monday Anna wrote:\n> {OLD}\n\n{OWN}") == OWN


def test_a_signature_ends_the_mail() -> None:
    assert own_words(f"{OWN}\n\nKind regards\nAnna Berg\nLamp Ltd") == OWN


def test_greeting_and_name_are_no_sentences_to_judge() -> None:
    assert read("Lamp", f"Dear team,\n\n{OWN} It shines.\n\nAnna").units == (
        OWN,
        "It shines.",
        f"{OWN} It shines.",
    )


def test_the_subject_of_a_reply_is_what_it_answers() -> None:
    assert read("Re: Lamp never arrived", OWN).whole == OWN
    assert read("Lamp", OWN).whole == f"Lamp. {OWN}"


def test_an_empty_mail_says_nothing() -> None:
    assert read("", "").units == ()
