"""Messages of people and the fate of ours, whatever order it is told in."""

from __future__ import annotations

from itertools import permutations

import pytest

from actors.inbound import Content, Delivery, InboundMessage, Sender, advanced, wants_answer

WEEK = 7 * 86_400.0
NOW = 1_800_000_000.0


def message(sent_at: float) -> InboundMessage:
    return InboundMessage(
        content=Content.TEXT,
        text="",
        sender=Sender(id="1"),
        channel="telegram",
        conversation="1",
        reply_to={"chat_id": "1"},
        provider_id="1",
        dedupe_key="1",
        sent_at=sent_at,
    )


@pytest.mark.parametrize("told", list(permutations([Delivery.SENT, Delivery.DELIVERED, Delivery.READ])))
def test_a_delivery_never_goes_back(told: tuple[Delivery, ...]) -> None:
    known: Delivery | None = None
    for state in told:
        known = advanced(known, state)

    assert known is Delivery.READ


def test_what_was_delivered_has_not_failed_and_what_failed_was_not_only_sent() -> None:
    assert advanced(Delivery.DELIVERED, Delivery.FAILED) is Delivery.DELIVERED
    assert advanced(Delivery.SENT, Delivery.FAILED) is Delivery.FAILED
    assert advanced(Delivery.FAILED, Delivery.SENT) is Delivery.FAILED
    assert advanced(Delivery.FAILED, Delivery.DELIVERED) is Delivery.DELIVERED


def test_only_what_nobody_waits_for_gets_no_answer() -> None:
    silent = {content for content in Content if not wants_answer(content)}

    assert silent == {Content.REACTION, Content.EDIT, Content.REVOKED}


@pytest.mark.parametrize(
    ("sent_at", "stale"),
    [(NOW, False), (NOW - WEEK + 1, False), (NOW - WEEK, True), (0.0, True), (NOW + 60, False), (NOW + WEEK, True)],
)
def test_a_message_is_stale_once_the_inbox_would_not_know_it_again(sent_at: float, stale: bool) -> None:
    assert message(sent_at=sent_at).stale(NOW, known_s=WEEK) is stale
