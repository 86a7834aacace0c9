"""Holding a model's sentences to the evidence. Pure.

Promises: a sentence passes only when what it adds to the question stands in one passage, numbers and all; it passes
with a citation whose quote stands verbatim there. What does not pass is never shown.

Held by tests/unit/actors/compose/test_ground.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from actors.compose.passages import Passage
from actors.compose.quotable import Sentence
from actors.retrieval.terms import terms
from actors.retrieval.windows import sentence_ends, sentences

SUPPORT = 0.6  # share of a sentence's own words that its passage must have

_MARK = re.compile(r"\s*[\[(【]\s*(?:document\s*)?(\d{1,2})\s*(?:,\s*\d{1,2}\s*)*[\])】]", re.IGNORECASE)
_AFTER = re.compile(r"(?:\s*[\[【]\d{1,2}(?:\s*,\s*\d{1,2})*[\]】])*")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Supported:
    """A sentence of the model (without its marks) and the sentence of a passage that it rests on."""

    text: str
    source: Sentence


def complete_units(buffer: str) -> tuple[list[str], str]:
    """The whole sentences at the start of a growing text, each with the citation marks after it, and the rest.

    A sentence counts as whole only once something other than a mark follows, for its marks may still be coming.
    """
    units: list[str] = []
    start = 0
    for end in sentence_ends(buffer):
        after = _AFTER.match(buffer, end)
        stop = after.end() if after else end
        rest = buffer[stop:].lstrip()
        if stop <= start or not rest or rest[0] in "[【":
            continue
        units.append(buffer[start:stop].strip())
        start = stop
    return [unit for unit in units if unit], buffer[start:]


def support(unit: str, question: str, passages: Sequence[Passage]) -> Supported | None:
    """``unit`` with the sentence it rests on, or None where no passage supports it."""
    cited = [int(mark) for mark in _MARK.findall(unit)]
    text = " ".join(_MARK.sub("", unit).split())
    if not any(char.isalnum() for char in text):
        return None
    numbered = dict(enumerate(passages, start=1))
    order = [n for n in dict.fromkeys(cited) if n in numbered] + [n for n in numbered if n not in cited]
    own = set(terms(text)) - set(terms(question))
    for n in order:
        passage = numbered[n]
        if _numbers(text) <= _numbers(passage.text) | _numbers(question) and _covered(own, passage.text) >= SUPPORT:
            source = _source(own or set(terms(text)), text, passage)
            if source is not None:
                return Supported(text=text, source=source)
    return None


def _covered(words: set[str], text: str) -> float:
    return len(words & set(terms(text))) / len(words) if words else 1.0


def _numbers(text: str) -> set[str]:
    return {number.replace(",", "") for number in _NUMBER.findall(_MARK.sub("", text))}


def _source(words: set[str], text: str, passage: Passage) -> Sentence | None:
    """The passage's sentence that shares most with ``text``: its numbers first, then its own words."""
    best: tuple[tuple[int, float], Sentence] | None = None
    for span in sentences(passage.text):
        quote = span.of(passage.text)
        rank = (len(_numbers(text) & _numbers(quote)), _covered(words, quote))
        if best is None or rank > best[0]:
            best = (rank, Sentence(passage=passage, start=passage.start + span.start, text=quote))
    return best[1] if best else None
