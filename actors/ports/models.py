"""What a model does: text to vectors, relevance, generated text."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from actors.ports.values import Vector


class Embedder(Protocol):
    """Text to vectors. Queries and passages may be embedded differently (bge puts an instruction before a query)."""

    dimension: int

    async def embed_queries(self, texts: Sequence[str]) -> list[Vector]: ...

    async def embed_passages(self, texts: Sequence[str]) -> list[Vector]: ...


class Reranker(Protocol):
    """A cross-encoder. One logit per passage, higher is more relevant; the scale is the model's own."""

    async def score(self, query: str, passages: Sequence[str]) -> list[float]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class WordMatch:
    """A word of a question, and for each passage the greatest cosine between it and a word there, both in context."""

    word: str
    cosines: tuple[float, ...]


class WordMatcher(Protocol):
    """Late interaction: which words of a question meet their like in a passage. Words in the question's order."""

    async def match_words(self, question: str, passages: Sequence[str]) -> list[WordMatch]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """What a language model is asked. ``system`` is fixed per use, so that servers can reuse its prefix."""

    system: str
    turns: Sequence[tuple[Literal["user", "assistant"], str]]
    max_tokens: int = 400
    temperature: float = 0.0
    schema: Mapping[str, object] | None = None  # a JSON schema that the answer must satisfy


class LanguageModel(Protocol):
    """A generative model behind an OpenAI-compatible endpoint."""

    name: str

    async def complete(self, prompt: Prompt, *, deadline_s: float) -> str: ...

    def stream(self, prompt: Prompt, *, deadline_s: float) -> AsyncIterator[str]: ...
