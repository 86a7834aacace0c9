"""The words of a text that carry meaning, as crude stems, for counting overlaps. Pure.

Search itself uses ``actors/keywords.py``; these decide which window of a chunk to look at and whether a sentence is
supported by its source, where a few words more or less do not matter.
"""

from __future__ import annotations

import re

from actors.keywords import STOP_WORDS
from actors.names import fold

_TERM = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SUFFIXES = ("ingly", "edly", "ings", "ing", "ies", "ied", "ed", "es", "s", "ly")
_LAST = frozenset("ygsd")  # how they end: most words need no look at all of them


def terms(text: str) -> list[str]:
    """Stems in order, stop words left out; "LiHua" gives its parts and itself."""
    found: list[str] = []
    for match in _TERM.finditer(text):
        parts = _CAMEL.split(match.group())
        if len(parts) > 1:
            parts.append(match.group())
        found.extend(stem(word) for word in map(fold, parts) if word not in STOP_WORDS)
    return found


def stem(word: str) -> str:
    """Enough to make "orders", "ordered" and "ordering" meet; not a linguist's stem."""
    word = word.removesuffix("'s").removesuffix("’s")
    for suffix in _SUFFIXES if word[-1:] in _LAST else ():
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            word = word[: -len(suffix)]
            break
    return word.removesuffix("e") if len(word) > 4 else word
