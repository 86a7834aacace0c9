"""Text to vectors with bge-small-en-v1.5 in ONNX: the CLS row, L2-normalised.

A query gets the instruction that the model was trained with, a passage does not
(https://huggingface.co/BAAI/bge-small-en-v1.5).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from actors.models.onnx_session import OnnxSession
from actors.ports import Vector, WordMatch

_INSTRUCTION: Final = "Represent this sentence for searching relevant passages: "
_TOKENS: Final = 512
_ROWS: Final = 32
_QUERY_S: Final = 10.0
_PASSAGES_S: Final = 600.0  # passages are embedded at the lowest priority: on a busy machine they wait


class OnnxEmbedder:
    """The embedded embedder (``actors.ports.Embedder``). ``folder`` holds model.onnx and tokenizer.json."""

    def __init__(self, folder: Path, *, threads: int = 2, dimension: int = 384) -> None:
        self.dimension = dimension
        self._session = OnnxSession(folder, threads=threads, tokens=_TOKENS)

    async def embed_queries(self, texts: Sequence[str]) -> list[Vector]:
        asked = [_INSTRUCTION + text for text in texts]
        return await self._session.soon(lambda: self.embed(asked), deadline_s=_QUERY_S + len(texts))

    async def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        """In steps of one batch, so that a query that arrives meanwhile waits for one batch at most."""
        vectors: list[Vector] = []
        for first in range(0, len(texts), _ROWS * 2):
            step = texts[first : first + _ROWS * 2]
            vectors += await self._session.soon(lambda step=step: self.embed(step), deadline_s=_PASSAGES_S)  # type: ignore[misc]
        return vectors

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """Blocking; for callers that have a thread or process of their own."""
        encodings = self._session.encode(texts)
        made = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for batch, output in self._session.run_each(encodings, most=_ROWS):
            rows = output[:, 0]
            made[batch] = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        return list(made.tolist())

    async def match_words(self, question: str, passages: Sequence[str]) -> list[WordMatch]:
        """``actors.ports.WordMatcher`` by the last layer's rows; a word of several tokens has their mean."""
        if not passages:
            return []
        return await self._session.soon(lambda: self.matched(question, passages), deadline_s=_QUERY_S)

    def matched(self, question: str, passages: Sequence[str]) -> list[WordMatch]:
        """Blocking; for callers that have a thread or process of their own."""
        asked = self._session.encode_words(question)
        encodings = [asked, *self._session.encode(passages)]
        rows: dict[int, npt.NDArray[np.float32]] = {}
        for batch, output in self._session.run_each(encodings, most=_ROWS):
            for row, index in enumerate(batch):
                inner = output[row, 1 : max(2, len(encodings[index].ids) - 1)]  # without [CLS] and [SEP]
                rows[index] = inner / np.maximum(np.linalg.norm(inner, axis=1, keepdims=True), 1e-12)
        best = np.stack([(rows[0] @ rows[1 + at].T).max(axis=1) for at in range(len(passages))])
        tokens: dict[int, list[int]] = {}
        for at, word in enumerate(asked.word_ids):
            if word is not None:
                tokens.setdefault(word, []).append(at - 1)
        return [
            WordMatch(word=_span(question, asked.offsets, own), cosines=tuple(best[:, own].mean(axis=1).tolist()))
            for own in tokens.values()
        ]

    async def rest(self) -> None:
        """Give back the memory that calls have used; it happens by itself once none came for a while."""
        await self._session.soon(self._session.rest, deadline_s=_QUERY_S)

    def close(self) -> None:
        self._session.close()


def _span(text: str, offsets: Sequence[tuple[int, int]], tokens: Sequence[int]) -> str:
    return text[offsets[tokens[0] + 1][0] : offsets[tokens[-1] + 1][1]]
