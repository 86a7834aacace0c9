"""Identifiers: time-ordered, URL-safe, prefixed by what they name (``msg_``, ``doc_``, ``job_`` ...)."""

from __future__ import annotations

import os
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, as in ULID
_TIME_CHARS, _RANDOM_CHARS = 10, 16


def new_id(prefix: str, *, now: float | None = None, entropy: bytes | None = None) -> str:
    """``prefix_`` + 26 characters: 48 bits of milliseconds and 80 bits of randomness (the layout of a ULID)."""
    millis = int((time.time() if now is None else now) * 1000)
    number = int.from_bytes(os.urandom(10) if entropy is None else entropy[:10].ljust(10, b"\0"), "big")
    return f"{prefix}_{_encode(millis, _TIME_CHARS)}{_encode(number, _RANDOM_CHARS)}"


def _encode(number: int, width: int) -> str:
    out = []
    for _ in range(width):
        out.append(_ALPHABET[number & 31])
        number >>= 5
    return "".join(reversed(out))
