"""The fair share: who begins a turn when places are few."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from runtime.message import Tier
from runtime.turns import Share, Turns


@dataclass(eq=False)
class Actor:
    """An actor with ``work`` messages; each begun turn holds a place until it is ended."""

    share: Share
    tenant: str
    begun: list[Actor]
    work: int = 1
    tier: Tier = Tier.INTERACTIVE
    running: int = field(default=0)

    def pump(self) -> None:
        while self.work and self.share.begin(self, self.tier):
            self._begin()

    def begin_one(self) -> bool:
        if not self.work:
            return False
        self._begin()
        self.pump()
        return True

    def end(self) -> None:
        self.running -= 1
        self.share.end()

    def _begin(self) -> None:
        self.work -= 1
        self.running += 1
        self.begun.append(self)


def actors(turns: Turns, tenant: str, number: int, begun: list[Actor], tier: Tier = Tier.INTERACTIVE) -> list[Actor]:
    share = turns.share()
    return [Actor(share, tenant, begun, tier=tier) for _ in range(number)]


def pumped(made: list[Actor]) -> list[Actor]:
    for actor in made:
        actor.pump()
    return made


def test_a_tenant_always_begins_its_own_turns_whatever_its_neighbours_do() -> None:
    turns, begun = Turns(own=2, shared=3), list[Actor]()
    pumped(actors(turns, "flood", 100, begun))
    assert len(begun) == 5  # its own and all that are shared

    pumped(actors(turns, "neighbour", 3, begun))

    assert [actor.tenant for actor in begun[5:]] == ["neighbour"] * 2


def test_the_next_free_place_goes_to_the_tenant_that_holds_the_fewest() -> None:
    turns, begun = Turns(own=0, shared=4), list[Actor]()
    pumped(actors(turns, "flood", 100, begun))
    pumped(actors(turns, "neighbour", 100, begun))
    assert [actor.tenant for actor in begun] == ["flood"] * 4

    for actor in list(begun):
        actor.end()

    assert [actor.tenant for actor in begun[4:]] == [
        "neighbour",
        "neighbour",
        "flood",
        "flood",
    ]  # half each from here on


def test_tenants_that_hold_as_many_are_served_in_rotation() -> None:
    turns, begun = Turns(own=0, shared=1), list[Actor]()
    for tenant in ("a", "b", "c"):
        pumped(actors(turns, tenant, 3, begun))

    for _ in range(8):
        begun[-1].end()

    assert "".join(actor.tenant for actor in begun) == "a" + "abcabc" + "bc"


def test_within_a_tenant_the_urgent_come_first_and_then_who_waited_longest() -> None:
    turns, begun = Turns(own=1, shared=0), list[Actor]()
    share = turns.share()
    tiers = (Tier.BATCH, Tier.BATCH, Tier.EMAIL, Tier.VOICE, Tier.INTERACTIVE)
    made = pumped([Actor(share, "a", begun, tier=tier) for tier in tiers])

    for _ in made[1:]:
        begun[-1].end()

    assert begun == [made[0], made[3], made[4], made[2], made[1]]


def test_an_actor_that_becomes_urgent_moves_up() -> None:
    turns, begun = Turns(own=1, shared=0), list[Actor]()
    share = turns.share()
    running, first, second = pumped([Actor(share, "a", begun, tier=Tier.BATCH) for _ in range(3)])
    second.tier = Tier.VOICE
    second.pump()

    running.end()

    assert begun[-1] is second
    assert first.work == 1


def test_a_place_that_its_actor_cannot_use_goes_to_the_next() -> None:
    turns, begun = Turns(own=1, shared=0), list[Actor]()
    share = turns.share()
    running, gone, waits = pumped([Actor(share, "a", begun) for _ in range(3)])
    gone.work = 0

    running.end()

    assert begun == [running, waits]
    waits.end()
    assert share.running == turns.waiting == 0


@given(
    own=st.integers(0, 3),
    shared=st.integers(1, 4),
    steps=st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=80),
)
def test_whatever_happens_no_place_is_lost_doubled_or_left_free(
    own: int, shared: int, steps: list[tuple[int, bool]]
) -> None:
    turns, begun = Turns(own=own, shared=shared), list[Actor]()
    shares = [turns.share() for _ in range(3)]
    made = [Actor(shares[n % 3], str(n % 3), begun, work=0) for n in range(6)]
    for n, comes in steps:
        actor = made[n]
        if comes:
            actor.work += 1
            actor.pump()
        elif actor.running:
            actor.end()
            actor.pump()
        running = [sum(each.running for each in made if each.share is share) for share in shares]
        assert [share.running for share in shares] == running
        used = sum(max(0, each - own) for each in running)
        assert used <= shared
        for share, holds in zip(shares, running, strict=True):
            if any(each.work for each in made if each.share is share):
                assert holds >= own
                assert used == shared
