"""The mailbox decides which turn may start: exclusive alone, readers together, the urgent first, never too many."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.mailbox import SHARES, Mailbox
from runtime.message import Tier


@dataclass(frozen=True)
class Item:
    n: int
    tier: Tier = Tier.INTERACTIVE
    read_only: bool = False
    sibling: bool = False


def mailbox(*items: Item, capacity: int = 100, readers: int = 2) -> Mailbox[Item]:
    made: Mailbox[Item] = Mailbox(capacity=capacity, readers=readers)
    for item in items:
        made.put(item)
    return made


def test_an_exclusive_turn_runs_alone() -> None:
    first, second, reader = Item(1), Item(2), Item(3, read_only=True)
    box = mailbox(first, second, reader)

    assert box.take() is first
    assert box.take() is None
    box.finished(first)
    assert box.take() is second


def test_readers_run_together_up_to_their_limit_and_none_overtakes_a_waiting_exclusive_turn() -> None:
    readers = [Item(n, read_only=True) for n in range(3)]
    box = mailbox(*readers, Item(9), Item(10, read_only=True))

    assert [box.take(), box.take(), box.take()] == [readers[0], readers[1], None]
    box.finished(readers[0])
    assert box.take() is readers[2]
    box.finished(readers[1])
    assert box.take() is None  # the exclusive one in front waits for the last reader
    box.finished(readers[2])
    assert box.take() == Item(9)


def test_the_urgent_come_first() -> None:
    box = mailbox(*(Item(n, tier=tier) for n, tier in enumerate(reversed(Tier))))
    order = []
    while (item := box.take()) is not None:
        order.append(item.tier)
        box.finished(item)

    assert order == list(Tier)


@pytest.mark.parametrize("tier", list(Tier))
def test_each_tier_may_fill_its_share(tier: Tier) -> None:
    box = mailbox(capacity=20)
    while box.has_room(tier):
        box.put(Item(0, tier=tier))

    assert len(box) == 20 * SHARES[tier]


def test_a_reserved_place_is_taken_until_it_is_released() -> None:
    box = mailbox(capacity=2)

    assert box.reserve(Tier.VOICE)
    assert box.reserve(Tier.VOICE)
    assert not box.reserve(Tier.VOICE)
    assert not box.idle
    box.release()
    assert box.reserve(Tier.VOICE)


def test_clearing_returns_what_waits_and_keeps_what_shall_stay() -> None:
    box = mailbox(Item(0), Item(1), Item(2, tier=Tier.BATCH), Item(3))
    running = box.take()

    assert box.clear(keep=lambda item: item.n == 3) == [Item(1), Item(2, tier=Tier.BATCH)]
    assert (len(box), box.running) == (1, 1)
    assert running is not None
    box.finished(running)
    assert box.take() == Item(3)


actions = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from(list(Tier)), st.booleans()),
        st.tuples(st.just("take"), st.none(), st.none()),
        st.tuples(st.just("finish"), st.integers(0, 20), st.none()),
    ),
    max_size=60,
)


@given(actions, st.integers(1, 4))
def test_whatever_happens_the_rules_hold(script: list[tuple[str, object, object]], readers: int) -> None:
    box: Mailbox[Item] = Mailbox(capacity=10, readers=readers)
    running: list[Item] = []
    taken: list[Item] = []
    put = 0
    for action, first, second in script:
        if action == "put" and box.has_room(Tier(first)):  # type: ignore[arg-type]
            box.put(Item(put, tier=Tier(first), read_only=bool(second)))  # type: ignore[arg-type]
            put += 1
        elif action == "take" and (item := box.take()) is not None:
            running.append(item)
            taken.append(item)
        elif action == "finish" and running:
            box.finished(running.pop(int(str(first)) % len(running)))
        exclusive = [item for item in running if not item.read_only]
        assert len(exclusive) <= 1
        assert not exclusive or len(running) == 1
        assert len(running) <= readers
        assert box.running == len(running)
        assert len(box) == put - len(taken) <= 10
    for tier in Tier:
        numbers = [item.n for item in taken if item.tier is tier]
        assert numbers == sorted(numbers)


@given(st.lists(st.tuples(st.sampled_from(list(Tier)), st.booleans()), max_size=30), st.integers(1, 4))
def test_everything_that_waits_gets_its_turn(items: list[tuple[Tier, bool]], readers: int) -> None:
    box = mailbox(*(Item(n, tier, read_only) for n, (tier, read_only) in enumerate(items)), readers=readers)
    done = 0
    while not box.idle:
        batch = []
        while (item := box.take()) is not None:
            batch.append(item)
        assert batch  # it never stands still
        for item in batch:
            box.finished(item)
        done += len(batch)

    assert done == len(items)
