"""What may be used for an answer: the windows that pass the relevance gate, and their sentences. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from actors.messages import Evidence
from actors.retrieval.terms import terms
from actors.retrieval.windows import Span, best_window, sentences

MAX_PASSAGES = 5
_LEXICAL_GATE = 0.6  # share of the question's words that a window must have where no cross-encoder ran
_LEAD = re.compile(r"(?:[-*+•‣◦]|\d{1,3}[.)]|>)\s+")
_MIN_WORDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One window of one chunk. ``text`` stands verbatim in the chunk; ``logit`` is None without a cross-encoder."""

    evidence: Evidence
    text: str
    logit: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One quotable sentence: ``text`` stands verbatim at ``start`` in its passage."""

    passage: Passage
    start: int
    text: str


def passages(question: str, results: Sequence[Evidence]) -> list[Passage]:
    """One passage per result, in the order of the results."""
    found = []
    for evidence in results:
        span = Span(*evidence.focus) if evidence.focus else best_window(question, evidence.text)
        found.append(Passage(evidence=evidence, text=span.of(evidence.text), logit=evidence.rerank))
    return found


def passing(question: str, candidates: Sequence[Passage], gate_logit: float) -> list[Passage]:
    """Those relevant enough to answer from, the most relevant first; empty means: decline."""
    scored = [passage for passage in candidates if passage.logit is not None]
    if scored:
        through = [passage for passage in scored if (passage.logit or 0.0) >= gate_logit]
        return sorted(through, key=lambda passage: -(passage.logit or 0.0))[:MAX_PASSAGES]
    wanted = set(terms(question))
    if not wanted:
        return []
    return [p for p in candidates if len(wanted & set(terms(p.text))) / len(wanted) >= _LEXICAL_GATE][:MAX_PASSAGES]


def quotable(question: str, passage: Passage) -> list[Sentence]:
    """The sentences of ``passage`` that could be an answer: no headings, no questions, no fragments."""
    asked = question.strip().casefold()
    found = []
    for span in sentences(passage.text):
        text = span.of(passage.text)
        lead = _LEAD.match(text)
        start = span.start + (lead.end() if lead else 0)
        text = passage.text[start : span.end]
        if text.startswith("#") or text.rstrip("\"'”’)").endswith(("?", "？")) or text.casefold() == asked:
            continue
        if len(text.split()) >= _MIN_WORDS or (not text.isascii() and len(text) >= 2 * _MIN_WORDS):
            found.append(Sentence(passage=passage, start=start, text=text))
    return found
