"""Calls to a provider's HTTP API: one pool of connections, each call within its time, and what its end tells.

Promises: a call that certainly has not reached the provider raises Unavailable, and may be made again; one of which
nobody knows whether it did raises DeadlineExceeded; whatever the provider answers is returned to be judged by who knows
its API. No address is in an error's text: those of some providers hold the secret.

Held by tests/unit/actors/channels/test_calls.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp

from actors.channels.wire import Fields, read_object
from runtime.errors import DeadlineExceeded, Invalid, Unavailable

CALL_S = 15.0
_CONNECT_S = 5.0
_MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """``told`` is empty where the answer was no JSON object."""

    status: int
    told: Fields


class Calls:
    """Use within one event loop; :meth:`close` at its end."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: str, body: Mapping[str, object], *, headers: Mapping[str, str] | None = None) -> Answered:
        return await self._call("POST", url, headers, body)

    async def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> Answered:
        return await self._call("GET", url, headers, None)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _call(
        self, method: str, url: str, headers: Mapping[str, str] | None, body: Mapping[str, object] | None
    ) -> Answered:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=CALL_S, sock_connect=_CONNECT_S)
            self._session = aiohttp.ClientSession(timeout=timeout, auto_decompress=True)
        try:
            async with self._session.request(
                method, url, headers=headers, json=body, allow_redirects=False
            ) as response:
                raw = await response.content.read(_MOST_BYTES)
                return Answered(status=response.status, told=_object(raw))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Unavailable("The provider cannot be reached.") from _bare(error)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise DeadlineExceeded("The provider's answer was lost.") from _bare(error)


def _object(raw: bytes) -> Fields:
    try:
        return read_object(raw)
    except Invalid:
        return Fields({})


def _bare(error: Exception) -> Exception:
    """The error's kind alone: its text may hold the address."""
    return RuntimeError(type(error).__name__)
