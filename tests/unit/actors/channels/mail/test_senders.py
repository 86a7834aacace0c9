"""A loop that nothing else recognises ends."""

from __future__ import annotations

from actors.channels.mail.senders import MOST, WITHIN_S, Senders


def test_a_sender_is_bounded_and_others_are_not() -> None:
    senders = Senders()

    assert [senders.allow("a@x", float(second)) for second in range(MOST + 2)] == [True] * MOST + [False] * 2
    assert senders.allow("b@x", 5.0)
    assert senders.allow("a@x", WITHIN_S + 0.5)
    assert not senders.allow("a@x", WITHIN_S + 0.6)
