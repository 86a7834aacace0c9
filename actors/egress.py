"""The one way out to addresses that a user names: a page or file by its URL, within bounds.

Promises: a connection is made only to an address that was checked in the moment it is connected to, whatever its name
resolves to before or after; each redirect is a new address; size (as sent and as unpacked), time, and the number of
redirects are bounded; no cookie, key or proxy goes along.

Held by tests/unit/actors/test_egress.py.
"""

from __future__ import annotations

import asyncio
import re
import socket
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from actors.addresses import Network, may_be_reached, networks
from runtime.errors import Invalid, RagleapError, TooLarge, Unavailable

Lookup = Callable[[str, int], Awaitable[Sequence[tuple[int, str]]]]  # name, port → (family, address)s

MAX_REDIRECTS = 5
_CHUNK = 1 << 16
_MAX_URL = 2_000
_DOWNLOAD = "Download it, then upload the file."
_MOVED = frozenset({301, 302, 303, 307, 308})
_HEADERS = {"User-Agent": "RagLeap", "Accept": "*/*", "Accept-Encoding": "identity"}
_ENDINGS = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "application/json": ".json",
    "application/pdf": ".pdf",
}
_KNOWN = re.compile(
    r"\.(?:html?|xhtml|txt|text|md|markdown|rst|csv|tsv|json|ndjson|jsonl|pdf|docx?|pptx?|xlsx?|xlsm|od[tsp]|epub|rtf|eml"
    r"|msg|yaml|yml|log|vtt|db|sqlite3?)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What was at ``url``, where the redirects ended. ``filename`` has an ending that fits what was sent."""

    data: bytes
    url: str
    media_type: str
    filename: str


async def look_up(name: str, port: int) -> Sequence[tuple[int, str]]:
    """The addresses of a name, as this machine resolves it."""
    found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    return [(int(family), str(address[0])) for family, _, _, _, address in found]


class Egress:
    """``allowed``: networks (with commas between them) that may be reached although they are not public."""

    def __init__(self, *, allowed: str = "", lookup: Lookup = look_up) -> None:
        self._allowed = networks(allowed, "RAGLEAP_EGRESS_ALLOWED")
        self._lookup = lookup

    async def fetch(self, url: str, *, max_bytes: int, within_s: float) -> Fetched:
        """What is at a URL. Raises Invalid for an address that may not be reached or says no, TooLarge, Unavailable."""
        gate = _Gate(self._allowed, self._lookup)
        try:
            async with asyncio.timeout(within_s), _session(gate) as session:
                return await _follow(session, gate, _checked(url), max_bytes)
        except TimeoutError as error:
            raise Unavailable(f"The address did not send it within {within_s:.0f} s.", do="Try again later.") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if gate.refused:
                raise _not_public(gate.refused) from error
            raise Unavailable(
                f"The address cannot be reached ({type(error).__name__}).", do="Check the URL."
            ) from error


class _Gate(AbstractResolver):
    """Resolves names for one fetch and looks at every address: when it is resolved, and when it is connected to."""

    def __init__(self, allowed: Sequence[Network], lookup: Lookup) -> None:
        self._allowed, self._lookup = allowed, lookup
        self.refused = ""

    def check(self, address: str, host: str) -> None:
        if not may_be_reached(address, self._allowed):
            self.refused = host
            raise OSError(f"{host} is not public")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._lookup(host, port)
        for _, address in found:
            self.check(address, host)
        flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        return [
            ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=flags)
            for kind, address in found
            if family in (socket.AF_UNSPEC, kind)
        ]

    def open(self, address: tuple[Any, ...]) -> socket.socket:
        """A socket for an address that is about to be connected to."""
        family, kind, protocol, _, place = address
        self.check(str(place[0]), str(place[0]))
        return socket.socket(family, kind, protocol)

    async def close(self) -> None: ...


def _session(gate: _Gate) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=gate, socket_factory=gate.open, use_dns_cache=False, force_close=True),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers=_HEADERS,
        auto_decompress=False,
        trust_env=False,
    )


async def _follow(session: aiohttp.ClientSession, gate: _Gate, url: URL, max_bytes: int) -> Fetched:
    for _ in range(MAX_REDIRECTS + 1):
        async with session.get(url, allow_redirects=False) as response:
            if response.status in _MOVED:
                url = _checked(str(url.join(URL(response.headers.get("Location", "")))))
                continue
            if response.status >= 500:
                raise Unavailable(f"The address answered {response.status}.", do="Try again later.")
            if response.status != 200:
                raise Invalid(f"The address answered {response.status}.", do="Use a URL that anybody may open.")
            data = await _body(response, max_bytes)
            kind = response.content_type if "Content-Type" in response.headers else ""
            return Fetched(data=data, url=str(url), media_type=kind, filename=_filename(response, url, kind))
    raise Invalid(f"The address redirects more than {MAX_REDIRECTS} times.", do="Use the URL where it ends.")


async def _body(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    """The body, counted while it comes and while it is unpacked."""
    if (response.content_length or 0) > max_bytes:
        raise _too_large(max_bytes)
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", "deflate"):
        raise Invalid(f"The address sends its answer packed as {encoding[:40]!r}.", do=_DOWNLOAD)
    unpacking = zlib.decompressobj(wbits=47) if encoding != "identity" else None  # 47: zlib's or gzip's head
    pieces, left, sent = [], max_bytes, 0
    async for piece in response.content.iter_chunked(_CHUNK):
        sent += len(piece)
        told = piece if unpacking is None else _unpacked(unpacking, piece, left)
        left -= len(told)
        if left < 0 or sent > max_bytes:
            raise _too_large(max_bytes)
        pieces.append(told)
    return b"".join(pieces)


def _unpacked(unpacking: Any, piece: bytes, left: int) -> bytes:
    """At most one byte more than may be left: that is one too many."""
    try:
        return bytes(unpacking.decompress(piece, left + 1))
    except zlib.error as error:
        raise Invalid("The address sends its answer packed wrongly.", do=_DOWNLOAD) from error


def _checked(url: str) -> URL:
    """A URL that may be asked at all. Raises Invalid."""
    try:
        made = URL(url.strip())
    except ValueError:
        made = URL()
    if len(url) > _MAX_URL or made.scheme not in ("http", "https") or not made.host:
        raise Invalid("The URL is not one of a page or file.", do="Give one that begins with https:// or http://.")
    if made.user or made.password:
        raise Invalid("The URL has a name or password in it.", do="Use a URL that anybody may open.")
    return made.with_fragment(None)


def _filename(response: aiohttp.ClientResponse, url: URL, media_type: str) -> str:
    said = response.content_disposition
    name = (said.filename if said is not None and said.filename else url.name) or url.host or "page"
    name = PurePosixPath(name.replace("\\", "/")).name[:200] or "page"
    ending = _ENDINGS.get(media_type, "")
    return name if _KNOWN.fullmatch(PurePosixPath(name).suffix) or not ending else name + ending


def _not_public(host: str) -> RagleapError:
    return Invalid(
        f"{host} is not a public address.",
        do="Upload the file itself; the operator may allow a network of your own with RAGLEAP_EGRESS_ALLOWED.",
    )


def _too_large(max_bytes: int) -> RagleapError:
    return TooLarge(f"What is at the address is larger than {max_bytes:,} bytes.", do="Download it and split it.")
