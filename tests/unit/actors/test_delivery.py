"""What became of a message of ours, however it is told."""

from __future__ import annotations

from itertools import permutations

import pytest

from actors.delivery import Fate, fate_of, noted, ours, parts_of
from actors.inbound import Delivery, DeliveryTold

STEPS = [Delivery.SENT, Delivery.DELIVERED, Delivery.READ]


def told(state: Delivery, at: float = 5.0, **more: str) -> DeliveryTold:
    return DeliveryTold(provider_id="wamid.1", state=state, at=at, **more)


def fate(kept: str = "", state: str = "sent", error: str = "", maybe_duplicate: bool = False) -> Fate:
    return fate_of(state=state, kept=kept, error=error, maybe_duplicate=maybe_duplicate, updated_at=1.0)


@pytest.mark.parametrize("order", list(permutations(STEPS)))
def test_the_furthest_that_was_told_stands_in_whatever_order(order: tuple[Delivery, ...]) -> None:
    kept = ""
    for state in order:
        kept = noted(kept, 0, told(state, at=float(STEPS.index(state))))

    assert fate(kept) == Fate(state="read", at=2.0)


def test_what_is_told_again_changes_nothing() -> None:
    kept = noted("", 0, told(Delivery.DELIVERED, at=5.0))

    assert noted(kept, 0, told(Delivery.DELIVERED, at=9.0)) == kept
    assert noted(kept, 0, told(Delivery.SENT, at=9.0)) == kept


def test_a_failure_has_the_providers_reason() -> None:
    kept = noted("", 0, told(Delivery.SENT))
    kept = noted(kept, 0, told(Delivery.FAILED, at=6.0, code="131047", reason="Re-engagement message"))

    assert fate(kept) == Fate(state="failed", at=6.0, reason="131047: Re-engagement message")


def test_an_answer_is_as_far_as_the_least_of_its_parts_and_failed_with_one_of_them() -> None:
    kept = noted(noted("", 0, told(Delivery.READ)), 1, told(Delivery.DELIVERED))
    assert fate(kept).state == "delivered"

    kept = noted(kept, 2, told(Delivery.FAILED, reason="gone"))
    assert (fate(kept).state, fate(kept).reason) == ("failed", "gone")
    assert {at: part.state for at, part in parts_of(kept).items()} == {0: "read", 1: "delivered", 2: "failed"}


@pytest.mark.parametrize(
    ("state", "error", "shown", "reason"),
    [
        ("queued", "", "queued", ""),
        ("queued", "Unavailable: 503", "queued", "Unavailable: 503"),
        ("sending", "", "queued", ""),
        ("sent", "Unavailable: 503", "sent", ""),
        ("failed", "Terminal: blocked", "failed", "Terminal: blocked"),
    ],
)
def test_before_the_provider_has_told_anything_the_outbox_says(state: str, error: str, shown: str, reason: str) -> None:
    assert fate(state=state, error=error) == Fate(state=shown, at=1.0, reason=reason)


def test_what_was_given_up_and_has_arrived_all_the_same_has_arrived() -> None:
    arrived, accepted = (noted("", 0, told(state)) for state in (Delivery.DELIVERED, Delivery.SENT))

    assert fate(arrived, state="failed", error="It may have arrived.").state == "delivered"
    assert fate(accepted, state="failed", error="It may have arrived.").state == "failed"


def test_a_message_that_may_have_come_twice_says_so() -> None:
    assert fate(maybe_duplicate=True).maybe_duplicate
    assert fate(noted("", 0, told(Delivery.READ)), maybe_duplicate=True).maybe_duplicate


@pytest.mark.parametrize(
    ("our_id", "place"),
    [
        ("out_turn_01abc.0", ("out_turn_01abc", 0)),
        ("out_turn_01abc.12", ("out_turn_01abc", 12)),
        ("", None),
        ("out_turn_01abc", None),
        ("out_turn.1000", None),
        ("out_a'; --.1", None),
        ("campaign-7", None),
        ("out_turn.\N{ARABIC-INDIC DIGIT ONE}", None),
    ],
)
def test_only_ids_as_we_give_them_name_messages_of_ours(our_id: str, place: tuple[str, int] | None) -> None:
    assert ours(our_id) == place
