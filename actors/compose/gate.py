"""The relevance gate: which passages are relevant enough to answer from, or none.

Promises: a question is declined only after a closer look: a window may be the wrong one of its chunk, and a sentence
may be lost among others. What is clear at once costs nothing more. Calibrated by bench/calibrate_gate.py.

Held by tests/unit/actors/compose/test_gate.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

import structlog

from actors.compose.extract import worth_scoring
from actors.compose.passages import Passage, best, closer, passages, passing
from actors.messages import Evidence
from actors.ports import Reranker
from runtime.errors import RagleapError

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings:
    """``logit``: what the best window must reach. ``sure``: how far above it no closer look is needed; ``hopeless``:
    how far below it none helps. ``rescued``: windows whose sentences are judged one by one; ``slack``: how far below
    ``logit`` a sentence may be, for it says less than its window does."""

    logit: float = 0.8
    sure: float = 1.0
    hopeless: float = 8.5
    rescued: int = 3
    slack: float = 1.5
    deadline_s: float = 6.0


class Gate:
    """Judges what a search has found. Without a cross-encoder, by shared words."""

    def __init__(self, reranker: Reranker | None, settings: GateSettings) -> None:
        self._reranker = reranker
        self._settings = settings

    async def relevant(self, question: str, results: Sequence[Evidence]) -> list[Passage]:
        """At most ``MAX_PASSAGES`` passages, the most relevant first; empty means: decline."""
        seen = passages(question, results)
        if self._unclear(seen, self._settings.logit + self._settings.sure):
            seen = await self._with_closer_look(question, seen, results)
        through = passing(question, seen, self._settings.logit)
        if not through and self._unclear(seen, self._settings.logit):
            through = await self._rescued(question, seen)
        return through

    async def confidence(self, question: str, results: Sequence[Evidence]) -> float:
        """The logit that decides: of the best window, or of the best sentence where no window passes."""
        seen = passages(question, results)
        if self._unclear(seen, self._settings.logit + self._settings.sure):
            seen = await self._with_closer_look(question, seen, results)
        top = best(seen)
        if top is None or top >= self._settings.logit:
            return float("-inf") if top is None else top
        judged = await self._judged(question, seen) if self._unclear(seen, self._settings.logit) else []
        return max([top, *(passage.logit for passage in judged if passage.logit is not None)])

    def _unclear(self, seen: Sequence[Passage], clear_from: float) -> bool:
        top = best(seen)
        return top is not None and self._settings.logit - self._settings.hopeless <= top < clear_from

    async def _with_closer_look(self, question: str, seen: list[Passage], results: Sequence[Evidence]) -> list[Passage]:
        more = closer(results)
        logits = await self._score(question, [passage.text for passage in more])
        return seen + [replace(passage, logit=logit) for passage, logit in zip(more, logits, strict=False)]

    async def _rescued(self, question: str, seen: Sequence[Passage]) -> list[Passage]:
        return passing(question, await self._judged(question, seen), self._settings.logit)

    async def _judged(self, question: str, seen: Sequence[Passage]) -> list[Passage]:
        """The best windows again, each with the logit of its best sentence (less strict by ``slack``), best first."""
        scored = [passage for passage in seen if passage.logit is not None]
        few = sorted(scored, key=lambda passage: -(passage.logit or 0.0))[: self._settings.rescued]
        sentences = worth_scoring(question, few)
        logits = await self._score(question, [sentence.judged() for sentence in sentences])
        ranked = sorted(zip(logits, range(len(logits)), strict=True), reverse=True)
        found: dict[tuple[str, int], Passage] = {}
        for logit, at in ranked:
            passage = sentences[at].passage
            found.setdefault(
                (passage.evidence.chunk_id, passage.start), replace(passage, logit=logit + self._settings.slack)
            )
        return list(found.values())

    async def _score(self, question: str, texts: Sequence[str]) -> list[float]:
        """Logits; none where the cross-encoder fails, for then what the search has scored must do."""
        if self._reranker is None or not texts:
            return []
        try:
            async with asyncio.timeout(self._settings.deadline_s):
                return await self._reranker.score(question, texts)
        except (RagleapError, TimeoutError) as error:
            _log.warning("compose.rerank_failed", error=type(error).__name__, reason=str(error))
            return []
