"""A language model behind any OpenAI-compatible endpoint: llama.cpp, vLLM, Ollama, or a hosted one.

Speaks ``POST {base}/chat/completions`` (https://platform.openai.com/docs/api-reference/chat), whole or streamed as
server-sent events. A schema becomes ``response_format``. The deadline covers the whole answer.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp

from actors.ports import Prompt
from runtime.errors import DeadlineExceeded, Overloaded, RagleapError, Retryable, Terminal, Unavailable
from runtime.telemetry import span

_CONNECTIONS: Final = 16
_CONNECT_S: Final = 5.0
_LONGEST_EVENT: Final = 1 << 20
_LONGEST_REASON: Final = 300


class OpenAiLanguageModel:
    """One model of one endpoint (``actors.ports.LanguageModel``). ``url`` ends before ``/chat/completions``."""

    def __init__(self, url: str, *, model: str, key: str = "") -> None:
        self.name = model
        self._url = f"{url.rstrip('/')}/chat/completions"
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._session: aiohttp.ClientSession | None = None

    async def complete(self, prompt: Prompt, *, deadline_s: float) -> str:
        """The whole answer. Raises Retryable, Overloaded or Terminal as the endpoint's status says."""
        async with self._answer(prompt, stream=False, deadline_s=deadline_s) as response:
            try:
                body = await response.json(content_type=None)
                return str(body["choices"][0]["message"]["content"] or "")
            except (ValueError, KeyError, IndexError, TypeError) as error:
                raise Retryable("The language model's answer is not of the OpenAI form.") from error

    async def stream(self, prompt: Prompt, *, deadline_s: float) -> AsyncIterator[str]:
        """Pieces of the answer as they come. Raises the same as :meth:`complete`, also midway."""
        async with self._answer(prompt, stream=True, deadline_s=deadline_s) as response:
            ended = False
            async for data in _events(response.content):
                if data == "[DONE]":
                    return
                piece, last = _piece(data)
                ended = ended or last
                if piece:
                    yield piece
            if not ended:
                raise Retryable("The language model's answer ended midway.", do="Ask again.")

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    @asynccontextmanager
    async def _answer(
        self, prompt: Prompt, *, stream: bool, deadline_s: float
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        try:
            with span("language_model.call"):
                async with asyncio.timeout(deadline_s), await self._asked(prompt, stream=stream) as response:
                    if response.status != 200:
                        raise _refusal(response, (await response.content.read(4096)).decode("utf-8", "replace"))
                    yield response
        except TimeoutError as error:
            raise DeadlineExceeded(f"The language model did not answer within {deadline_s:.0f} s.") from error
        except aiohttp.ClientConnectorError as error:
            raise Unavailable("The language model is not reachable.", do="Check RAGLEAP_LANGUAGE_MODEL_URL.") from error
        except (aiohttp.ClientError, ConnectionError) as error:
            raise Retryable(f"The language model's answer broke off ({type(error).__name__}).") from error

    async def _asked(self, prompt: Prompt, *, stream: bool) -> aiohttp.ClientResponse:
        """The response's beginning. A kept connection that the server has closed meanwhile is replaced once."""
        body = _request(self.name, prompt, stream=stream)
        try:
            return await self._opened().post(self._url, json=body)
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError):
            return await self._opened().post(self._url, json=body)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                headers=self._headers,
                connector=aiohttp.TCPConnector(limit=_CONNECTIONS),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S),  # each call has its own deadline
                read_bufsize=_LONGEST_EVENT,
            )
        return self._session


def _request(name: str, prompt: Prompt, *, stream: bool) -> dict[str, object]:
    messages = [{"role": "system", "content": prompt.system}] if prompt.system else []
    messages += [{"role": role, "content": text} for role, text in prompt.turns]
    body: dict[str, object] = {
        "model": name,
        "messages": messages,
        "max_tokens": prompt.max_tokens,
        "temperature": prompt.temperature,
        "stream": stream,
    }
    if prompt.schema is not None:
        named = {"name": "answer", "strict": True, "schema": dict(prompt.schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": named}
    return body


async def _events(lines: aiohttp.StreamReader) -> AsyncIterator[str]:
    """The data of each server-sent event (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""
    data: list[str] = []
    while raw := await _line(lines):
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        if line.startswith("data:"):
            data.append(line[5:].removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data = []
    if data:
        yield "\n".join(data)


async def _line(lines: aiohttp.StreamReader) -> bytes:
    try:
        return await lines.readline()
    except ValueError as error:  # longer than the buffer
        raise Retryable("The language model sent an event that is too long.") from error


def _piece(data: str) -> tuple[str, bool]:
    """The text of one chunk, and whether the model says that it was the last."""
    try:
        chunk: Mapping[str, Any] = json.loads(data)
        if "error" in chunk:
            raise Retryable(f"The language model failed midway: {str(chunk['error'])[:_LONGEST_REASON]}")
        if not chunk.get("choices"):
            return "", False  # usage figures
        choice = chunk["choices"][0]
        return str((choice.get("delta") or {}).get("content") or ""), bool(choice.get("finish_reason"))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Retryable("The language model's answer is not of the OpenAI form.") from error


def _refusal(response: aiohttp.ClientResponse, body: str) -> RagleapError:
    reason = body[:_LONGEST_REASON].strip()
    if response.status in (401, 403):
        return Terminal("The language model refuses the key.", do="Check RAGLEAP_LANGUAGE_MODEL_KEY.")
    if response.status in (408, 425) or response.status >= 500:
        if response.status == 503:
            return Unavailable("The language model is starting or overloaded.", retry_after=_retry_after(response))
        return Retryable(f"The language model failed with status {response.status}: {reason}")
    if response.status == 429:
        return Overloaded("The language model takes no more requests now.", retry_after=_retry_after(response))
    return Terminal(f"The language model refuses the request with status {response.status}: {reason}")


def _retry_after(response: aiohttp.ClientResponse) -> float:
    try:
        return min(60.0, max(0.1, float(response.headers.get("Retry-After", "1"))))
    except ValueError:
        return 1.0
