"""The official OpenAI SDK against the door, unchanged but for base URL and key."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import openai
import pytest
from stand_ins.door import QUOTE, StandInPlatform
from stand_ins.tenant import Tenant

from actors.messages import Manner, Say
from runtime.errors import Unavailable
from runtime.principal import Role

MESSAGES = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hello"},
    {"role": "assistant", "content": "Hello! How can I help?"},
    {"role": "user", "content": [{"type": "text", "text": "What about damaged"}, {"type": "text", "text": "parcels?"}]},
]


@pytest.fixture
async def sdk(url: str, shop: Tenant) -> AsyncIterator[openai.AsyncOpenAI]:
    client = openai.AsyncOpenAI(
        base_url=f"{url}/v1", api_key=shop.key, max_retries=0, http_client=httpx.AsyncClient(trust_env=False)
    )
    yield client
    await client.close()


def said(platform: StandInPlatform) -> Say:
    body = platform.seen[-1].body
    assert isinstance(body, Say)
    return body


async def test_the_sdk_gets_a_whole_answer(sdk: openai.AsyncOpenAI, platform: StandInPlatform) -> None:
    done = await sdk.chat.completions.create(model="gpt-4o", messages=MESSAGES, temperature=0.2)  # type: ignore[arg-type]
    assert done.choices[0].message.content == f"{QUOTE} [1]"
    assert done.choices[0].finish_reason == "stop"
    assert done.model == "gpt-4o"
    assert done.model_extra is not None
    assert done.model_extra["citations"][0]["quote"] == QUOTE
    assert said(platform).text == "What about damaged\nparcels?"
    assert said(platform).context == (("user", "Hello"), ("assistant", "Hello! How can I help?"))


async def test_the_sdk_gets_an_answer_in_chunks(sdk: openai.AsyncOpenAI) -> None:
    stream = await sdk.chat.completions.create(model="ragleap", messages=MESSAGES, stream=True)  # type: ignore[call-overload]
    chunks = [chunk async for chunk in stream]
    assert len(chunks) > 5
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == f"{QUOTE} [1]"
    assert chunks[-1].choices[0].finish_reason == "stop"


async def test_nothing_is_remembered_unless_user_is_given(sdk: openai.AsyncOpenAI, platform: StandInPlatform) -> None:
    conversations = []
    for user in (openai.omit, openai.omit, "u1", "u1"):
        await sdk.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}], user=user)
        conversations.append(said(platform).conversation_id)
    assert len(set(conversations[:2])) == 2
    assert conversations[2:] == ["openai-u1"] * 2


async def test_any_user_is_a_customer_with_a_session_and_the_key_alone_is_the_owner(
    sdk: openai.AsyncOpenAI, platform: StandInPlatform
) -> None:
    conversations = set()
    for user in ("Ann Lee", "Änne/Ö", "line\nbreak", "x" * 512):
        done = await sdk.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}], user=user)
        assert platform.seen[-1].principal.role is Role.CUSTOMER
        customer = said(platform).customer
        assert customer is not None
        assert customer.id.isprintable()
        assert done.model_extra is not None
        conversations.add(done.model_extra["session_id"])
    assert len(conversations) == 4
    await sdk.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}])
    assert platform.seen[-1].principal.role is Role.OWNER
    with pytest.raises(openai.UnprocessableEntityError, match="user"):
        await sdk.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}], user="x" * 513)


async def test_system_messages_and_settings_reach_whoever_writes_the_answer(
    sdk: openai.AsyncOpenAI, platform: StandInPlatform
) -> None:
    await sdk.chat.completions.create(model="m", messages=MESSAGES, temperature=0.2, max_tokens=40)  # type: ignore[arg-type]
    assert said(platform).manner == Manner(instructions="Be brief.", max_tokens=40, temperature=0.2)
    await sdk.chat.completions.create(model="m", messages=MESSAGES, max_completion_tokens=50)  # type: ignore[arg-type]
    assert said(platform).manner.max_tokens == 50
    for wrong in ({"temperature": 3}, {"max_tokens": 0}):
        with pytest.raises(openai.UnprocessableEntityError):
            await sdk.chat.completions.create(model="m", messages=MESSAGES, **wrong)  # type: ignore[call-overload]


async def test_the_sdk_lists_the_model(sdk: openai.AsyncOpenAI) -> None:
    assert [model.id async for model in sdk.models.list()] == ["ragleap"]
    assert (await sdk.models.retrieve("ragleap")).owned_by == "ragleap"
    with pytest.raises(openai.NotFoundError):
        await sdk.models.retrieve("gpt-4o")


async def test_the_sdk_raises_its_own_errors(sdk: openai.AsyncOpenAI, platform: StandInPlatform, url: str) -> None:
    with pytest.raises(openai.UnprocessableEntityError, match="text parts only"):
        await sdk.chat.completions.create(
            model="m",
            messages=[{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}],
        )
    with pytest.raises(openai.UnprocessableEntityError, match="no question"):
        await sdk.chat.completions.create(model="m", messages=[{"role": "assistant", "content": "x"}])
    with pytest.raises(openai.AuthenticationError):
        await sdk.with_options(api_key="wrong").models.list()
    platform.refuse = Unavailable("The cell is restarting.")
    with pytest.raises(openai.InternalServerError, match="restarting"):
        await sdk.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}])


async def test_an_answer_made_anew_goes_on_where_the_reader_was(
    sdk: openai.AsyncOpenAI, platform: StandInPlatform
) -> None:
    platform.reset_with = QUOTE[:20]
    stream = await sdk.chat.completions.create(model="m", messages=MESSAGES, stream=True)  # type: ignore[call-overload]
    text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
    assert text == f"{QUOTE} [1]"


async def test_an_answer_made_anew_that_differs_is_an_error_and_not_a_muddle(
    sdk: openai.AsyncOpenAI, platform: StandInPlatform
) -> None:
    platform.reset_with = "Something else"
    stream = await sdk.chat.completions.create(model="m", messages=MESSAGES, stream=True)  # type: ignore[call-overload]
    with pytest.raises(openai.APIError, match="made anew"):
        [chunk async for chunk in stream]
