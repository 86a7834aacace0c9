"""Writes the answer to one question: a planned set answer, else grounded in passages, else declined.

Promises: what is answered is cited, and every quote stands verbatim in its chunk; nothing relevant means declined, but
not while a part of the search is down; a language model that is down, slow or unsupported by the evidence falls back to
quoted sentences. Document text is data: nothing in it changes what this does.

Held by tests/unit/actors/test_composer.py.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TypeAlias

import structlog

from actors.compose.courtesy import courtesy
from actors.compose.extract import choose, cite, declined, extract, worth_scoring
from actors.compose.followup import Turn, readings
from actors.compose.gate import Gate, GateSettings
from actors.compose.ground import complete_units, support
from actors.compose.judged_once import JudgedOnce
from actors.compose.passages import Passage
from actors.compose.prompt import MAX_PROMPT_PASSAGES, NO_ANSWER, grounded_prompt
from actors.compose.quotable import Sentence
from actors.messages import Answer, AskSet, Citation, Found, Manner, Search, SetAnswer, Status
from actors.ports import LanguageModel, Reranker, WordMatcher
from runtime.errors import DeadlineExceeded, Fenced, RagleapError, Unavailable

Emit: TypeAlias = Callable[[str, Mapping[str, object]], Awaitable[None] | None]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposerSettings:
    """Bounds of one answer.

    ``distance``: how far below the best sentence (in logits) another may be quoted.
    """

    results: int = 8
    distance: float = 2.0
    set_deadline_s: float = 15.0
    search_deadline_s: float = 12.0
    rerank_deadline_s: float = 6.0
    first_token_s: float = 10.0
    generation_s: float = 30.0
    max_tokens: int = 300
    max_question_chars: int = 4_000


class Composer:
    """Answers for one tenant. ``search`` and ``ask_set`` are calls to that tenant's retrieval actor."""

    def __init__(
        self,
        search: Callable[[Search], Awaitable[Found]],
        ask_set: Callable[[AskSet], Awaitable[SetAnswer]] | None,
        reranker: Reranker | None,
        language_model: LanguageModel | None,
        gate: GateSettings = GateSettings(),
        settings: ComposerSettings = ComposerSettings(),
        *,
        matcher: WordMatcher | None = None,
    ) -> None:
        self._search = search
        self._ask_set = ask_set
        self._reranker = reranker
        self._language_model = language_model
        self._gate_settings = gate
        self._matcher = matcher
        self._settings = settings

    async def compose(
        self,
        question: str,
        *,
        context: Sequence[Turn] = (),
        as_of: str | None = None,
        manner: Manner = Manner(),
        patient: bool = True,
        emit: Emit | None = None,
    ) -> Answer:
        """The answer; its text and citations also go out through ``emit`` as ``token``, ``citation`` and ``reset``.

        Raises Retryable when the tenant's stores cannot be searched at all and, as long as the caller is ``patient``,
        when nothing was found while a part of the search was down.
        """
        out = _Emitter(emit)
        question = question.strip()[: self._settings.max_question_chars]
        if not question:
            return await out.whole(Answer(status=Status.CLARIFY, text="What would you like to know?"))
        polite = courtesy(question)
        if polite is not None:
            return await out.whole(Answer(status=Status.CLARIFY, text=polite))
        missing: set[str] = set()
        planned = await self._planned(question, as_of, missing)
        if planned is not None:
            return await out.whole(planned)
        reranker = JudgedOnce(self._reranker) if self._reranker is not None else None
        asked, relevant = await self._relevant(question, context, as_of, reranker, missing)
        if not relevant:
            return await out.whole(_nothing_found(missing, patient=patient))
        if self._language_model is not None:
            written = await self._generated(self._language_model, question, relevant, context, manner, out)
            if written is not None:
                return written
        return await out.whole(await self._extracted(asked, relevant, reranker))

    async def _planned(self, question: str, as_of: str | None, missing: set[str]) -> Answer | None:
        """The complete answer to a set question; None where it is none, or planning failed."""
        if self._ask_set is None:
            return None
        try:
            async with asyncio.timeout(self._settings.set_deadline_s):
                planned = await self._ask_set(AskSet(question=question, as_of=as_of))
        except Fenced:
            raise
        except (RagleapError, TimeoutError) as error:
            _log.warning("compose.set_question_failed", error=type(error).__name__, reason=str(error))
            missing.add("set question")
            return None
        return planned.answer if planned.planned else None

    async def _relevant(
        self,
        question: str,
        context: Sequence[Turn],
        as_of: str | None,
        reranker: Reranker | None,
        missing: set[str],
    ) -> tuple[str, list[Passage]]:
        """The question as it was searched for, and the passages that pass the gate; what failed goes to ``missing``."""
        gate = Gate(reranker, self._gate_settings, self._matcher)
        for reading in readings(question, context):
            found = await self._found(Search(query=reading.text, k=self._settings.results, as_of=as_of))
            results = [evidence for evidence in found.results if reading.fits(evidence.text)]
            relevant = await gate.relevant(reading.text, results, own=question)
            missing |= gate.missing.union(found.missing)
            if relevant:
                return reading.text, relevant
        return question, []

    async def _found(self, request: Search) -> Found:
        try:
            async with asyncio.timeout(self._settings.search_deadline_s):
                return await self._search(request)
        except TimeoutError as error:
            raise DeadlineExceeded("The search took too long.", do="Ask again in a moment.") from error

    async def _extracted(self, question: str, relevant: Sequence[Passage], reranker: Reranker | None) -> Answer:
        sentences = worth_scoring(question, relevant)
        if not sentences:
            return declined()
        scores = await self._score(question, sentences, reranker)
        return extract(choose(sentences, scores, self._settings.distance))

    async def _score(self, question: str, sentences: Sequence[Sentence], reranker: Reranker | None) -> list[float]:
        """One logit per sentence; without the cross-encoder, the first (it shares most words) alone is best."""
        if reranker is not None:
            try:
                async with asyncio.timeout(self._settings.rerank_deadline_s):
                    return await reranker.score(question, [sentence.judged() for sentence in sentences])
            except (RagleapError, TimeoutError) as error:
                _log.warning("compose.rerank_failed", error=type(error).__name__, reason=str(error))
        return [-float(at) * (self._settings.distance + 1.0) for at in range(len(sentences))]

    async def _generated(
        self,
        model: LanguageModel,
        question: str,
        relevant: Sequence[Passage],
        context: Sequence[Turn],
        manner: Manner,
        out: _Emitter,
    ) -> Answer | None:
        """The model's answer, each sentence checked before it is shown; None means: quote sentences instead."""
        evidence = relevant[:MAX_PROMPT_PASSAGES]
        writing = _Writing(question, evidence, out)
        try:
            async with asyncio.timeout(self._settings.generation_s):
                await self._write(model, writing, context, manner)
        except (RagleapError, TimeoutError) as error:
            _log.warning("compose.language_model_failed", error=type(error).__name__, reason=str(error))
            await out.reset()
            return None
        if writing.refused and not writing.citations:
            return await out.whole(declined())
        if not writing.citations:
            _log.info("compose.unsupported", removed=writing.removed)
            return None
        return writing.answer()

    async def _write(self, model: LanguageModel, writing: _Writing, context: Sequence[Turn], manner: Manner) -> None:
        prompt = grounded_prompt(
            writing.question, writing.evidence, context, max_tokens=self._settings.max_tokens, manner=manner
        )
        pieces = model.stream(prompt, deadline_s=self._settings.generation_s)
        try:
            async with asyncio.timeout(self._settings.first_token_s):
                first = await anext(pieces, None)
            if first is not None:
                await writing.take(first)
            async for piece in pieces:
                await writing.take(piece)
                if writing.refused:
                    return
        finally:
            close = getattr(pieces, "aclose", None)
            if close is not None:
                await close()
        await writing.finish()


