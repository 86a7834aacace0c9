from __future__ import annotations

from actors.holder import Holder, when_customer_writes, when_person_writes


def test_a_customer_opens_a_closed_conversation_again_and_takes_nothing_from_a_person() -> None:
    assert when_customer_writes(Holder.CLOSED) is Holder.ASSISTANT
    assert when_customer_writes(Holder.HUMAN) is Holder.HUMAN
    assert when_customer_writes(Holder.ASSISTANT) is Holder.ASSISTANT


def test_a_person_who_writes_takes_the_conversation_but_does_not_open_a_closed_one() -> None:
    assert when_person_writes(Holder.ASSISTANT) is Holder.HUMAN
    assert when_person_writes(Holder.HUMAN) is Holder.HUMAN
    assert when_person_writes(Holder.CLOSED) is Holder.CLOSED
