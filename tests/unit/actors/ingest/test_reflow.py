from __future__ import annotations

from actors.ingest.reflow import paragraphs


def test_wrapped_lines_become_one_paragraph() -> None:
    page = (
        "Returns\n"
        "Customers may return what they bought within thirty days of its delivery, unopened and\n"
        "with its receipt. Refunds are paid within five working days after we have looked at it\n"
        "in our store.\n"
        "Damage\n"
        "Photograph the parcel.\n"
    )
    assert paragraphs(page) == [
        "Returns",
        "Customers may return what they bought within thirty days of its delivery, unopened and with its receipt. "
        "Refunds are paid within five working days after we have looked at it in our store.",
        "Damage",
        "Photograph the parcel.",
    ]


def test_a_word_broken_over_two_lines_is_whole_again() -> None:
    page = "A long line about an inspec\x02\ntion that goes on for quite some time, as lines in reports do.\nThe end."
    assert "inspection that" in paragraphs(page)[0]


def test_list_items_stay_apart() -> None:
    page = "• one thing that is long enough to be taken for a wrapped line\n• another thing of the same length it is"
    assert len(paragraphs(page)) == 2
