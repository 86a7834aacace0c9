"""Identifiers: time-ordered, URL-safe, prefixed by what they name (``msg_``, ``doc_``, ``job_`` ...).

Held by tests/unit/runtime/test_ids.py.
"""

from __future__ import annotations

import os
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, as in ULID
_PAIRS = tuple(high + low for high in _ALPHABET for low in _ALPHABET)  # ten bits at a time: every question has an id


def new_id(prefix: str, *, now: float | None = None, entropy: bytes | None = None) -> str:
    """``prefix_`` + 26 characters: 48 bits of milliseconds and 80 bits of randomness (the layout of a ULID)."""
    millis = int((time.time() if now is None else now) * 1000)
    drawn = os.urandom(10) if entropy is None else entropy[:10].ljust(10, b"\0")
    high, low = int.from_bytes(drawn[:5], "big"), int.from_bytes(drawn[5:], "big")
    return f"{prefix}_{_PAIRS[(millis >> 40) & 1023]}{_encode(millis)}{_encode(high)}{_encode(low)}"


def _encode(number: int) -> str:
    """The lowest 40 bits."""
    return (
        f"{_PAIRS[(number >> 30) & 1023]}{_PAIRS[(number >> 20) & 1023]}"
        f"{_PAIRS[(number >> 10) & 1023]}{_PAIRS[number & 1023]}"
    )