def _nothing_found(missing: set[str], *, patient: bool) -> Answer:
    """A decline. Raises Unavailable where it would be no finding, and there is time to look again."""
    if missing and patient:
        raise Unavailable(f"A part of the search failed: {', '.join(sorted(missing))}.", do="See `ragleap status`.")
    return declined(in_part=bool(missing))


class _Writing:
    """A generated answer as it grows: whole sentences are checked, numbered and passed on, the rest waits."""

    def __init__(self, question: str, evidence: Sequence[Passage], out: _Emitter) -> None:
        self.question = question
        self.evidence = evidence
        self.citations: list[Citation] = []
        self.removed = 0
        self.refused = False
        self._out = out
        self._buffer = ""
        self._shown: list[str] = []
        self._numbers: dict[tuple[str, str], int] = {}

    async def take(self, piece: str) -> None:
        self._buffer += piece
        self.refused = self.refused or NO_ANSWER in self._buffer
        units, self._buffer = complete_units(self._buffer)
        for unit in units:
            await self._show(unit)

    async def finish(self) -> None:
        rest, self._buffer = self._buffer.strip(), ""
        if rest and not self.refused:
            await self._show(rest)

    def answer(self) -> Answer:
        return Answer(status=Status.ANSWERED, text=" ".join(self._shown), citations=tuple(self.citations))

    async def _show(self, unit: str) -> None:
        supported = support(unit, self.question, self.evidence)
        if supported is None:
            self.removed += 1
            return
        key = (supported.source.passage.evidence.chunk_id, supported.source.text)
        fresh = key not in self._numbers
        n = self._numbers.setdefault(key, len(self._numbers) + 1)
        text = f"{supported.text} [{n}]"
        await self._out.token(text if not self._shown else f" {text}")
        self._shown.append(text)
        if fresh:
            self.citations.append(cite(n, supported.source))
            await self._out.citation(self.citations[-1])


class _Emitter:
    """Tells a listener what is being written, where there is one."""

    def __init__(self, emit: Emit | None) -> None:
        self._emit = emit
        self._told = False

    async def whole(self, answer: Answer) -> Answer:
        """An answer that is ready: its text, then its citations."""
        await self.token(answer.text)
        for citation in answer.citations:
            await self.citation(citation)
        return answer

    async def token(self, text: str) -> None:
        self._told = True
        await self._send("token", {"text": text})

    async def citation(self, citation: Citation) -> None:
        await self._send("citation", asdict(citation))

    async def reset(self) -> None:
        """What was told is void; silent when nothing was."""
        if self._told:
            self._told = False
            await self._send("reset", {})

    async def _send(self, event: str, data: Mapping[str, object]) -> None:
        if self._emit is None:
            return
        sent = self._emit(event, data)
        if inspect.isawaitable(sent):
            await sent
