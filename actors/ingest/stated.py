"""Other names that a text itself states: "Quay Lamps (formerly Harbour Lights)", "National Harbour Board (NHB)".

Promises: pure; only between two names that stand directly at either side of the statement; letters of an acronym must
be the initials of the name before it (Schwartz and Hearst, "A Simple Algorithm for Identifying Abbreviation
Definitions", PSB 2003, the strict case).

Held by tests/unit/actors/ingest/test_stated.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_STATED = re.compile(
    r"(?:\s*\(|,\s+)(?:formerly(?: known as)?|previously(?: known as)?|also known as|also called|a\.?k\.?a\.?"
    r"|trading as|née)\s+",
    re.IGNORECASE,
)
_ACRONYM = re.compile(r"\s*\((?P<letters>[A-Z]{2,7})\)")
_SMALL = frozenset(["of", "the", "and", "for", "de", "la", "du", "van", "von", "&"])


def stated(text: str, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pairs of names that a sentence says are one thing. ``names`` are those found in it, as they are written."""
    for found in _STATED.finditer(text):
        before, after = _ending(text[: found.start()], names), _beginning(text[found.end() :], names)
        if before and after and before != after:
            yield before, after
    for found in _ACRONYM.finditer(text):
        before = _ending(text[: found.start()], names)
        if before and _initials(before) == found["letters"]:
            yield before, found["letters"]


def _ending(text: str, names: Sequence[str]) -> str:
    return max((name for name in names if text.endswith(name)), key=len, default="")


def _beginning(text: str, names: Sequence[str]) -> str:
    return max((name for name in names if text.startswith(name)), key=len, default="")


def _initials(name: str) -> str:
    words = [word for word in re.split(r"[\s-]+", name) if word.casefold() not in _SMALL]
    return "".join(word[0] for word in words if word).upper() if len(words) > 1 else ""
