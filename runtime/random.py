"""Randomness as a collaborator, so that a test can replay it."""

from __future__ import annotations

from typing import Protocol


class Random(Protocol):
    def random(self) -> float:
        """A number in [0, 1)."""
        ...

    def randbytes(self, n: int, /) -> bytes:
        """So many random bytes, for ids."""
        ...
