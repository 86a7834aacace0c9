"""Calls to the models' process from another one: bounded, logged for the request that made them, errors our own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from actors.models.client import RemoteModels
from runtime import telemetry
from runtime.errors import DeadlineExceeded, Unavailable
from runtime.message import Trace


class Replica:
    """A deployment's handle (Ray Serve's, for what is used of it): each method is answered by ``answer``."""

    def __init__(self, answer: Any) -> None:
        self.embed_queries = self.embed_passages = self.rerank = self.match_words = self
        self._answer = answer

    def remote(self, *arguments: Any) -> Awaitable[Any]:
        return self._answer(*arguments)  # type: ignore[no-any-return]


async def test_a_call_is_logged_with_the_trace_of_the_request_that_made_it(capsys: pytest.CaptureFixture[str]) -> None:
    async def lengths(query: str, passages: list[str]) -> list[float]:
        return [float(len(passage)) for passage in passages]

    async def request() -> list[float]:
        telemetry.about(Trace(trace_id="trace-7", span_id="s"))
        return await RemoteModels(Replica(lengths)).score("words of a person", ["a", "bc"])

    scores = await asyncio.create_task(request())

    assert scores == [1.0, 2.0]
    [line] = [line for line in capsys.readouterr().out.splitlines() if "models.call" in line]
    assert "trace_id='trace-7'" in line
    assert "words of a person" not in line


async def test_what_does_not_answer_in_time_is_told_so() -> None:
    async def never(texts: list[str]) -> None:
        await asyncio.Event().wait()

    with pytest.raises(DeadlineExceeded):
        await RemoteModels(Replica(never), deadline_s=0.01).embed_queries(["a"])


async def test_a_process_that_is_down_is_unavailable() -> None:
    async def broken(texts: list[str]) -> None:
        raise ConnectionError("gone")

    with pytest.raises(Unavailable):
        await RemoteModels(Replica(broken)).embed_queries(["a"])
