"""Holding a model's sentences to the evidence. Pure.

Promises: a sentence passes only when what it adds to the question stands in one passage: every number, name and address
of it, most of its other words, and its "not". It passes with a citation whose quote stands verbatim there. What does
not pass is never shown. A paragraph that gives the assistant orders supports nothing.

Held by tests/unit/actors/compose/test_ground.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from actors.compose.links import addresses, without_foreign_links
from actors.compose.orders import orders, without_orders
from actors.compose.passages import Passage
from actors.compose.quotable import Sentence
from actors.names import fold
from actors.retrieval.terms import terms
from actors.retrieval.windows import sentence_ends, sentences

SUPPORT = 0.6  # share of a sentence's own words that its passage must have
ECHO = 0.5  # share of all its words, those of the question included

_MARK = re.compile(r"\s*[\[(【]\s*(?:document\s*)?(\d{1,2})\s*(?:,\s*\d{1,2}\s*)*[\])】]", re.IGNORECASE)
_AFTER = re.compile(r"(?:\s*[\[【]\d{1,2}(?:\s*,\s*\d{1,2})*[\]】])*")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_MAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_NAME = re.compile(r"(?<![.!?:•\"“(-] )(?<!^)\b[A-Z][\w’'-]*")
_ANSWERS = re.compile(r"^(?:yes|no)\b[,.:;–—-]?\s*", re.IGNORECASE)
_NOT = re.compile(
    r"\b(?:not|no|never|none|nothing|nobody|nowhere|neither|nor|cannot|without|unable)\b|n['’]t\b", re.IGNORECASE
)
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety hundred"
_COUNTED = {word: str(10 * n) for n, word in enumerate(_TENS.split())}
_COUNTED |= {word: str(n) for n, word in enumerate(_ONES.split()) if word != "one"}  # which is a pronoun, too


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
    """``unit``, without links that no passage has, and the sentence it rests on; None where no passage supports it."""
    unit = without_foreign_links(unit, [without_orders(passage.text) for passage in passages])
    cited = [int(mark) for mark in _MARK.findall(unit)]
    text = " ".join(_MARK.sub("", unit).split())
    if not any(char.isalnum() for char in text):
        return None
    numbered = dict(enumerate(passages, start=1))
    order = [n for n in dict.fromkeys(cited) if n in numbered] + [n for n in numbered if n not in cited]
    own = set(terms(text)) - set(terms(question))
    for n in order:
        passage = numbered[n]
        if _stands(text, own, question, without_orders(passage.text)):
            source = _source(own or set(terms(text)), text, passage)
            if source is not None and _negates(text) == _negates(source.text):
                return Supported(text=text, source=source)
    return None


def _stands(text: str, own: set[str], question: str, told: str) -> bool:
    """Whether ``told`` has what ``text`` claims. A sentence that only repeats the question's words must stand whole."""
    known = f"{told}\n{question}"
    return (
        _numbers(text) <= _numbers(known)
        and _names(text) <= {fold(word) for word in re.findall(r"[\w’'-]+", known)} | set(terms(known))
        and {*addresses(text), *_MAIL.findall(text)} <= {*addresses(told), *_MAIL.findall(told)}
        and _covered(set(terms(text)), told) >= (ECHO if own else 1.0)
        and _covered(own, told) >= SUPPORT
    )


def _covered(words: set[str], text: str) -> float:
    return len(words & set(terms(text))) / len(words) if words else 1.0


def _numbers(text: str) -> set[str]:
    """In digits, whichever way they are written."""
    bare = _MARK.sub("", text)
    written = {_COUNTED[word] for word in re.findall(r"[a-z]+", bare.lower()) if word in _COUNTED}
    return {number.replace(",", "") for number in _NUMBER.findall(bare)} | written


def _names(text: str) -> set[str]:
    """Words with a capital letter that do not begin a sentence."""
    return {fold(re.sub(r"['’]s?$", "", found)) for found in _NAME.findall(text) if found not in ("I", "I’m", "I'm")}


def _negates(text: str) -> bool:
    return bool(_NOT.search(_ANSWERS.sub("", text.strip())))


def _source(words: set[str], text: str, passage: Passage) -> Sentence | None:
    """The passage's sentence that shares most with ``text``: its numbers first, then its own words."""
    best: tuple[tuple[int, float], Sentence] | None = None
    barred = orders(passage.text)
    for span in sentences(passage.text):
        if any(order.start <= span.start < order.end for order in barred):
            continue
        quote = span.of(passage.text)
        rank = (len(_numbers(text) & _numbers(quote)), _covered(words, quote))
        if best is None or rank > best[0]:
            best = (rank, Sentence(passage=passage, start=passage.start + span.start, text=quote))
    return best[1] if best else None
