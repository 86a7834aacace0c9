"""The ``models`` deployment of Ray Serve: query embedding and reranking, batched, in a replica of its own.

Bulk embedding is the ingest worker's: questions must not queue behind documents. ``embed_passages`` is here for the
few passages that answering itself needs.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ray import serve

from actors.models.gather import Gather
from actors.models.names import EMBEDDER, RERANKER
from actors.models.onnx_embedder import OnnxEmbedder
from actors.models.onnx_reranker import OnnxReranker
from actors.ports import Vector, WordMatch
from runtime import heap
from runtime.errors import Overloaded

NAME = "Models"  # of the deployment within its application


class Models:
    """One replica: both models loaded and warm before it reports healthy."""

    def __init__(self, models_dir: str, threads: int) -> None:
        folder = Path(models_dir)
        self._embedder = OnnxEmbedder(folder / EMBEDDER, threads=threads)
        self._reranker = OnnxReranker(folder / RERANKER, threads=threads)
        self._embedder.embed(["warm"])
        self._reranker.logits("warm", ["warm"])
        self._queries: Gather[str, Vector] = Gather(self._embedder.embed_queries)
        heap.settle()

    async def embed_queries(self, texts: Sequence[str]) -> list[Vector]:
        return await self._queries.each(texts)

    async def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        return await self._embedder.embed_passages(texts)

    async def rerank(self, query: str, passages: Sequence[str]) -> list[float]:
        return await self._reranker.score(query, passages)

    async def match_words(self, question: str, passages: Sequence[str]) -> list[WordMatch]:
        return await self._embedder.match_words(question, passages)

    async def check_health(self) -> None:
        """Serve restarts the replica when this raises: the model must still answer, or be busy answering."""
        with contextlib.suppress(Overloaded):
            await self._embedder.embed_queries(["alive"])


def models_deployment(**options: Any) -> Any:
    """The deployment class with Serve's options; bind it with (models_dir, threads)."""
    return serve.deployment(Models, name=NAME, **{"max_ongoing_requests": 64, **options})
