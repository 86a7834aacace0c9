"""The language model's client against a server that speaks the real protocol."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from actors.models.openai_language_model import OpenAiLanguageModel
from actors.ports import Prompt
from runtime.errors import DeadlineExceeded, Overloaded, RagleapError, Retryable, Terminal, Unavailable
from tests.integration.models.endpoint import ANSWER, Endpoint

PROMPT = Prompt(system="Be brief.", turns=[("user", "How long?")], max_tokens=20)


@pytest.fixture
async def model(endpoint: Endpoint) -> AsyncIterator[OpenAiLanguageModel]:
    made = OpenAiLanguageModel(endpoint.url, model="small", key="k1")
    yield made
    await made.close()


async def test_a_whole_answer_and_what_was_asked(model: OpenAiLanguageModel, endpoint: Endpoint) -> None:
    assert await model.complete(PROMPT, deadline_s=5) == "".join(ANSWER)
    (asked,) = endpoint.requests
    assert asked["model"] == "small"
    assert asked["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "How long?"},
    ]
    assert (asked["max_tokens"], asked["temperature"], asked["stream"]) == (20, 0.0, False)
    assert "response_format" not in asked
    assert endpoint.headers[0]["Authorization"] == "Bearer k1"


async def test_a_schema_becomes_the_response_format(model: OpenAiLanguageModel, endpoint: Endpoint) -> None:
    schema = {"type": "object", "properties": {"days": {"type": "integer"}}}
    await model.complete(Prompt(system="", turns=[("user", "x")], schema=schema), deadline_s=5)
    assert endpoint.requests[0]["response_format"]["json_schema"]["schema"] == schema
    assert endpoint.requests[0]["messages"] == [{"role": "user", "content": "x"}]


async def test_a_streamed_answer_comes_in_its_pieces(model: OpenAiLanguageModel) -> None:
    assert [piece async for piece in model.stream(PROMPT, deadline_s=5)] == ANSWER


@pytest.mark.parametrize("mode", ["cut", "ends", "fails"])
async def test_an_answer_that_breaks_off_is_retryable(
    model: OpenAiLanguageModel, endpoint: Endpoint, mode: str
) -> None:
    endpoint.mode = mode
    pieces: list[str] = []
    with pytest.raises(Retryable):
        await _collect(model, pieces)
    assert pieces == ANSWER[:2]


@pytest.mark.parametrize(
    ("mode", "error", "retry_after"),
    [
        ("400", Terminal, None),
        ("401", Terminal, None),
        ("404", Terminal, None),
        ("429", Overloaded, 7.0),
        ("500", Retryable, 0.0),
        ("503", Unavailable, 7.0),
        ("html", Retryable, 0.0),
    ],
)
async def test_each_status_has_its_error(
    model: OpenAiLanguageModel, endpoint: Endpoint, mode: str, error: type[RagleapError], retry_after: float | None
) -> None:
    endpoint.mode = mode
    with pytest.raises(error) as caught:
        await model.complete(PROMPT, deadline_s=5)
    assert getattr(caught.value, "retry_after", None) == retry_after


async def test_the_deadline_covers_the_whole_answer(model: OpenAiLanguageModel, endpoint: Endpoint) -> None:
    endpoint.mode = "slow"
    started = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        await model.complete(PROMPT, deadline_s=0.2)
    with pytest.raises(DeadlineExceeded):
        await _collect(model, [], deadline_s=0.2)
    assert time.monotonic() - started < 3


async def test_an_endpoint_that_is_not_there_is_unavailable() -> None:
    model = OpenAiLanguageModel("http://127.0.0.1:9/v1", model="small")
    with pytest.raises(Unavailable, match="LANGUAGE_MODEL_URL"):
        await model.complete(PROMPT, deadline_s=5)
    await model.close()


async def test_a_server_that_closes_kept_connections_is_asked_on_a_new_one(
    model: OpenAiLanguageModel, endpoint: Endpoint
) -> None:
    endpoint.mode = "leaves"
    for _ in range(5):
        assert [piece async for piece in model.stream(PROMPT, deadline_s=5)] == ANSWER


async def test_a_reader_that_stops_early_leaves_the_model_usable(model: OpenAiLanguageModel) -> None:
    stream = model.stream(PROMPT, deadline_s=5)
    assert await anext(stream) == ANSWER[0]
    await stream.aclose()  # type: ignore[attr-defined]
    assert await model.complete(PROMPT, deadline_s=5) == "".join(ANSWER)


async def _collect(model: OpenAiLanguageModel, pieces: list[str], *, deadline_s: float = 5) -> None:
    async for piece in model.stream(PROMPT, deadline_s=deadline_s):
        pieces.append(piece)
