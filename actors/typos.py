"""Names that differ by a slip of the pen: how they are found again, and when they are close enough.

A slip leaves one half of a key as it was (the pigeonhole principle of partition filters: Li et al., "Pass-Join", VLDB
2011), so a key is filed by both its halves with its length, and looked for under those of a key one longer or shorter.
Promises: pure; a key with a digit in it has no neighbours: A-100 is not A-101.

Held by tests/unit/actors/test_typos.py.
"""

from __future__ import annotations

from rapidfuzz.distance import OSA

SHORTEST = 6  # characters of a key that is worth a guess
_LONG = 12


def halves(key: str) -> tuple[str, str] | None:
    """What a key is filed by; None where it is too short or a code."""
    if not _able(key):
        return None
    cut = len(key) // 2
    return f"{len(key)}|{key[:cut]}", f"{len(key)}|{key[cut:]}"


def probes(key: str) -> tuple[list[str], list[str]]:
    """First and second halves that a key one slip away may be filed by."""
    if not _able(key):
        return [], []
    heads, tails = [], []
    for length in range(max(SHORTEST, len(key) - 1), len(key) + 2):
        cut = length // 2
        heads.append(f"{length}|{key[:cut]}")
        tails.append(f"{length}|{key[-(length - cut) :]}")
    return heads, tails


def slips(one: str, other: str) -> int:
    """Letters added, left out, changed or swapped with their neighbour (optimal string alignment)."""
    return int(OSA.distance(one, other))


def close(one: str, other: str) -> bool:
    """Whether somebody may have meant the one and written the other."""
    shorter = min(len(one), len(other))
    if one == other or shorter < SHORTEST or not (_able(one) and _able(other)):
        return False
    return slips(one, other) <= (2 if shorter >= _LONG else 1)


def _able(key: str) -> bool:
    return len(key) >= SHORTEST and not any(char.isdigit() for char in key)
