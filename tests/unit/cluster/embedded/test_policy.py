"""When a dead child is started again."""

from __future__ import annotations

from cluster.embedded.policy import RestartPolicy

POLICY = RestartPolicy(most=3, within_s=10, first_wait_s=0.5, longest_wait_s=1.5)


def test_each_restart_waits_longer_up_to_a_bound() -> None:
    assert [POLICY.wait([0.0] * deaths, 0.0) for deaths in (1, 2, 3)] == [0.5, 1.0, 1.5]


def test_more_deaths_than_the_intensity_allows_end_it() -> None:
    assert POLICY.wait([0.0, 1.0, 2.0, 3.0], 3.0) is None


def test_old_deaths_are_forgiven() -> None:
    assert POLICY.wait([0.0, 1.0, 2.0, 50.0], 50.0) == 0.5
