"""The embedder and reranker of another process: the ``models`` deployment through a handle.

The handle is whatever has ``handle.METHOD.remote(...)`` that can be awaited (Ray Serve's DeploymentHandle), so this
file needs no Ray.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any, Final, Protocol, TypeVar

from actors.ports import Vector, WordMatch
from runtime.errors import DeadlineExceeded, RagleapError, Unavailable
from runtime.telemetry import span

_T = TypeVar("_T")
_DEADLINE_S: Final = 20.0
_PASSAGES_A_CALL: Final = 32


class Method(Protocol):
    def remote(self, *arguments: Any) -> Awaitable[Any]: ...


class ModelsHandle(Protocol):
    """What is used of a DeploymentHandle."""

    @property
    def embed_queries(self) -> Method: ...

    @property
    def embed_passages(self) -> Method: ...

    @property
    def rerank(self) -> Method: ...

    @property
    def match_words(self) -> Method: ...


class RemoteModels:
    """``actors.ports``' Embedder, Reranker and WordMatcher over a handle to the ``models`` deployment."""

    def __init__(self, handle: ModelsHandle, *, dimension: int = 384, deadline_s: float = _DEADLINE_S) -> None:
        self.dimension = dimension
        self._handle = handle
        self._deadline_s = deadline_s

    async def embed_queries(self, texts: Sequence[str]) -> list[Vector]:
        return await self._call(self._handle.embed_queries.remote(list(texts))) if texts else []

    async def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        vectors: list[Vector] = []
        for first in range(0, len(texts), _PASSAGES_A_CALL):
            step = list(texts[first : first + _PASSAGES_A_CALL])
            vectors += await self._call(self._handle.embed_passages.remote(step))
        return vectors

    async def score(self, query: str, passages: Sequence[str]) -> list[float]:
        return await self._call(self._handle.rerank.remote(query, list(passages))) if passages else []

    async def match_words(self, question: str, passages: Sequence[str]) -> list[WordMatch]:
        return await self._call(self._handle.match_words.remote(question, list(passages))) if passages else []

    async def _call(self, answer: Awaitable[list[_T]]) -> list[_T]:
        with span("models.call"):
            return await self._answered(answer)

    async def _answered(self, answer: Awaitable[list[_T]]) -> list[_T]:
        try:
            async with asyncio.timeout(self._deadline_s):
                return await answer
        except TimeoutError as error:
            raise DeadlineExceeded(f"The models did not answer within {self._deadline_s:.0f} s.") from error
        except RagleapError:
            raise
        except Exception as error:  # Ray wraps what the replica raised, and its own failures
            cause = getattr(error, "cause", None)
            if isinstance(cause, RagleapError):
                raise cause from error
            raise Unavailable("The models process is down or restarting.", do="Try again shortly.") from error
