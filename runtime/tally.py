"""What has happened in a cell since its process began, counted by the kind of actor: plain numbers that only grow.

Held by tests/unit/runtime/test_cell_figures.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields


@dataclass(frozen=True, slots=True)
class Tally:
    """``turns`` that were done, ``failures`` of those that ended with an error of ours, ``crashes`` with any other;
    ``restarts`` of tenants; ``retries`` and ``dead_letters`` of durable messages; ``refused`` messages by tier."""

    activations: Counter[str] = field(default_factory=Counter)
    passivations: Counter[str] = field(default_factory=Counter)
    turns: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    crashes: Counter[str] = field(default_factory=Counter)
    retries: Counter[str] = field(default_factory=Counter)
    dead_letters: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def numbers(self) -> Mapping[str, Mapping[str, int]]:
        """Name of the counter → kind → number, fit to travel."""
        return {each.name: dict(getattr(self, each.name)) for each in fields(self)}
