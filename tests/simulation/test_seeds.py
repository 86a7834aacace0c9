"""The runtime keeps its promises under every trouble that 500 seeds come up with, and a seed is always the same run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from simulation.__main__ import report, story
from simulation.run import run

SEEDS = 500
ROOT = Path(__file__).resolve().parents[2]

# Troubles that are drawn often enough to be in any 500 seeds: a simulation in which nothing happens proves nothing.
TROUBLES = (
    "kill",
    "pause",
    "usurp",
    "drain",
    "clock",
    "move",
    "sender heard Moved",
    "duplicate",
    "another try",
    "fenced writes",
    "caller left",
    "given up",
    "doubled request",
    "doubled reply",
    "lost request",
    "lost reply",
    "disk: fails",
    "disk: lost",
    "disk: statement",
    "passivated",
    "quarantined",
    "gave up: quarantined",
    "gave up: silent journal",
    "gave up: superseded",
    "sender heard Overloaded",
    "watched to its end",
    "answered question",
    "unanswered question",
    "reply arrived",
    "flagged reply arrived",
    "reply refused",
    "lost call",
    "lost answer to a call",
    "asked: sent",
    "asked: not sent",
    "asked: unknown",
)


@pytest.fixture(scope="module")
def troubles() -> Counter[str]:
    return Counter()


@pytest.mark.parametrize("first", range(0, SEEDS, 50))
def test_every_promise_holds_for_fifty_seeds(first: int, troubles: Counter[str]) -> None:
    for seed in range(first, first + 50):
        outcome = run(seed)
        assert not outcome.breaches, "\n".join(report(outcome))
        troubles.update(outcome.tally)


def test_every_kind_of_trouble_has_happened(troubles: Counter[str]) -> None:
    if not troubles:
        pytest.skip("the seeds have not run")

    assert [trouble for trouble in TROUBLES if not troubles[trouble]] == []


def test_a_seed_replays_to_the_letter_also_in_another_process() -> None:
    seed = next(seed for seed in range(100) if run(seed).tally["kill"] >= 2)
    once, again = (list(story(run(seed, logs=True))) for _ in range(2))
    command = [sys.executable, "-m", "simulation", "--replay", str(seed)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", "PYTHONHASHSEED": "random"}
    elsewhere = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=60)

    assert len(once) > 50
    assert again == once
    assert elsewhere.stdout.splitlines() == once
