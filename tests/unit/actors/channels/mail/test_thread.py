"""Mails find their conversation, and our own keep their ids."""

from __future__ import annotations

from actors.channels.mail.thread import MOST_REFERENCES, is_ours, our_id, references, thread_of


def test_a_thread_is_the_same_from_its_first_mail_to_its_last() -> None:
    first = thread_of([], [], "a@x")

    assert thread_of(["a@x", "b@x"], ["b@x"], "c@x") == first
    assert thread_of([], ["a@x"], "b@x") == first
    assert thread_of([], [], "other@x") != first


def test_an_answer_to_ours_is_in_our_thread_whatever_else_it_refers_to() -> None:
    thread = thread_of([], [], "a@x")
    ours = our_id("out_turn_1", thread, "shop@shop.example")

    assert is_ours(f"<{ours}>")
    assert thread_of([], [ours], "b@x") == thread
    assert thread_of(["cut@x", ours, "later@x"], ["later@x"], "b@x") == thread


def test_references_are_bounded_and_keep_the_first_and_the_newest() -> None:
    before = [f"{number}@x" for number in range(100)]
    chain = references(before, "last@x")

    assert len(chain) == MOST_REFERENCES
    assert (chain[0], chain[-2], chain[-1]) == ("0@x", "99@x", "last@x")
