"""Restart intensity: so many failures in so many seconds, then escalation."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runtime.supervisor import RestartIntensity


def test_failures_up_to_the_limit_are_restarted_and_one_more_escalates() -> None:
    intensity = RestartIntensity(limit=3, window_s=10)

    assert [intensity.failed(now) for now in (0, 1, 2, 3)] == [True, True, True, False]


def test_failures_that_are_far_apart_never_escalate() -> None:
    intensity = RestartIntensity(limit=1, window_s=10)

    assert all(intensity.failed(now) for now in range(0, 1000, 11))


def test_it_is_calm_once_the_last_failure_is_old() -> None:
    intensity = RestartIntensity(limit=1, window_s=10)
    assert intensity.calm(0)
    intensity.failed(0)

    assert not intensity.calm(10)
    assert intensity.calm(10.5)


@given(st.lists(st.floats(0, 100), max_size=40), st.integers(0, 5))
def test_it_escalates_exactly_when_the_window_holds_more_than_the_limit(times: list[float], limit: int) -> None:
    intensity = RestartIntensity(limit=limit, window_s=10)
    seen: list[float] = []
    for now in sorted(times):
        seen.append(now)
        recent = sum(1 for when in seen if now - when <= 10)
        assert intensity.failed(now) is (recent <= limit)
