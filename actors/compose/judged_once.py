"""A cross-encoder that is asked about each pair once, for as long as one question is worked on.

The gate's closer look and the choice of sentences see many of the same texts, and a pair costs milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence

from actors.ports import Reranker


class JudgedOnce:
    """One question's reranker (``actors.ports.Reranker``): made for a question, thrown away with it."""

    def __init__(self, reranker: Reranker) -> None:
        self._reranker = reranker
        self._logits: dict[tuple[str, str], float] = {}

    async def score(self, query: str, passages: Sequence[str]) -> list[float]:
        """Logits in the order of ``passages``. Raises what the reranker raises."""
        fresh = [text for text in dict.fromkeys(passages) if (query, text) not in self._logits]
        if fresh:
            logits = await self._reranker.score(query, fresh)
            self._logits.update({(query, text): logit for text, logit in zip(fresh, logits, strict=True)})
        return [self._logits[query, text] for text in passages]
