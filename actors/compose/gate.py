"""The relevance gate: which passages a question can be answered from, or none. Decided before anything is written.

Promises: what is hopeless at once costs nothing more; everything else is looked at closely (a window may be the wrong
one of its chunk, a sentence may be lost among others) and answered only when the evidence as a whole makes it likely
that the answer is there (:mod:`signs`). Where words cannot be matched, the cross-encoder's logit decides alone; where
there is no cross-encoder, shared words do.

Held by tests/unit/actors/compose/test_gate.py; calibrated by bench/calibrate_gate.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import structlog

from actors.compose.extract import worth_scoring
from actors.compose.passages import Passage, best, closer, passages, passing
from actors.compose.signs import Signs, chance, read_signs
from actors.messages import Evidence
from actors.ports import Reranker, WordMatch, WordMatcher
from runtime.errors import RagleapError

_T = TypeVar("_T")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings:
    """``chance``: what the signs must reach. ``logit``: what a window must reach to be read beside the best one, and
    where the signs are not to be had, to be answered from at all. ``sure``: how far above it no other window is looked
    at; ``hopeless``: how far below it none helps. ``closest``: windows that are read sentence by sentence and word by
    word; ``slack``: how far below ``logit`` a sentence may be, for it says less than its window does."""

    chance: float = 0.19
    logit: float = 0.8
    sure: float = 1.0
    hopeless: float = 8.5
    closest: int = 3
    slack: float = 1.5
    deadline_s: float = 6.0


@dataclass(frozen=True, slots=True)
class _Look:
    """Windows with their logits, the closest of them again by their best sentence, and the signs of it all."""

    seen: Sequence[Passage]
    by_sentence: Sequence[Passage]
    signs: Signs | None


class Gate:
    """Judges what a search has found, for one question. ``missing`` names what failed in any of its looks: a decline
    is no finding then."""

    def __init__(self, reranker: Reranker | None, settings: GateSettings, matcher: WordMatcher | None = None) -> None:
        self._reranker = reranker
        self._matcher = matcher
        self._settings = settings
        self.missing: set[str] = set()

    async def relevant(self, question: str, results: Sequence[Evidence], *, own: str | None = None) -> list[Passage]:
        """At most ``MAX_PASSAGES`` passages, the most relevant first; empty means: decline.

        ``own``: the part of ``question`` that the person has just asked, where an earlier one was put before it.
        """
        look = await self._look(question, results, own or question)
        if look.signs is None:
            return self._by_logit(question, look)
        if chance(look.signs) < self._settings.chance:
            return []
        candidates = [*look.seen, *look.by_sentence]
        top = best(candidates)
        return passing(question, candidates, self._settings.logit if top is None else min(self._settings.logit, top))

    async def signs(self, question: str, results: Sequence[Evidence]) -> Signs | None:
        """What decides; None where the signs are not to be had, or it is hopeless without them."""
        return (await self._look(question, results, question)).signs

    def _by_logit(self, question: str, look: _Look) -> list[Passage]:
        through = passing(question, look.seen, self._settings.logit)
        return through or passing(question, look.by_sentence, self._settings.logit)

    async def _look(self, question: str, results: Sequence[Evidence], own: str) -> _Look:
        seen = passages(question, results)
        if self._unclear(seen, self._settings.logit + self._settings.sure):
            seen = await self._with_closer_look(question, seen, results)
        top = best(seen)
        if top is None or top < self._settings.logit - self._settings.hopeless:
            return _Look(seen, (), None)
        if self._matcher is None and top >= self._settings.logit:
            return _Look(seen, (), None)
        ranked = sorted((each for each in seen if each.logit is not None), key=_logit, reverse=True)
        few = ranked[: self._settings.closest]
        scored, matches = await asyncio.gather(self._sentences(question, few), self._matches(own, few))
        by_sentence = _by_sentence(scored, self._settings.slack)
        if not matches or not scored:
            return _Look(seen, by_sentence, None)
        logits = [max(_logit(each) for each in (window, *by_sentence) if _same(each, window)) for window in few]
        return _Look(seen, by_sentence, read_signs(own, logits, max(scored, key=lambda each: each[0])[1], matches))

    def _unclear(self, seen: Sequence[Passage], clear_from: float) -> bool:
        top = best(seen)
        return top is not None and self._settings.logit - self._settings.hopeless <= top < clear_from

    async def _with_closer_look(self, question: str, seen: list[Passage], results: Sequence[Evidence]) -> list[Passage]:
        more = closer(results)
        logits = await self._score(question, [passage.text for passage in more])
        return seen + [replace(passage, logit=logit) for passage, logit in zip(more, logits, strict=False)]

    async def _sentences(self, question: str, few: Sequence[Passage]) -> list[tuple[float, str, Passage]]:
        """Logit, text and passage of each sentence of ``few`` that is worth it."""
        sentences = worth_scoring(question, few)
        logits = await self._score(question, [sentence.judged() for sentence in sentences])
        return [(logit, each.text, each.passage) for logit, each in zip(logits, sentences, strict=False)]

    async def _score(self, question: str, texts: Sequence[str]) -> list[float]:
        """Logits; none where the cross-encoder fails, for then what the search has scored must do."""
        if self._reranker is None or not texts:
            return []
        return await self._within_deadline("rerank", self._reranker.score(question, texts))

    async def _matches(self, question: str, few: Sequence[Passage]) -> list[WordMatch]:
        if self._matcher is None or not few:
            return []
        return await self._within_deadline(
            "match", self._matcher.match_words(question, [passage.text for passage in few])
        )

    async def _within_deadline(self, part: str, answer: Awaitable[list[_T]]) -> list[_T]:
        try:
            async with asyncio.timeout(self._settings.deadline_s):
                return await answer
        except (RagleapError, TimeoutError) as error:
            _log.warning("compose.gate_part_failed", part=part, error=type(error).__name__, reason=str(error))
            self.missing.add(part)
            return []


def _logit(passage: Passage) -> float:
    return float("-inf") if passage.logit is None else passage.logit


def _same(one: Passage, other: Passage) -> bool:
    return (one.evidence.chunk_id, one.start) == (other.evidence.chunk_id, other.start)


def _by_sentence(scored: Sequence[tuple[float, str, Passage]], slack: float) -> list[Passage]:
    """The windows of ``scored``, each with the logit of its best sentence (less strict by ``slack``), best first."""
    found: dict[tuple[str, int], Passage] = {}
    for logit, _, passage in sorted(scored, key=lambda each: -each[0]):
        found.setdefault((passage.evidence.chunk_id, passage.start), replace(passage, logit=logit + slack))
    return list(found.values())
