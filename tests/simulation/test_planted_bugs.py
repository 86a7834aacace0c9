"""The simulation proves its worth: each of these bugs, planted one at a time, is found within 500 seeds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from simulation.planted import BUGS, Replaced
from simulation.run import run

WITHIN = 500


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_a_planted_bug_is_found(bug: Callable[[], Replaced], monkeypatch: pytest.MonkeyPatch) -> None:
    owner, name, instead = bug()
    monkeypatch.setattr(owner, name, instead)

    assert any(run(seed).breaches for seed in range(WITHIN)), f"{bug.__name__} was not found in {WITHIN} seeds"
