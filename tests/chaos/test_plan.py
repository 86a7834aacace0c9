"""The blows of a seed: always the same, and never more than the restart policy forgives."""

from __future__ import annotations

from collections import Counter

from chaos.plan import PAUSE, PAUSE_LONG, VICTIMS, Blow, Plan

from cluster.embedded.policy import RestartPolicy

POLICY = RestartPolicy()
EVERY_S = 2.0


def blows(seed: int, number: int, *, several_cells: bool = True) -> list[tuple[float, Blow]]:
    plan = Plan(seed, VICTIMS, POLICY, several_cells=several_cells)
    drawn = []
    for at in range(number):
        blow = plan.next({victim.name for victim in VICTIMS}, at * EVERY_S)
        assert blow is not None
        if not blow.pause_s:
            plan.struck(blow.victim, at * EVERY_S)
        drawn.append((at * EVERY_S, blow))
    return drawn


def test_the_same_seed_draws_the_same_blows() -> None:
    assert blows(7, 100) == blows(7, 100)
    assert blows(7, 100) != blows(8, 100)


def test_what_is_struck_is_never_given_up_by_the_restart_policy() -> None:
    bounds = {victim.name: victim.bound for victim in VICTIMS if victim.bound}
    drawn = [(at, bounds[blow.victim]) for at, blow in blows(1, 2_000) if blow.victim in bounds]
    assert {bound for _, bound in drawn} == set(bounds.values())
    for bound in set(bounds.values()):
        deaths = [at for at, which in drawn if which == bound]
        assert all(POLICY.wait(deaths[: n + 1], deaths[n]) is not None for n in range(len(deaths)))


def test_where_nothing_may_be_struck_there_is_no_blow() -> None:
    plan = Plan(1, VICTIMS, POLICY, several_cells=False)
    for _ in range(POLICY.most - 1):
        plan.struck("raylet", 0.0)
    assert plan.next({"raylet", "ray gcs"}, 1.0) is None
    assert plan.next({"raylet", "ray gcs"}, POLICY.within_s + 1.0) is not None


def test_three_hundred_blows_reach_everything_and_most_of_them_a_turn() -> None:
    drawn = [blow for _, blow in blows(1, 300)]
    assert {victim.name for victim in VICTIMS} | {PAUSE, PAUSE_LONG} == {blow.name for blow in drawn}
    assert sum(blow.in_flight for blow in drawn) > 200
    assert Counter(blow.patient for blow in drawn)[False] > 50


def test_a_single_cell_is_never_frozen_beyond_its_lease() -> None:
    assert PAUSE_LONG not in {blow.name for _, blow in blows(1, 2_000, several_cells=False)}
