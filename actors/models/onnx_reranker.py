"""A cross-encoder in ONNX (ms-marco-MiniLM-L-12-v2): one logit per (question, passage) pair.

Cost grows with length, so pairs are cut to 256 tokens in all; the question is kept and the passage cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from actors.models.onnx_session import OnnxSession

_ROWS: Final = 16
_SCORE_S: Final = 20.0


class OnnxReranker:
    """The embedded reranker (``actors.ports.Reranker``). ``folder`` holds model.onnx and tokenizer.json."""

    def __init__(self, folder: Path, *, threads: int = 2, tokens: int = 256) -> None:
        self._session = OnnxSession(folder, threads=threads, tokens=tokens)

    async def score(self, query: str, passages: Sequence[str]) -> list[float]:
        if not passages:
            return []
        return await self._session.soon(lambda: self.logits(query, passages), deadline_s=_SCORE_S)

    def logits(self, query: str, passages: Sequence[str]) -> list[float]:
        """Blocking; for callers that have a thread or process of their own."""
        encodings = self._session.encode([(query, passage) for passage in passages])
        scores = [0.0] * len(passages)
        for batch, output in self._session.run_each(encodings, most=_ROWS):
            for row, index in enumerate(batch):
                scores[index] = float(output[row].reshape(-1)[0])
        return scores

    def close(self) -> None:
        self._session.close()
