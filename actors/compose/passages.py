"""What may be used for an answer: the windows that pass the relevance gate. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from actors.messages import Evidence
from actors.retrieval.terms import terms
from actors.retrieval.windows import Span, best_window, windows

MAX_PASSAGES = 5
CLOSER_RESULTS = 4  # chunks that are read whole before a question is declined
CLOSER_WINDOWS = 10
CLOSER_TOKENS = 96
_LEXICAL_GATE = 0.6  # share of the question's words that a window must have where no cross-encoder ran


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One window of one chunk: ``text`` stands at ``start`` in the chunk; ``logit`` is None without a cross-encoder."""

    evidence: Evidence
    start: int
    text: str
    logit: float | None

    def overlaps(self, other: Passage) -> bool:
        if self.evidence.chunk_id != other.evidence.chunk_id:
            return False
        return self.start < other.start + len(other.text) and other.start < self.start + len(self.text)


def passages(question: str, results: Sequence[Evidence]) -> list[Passage]:
    """One passage per result, in the order of the results: the window that the search scored."""
    found = []
    for evidence in results:
        span = Span(*evidence.focus) if evidence.focus else best_window(question, evidence.text)
        found.append(_passage(evidence, span, evidence.rerank))
    return found


def closer(results: Sequence[Evidence]) -> list[Passage]:
    """All windows of the best few results, not yet scored.

    A search scores the one window of a chunk that shares most words with the question; where a question is put in
    other words than the text, the answer may stand in another one.
    """
    found = [
        _passage(evidence, span, None)
        for evidence in results[:CLOSER_RESULTS]
        for span in windows(evidence.text, limit=CLOSER_TOKENS, overlapping=False)
        if evidence.focus != (span.start, span.end)
    ]
    return found[:CLOSER_WINDOWS]


def best(candidates: Sequence[Passage]) -> float | None:
    """The greatest logit; None where no cross-encoder ran."""
    return max((passage.logit for passage in candidates if passage.logit is not None), default=None)


def passing(question: str, candidates: Sequence[Passage], gate_logit: float) -> list[Passage]:
    """Those relevant enough to answer from, the most relevant first, none over another; empty means: decline."""
    scored = [(passage.logit, passage) for passage in candidates if passage.logit is not None]
    if scored:
        ranked = sorted(scored, key=lambda item: -item[0])
        kept: list[Passage] = []
        for logit, passage in ranked:
            if logit >= gate_logit and not any(passage.overlaps(other) for other in kept):
                kept.append(passage)
        return kept[:MAX_PASSAGES]
    wanted = set(terms(question))
    if not wanted:
        return []
    return [p for p in candidates if len(wanted & set(terms(p.text))) / len(wanted) >= _LEXICAL_GATE][:MAX_PASSAGES]


def _passage(evidence: Evidence, span: Span, logit: float | None) -> Passage:
    return Passage(evidence=evidence, start=span.start, text=span.of(evidence.text), logit=logit)
