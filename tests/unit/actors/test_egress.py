"""The way out, to real servers on loopback: 127.0.0.2 is allowed and plays the Internet, 127.0.0.1 is what it hides."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Sequence

import pytest
from aiohttp import web

from actors.egress import MAX_REDIRECTS, Egress, Fetched, Lookup
from runtime.errors import Invalid, TooLarge, Unavailable

OUTSIDE, INSIDE = "127.0.0.2", "127.0.0.1"
LIMIT = 100_000


class Site:
    """Two servers on one port: the outside has pages, the inside counts who comes."""

    def __init__(self) -> None:
        self.port = 0
        self.inside_calls: list[str] = []
        self.asked: list[dict[str, str]] = []

    async def start(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self._answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)  # a page that never comes is not waited for
        await runner.setup()
        outside = web.TCPSite(runner, OUTSIDE, 0)
        await outside.start()
        assert runner.addresses
        self.port = runner.addresses[0][1]
        await web.TCPSite(runner, INSIDE, self.port).start()
        return runner

    def at(self, path: str, host: str = OUTSIDE) -> str:
        return f"http://{host}:{self.port}{path}"

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        if request.transport.get_extra_info("sockname")[0] == INSIDE:
            self.inside_calls.append(request.path)
            return web.Response(text="secret")
        self.asked.append(dict(request.headers))
        return await self._outside(request)

    async def _outside(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        if path == "/to":
            return web.Response(status=302, headers={"Location": request.query["url"]})
        if path == "/circle":
            return web.Response(status=307, headers={"Location": "/circle"})
        if path == "/endless":
            return await self._endless(request)
        if path == "/slow":
            await asyncio.Event().wait()
        if path == "/bomb":
            packed = gzip.compress(b" " * 50_000_000)
            return web.Response(body=packed, headers={"Content-Encoding": "gzip"})
        if path == "/packed":
            return web.Response(body=gzip.compress(b"words"), headers={"Content-Encoding": "gzip"})
        if path.startswith("/status/"):
            return web.Response(status=int(path.rpartition("/")[2]))
        kind = "application/pdf" if path.endswith(".pdf") else "text/html"
        return web.Response(text="<p>page</p>", content_type=kind, headers={"Set-Cookie": "a=b"})

    async def _endless(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 65_536)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    made = Site()
    runner = await made.start()
    yield made
    await runner.cleanup()


def names(**addresses: Sequence[str] | str) -> Lookup:
    """Resolves a name to its address, to each of a list in turn, or to all of a tuple at once."""
    turns = {name: list(each) if isinstance(each, list) else [each] for name, each in addresses.items()}

    async def look_up(name: str, port: int) -> Sequence[tuple[int, str]]:
        known = turns[name]
        told = known.pop(0) if len(known) > 1 else known[0]
        return [(socket.AF_INET, each) for each in ([told] if isinstance(told, str) else told)]

    return look_up


async def fetch(url: str, lookup: Lookup | None = None, within_s: float = 20) -> Fetched:
    egress = Egress(allowed=f"{OUTSIDE}/32", **({"lookup": lookup} if lookup else {}))
    return await egress.fetch(url, max_bytes=LIMIT, within_s=within_s)


async def test_a_page_is_fetched_with_a_name_that_tells_its_kind(site: Site) -> None:
    page = await fetch(site.at("/terms.php?x=1#part"))
    assert (page.data, page.media_type, page.filename) == (b"<p>page</p>", "text/html", "terms.php.html")
    assert (await fetch(site.at("/offer.pdf"))).filename == "offer.pdf"
    assert (await fetch(site.at("/"))).filename == f"{OUTSIDE}.html"


async def test_redirects_are_followed_and_told_without_cookies(site: Site) -> None:
    page = await fetch(site.at("/to?url=/terms"))
    assert page.url == site.at("/terms")
    assert "Cookie" not in site.asked[-1]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "0x7f000001", "2130706433", "[::ffff:127.0.0.1]", "[::1]", "0.0.0.0"]
)
async def test_an_address_that_is_not_public_is_never_connected_to(site: Site, host: str) -> None:
    with pytest.raises((Invalid, Unavailable)):
        await fetch(site.at("/", host))
    assert site.inside_calls == []


async def test_a_redirect_is_checked_like_the_first_address(site: Site) -> None:
    for target in (site.at("/", INSIDE), site.at("/", "inner.example"), "file:///etc/passwd", "gopher://x/"):
        with pytest.raises(Invalid):
            await fetch(site.at(f"/to?url={target}"), names(**{"inner.example": INSIDE}))
    assert site.inside_calls == []


async def test_a_name_that_changes_its_address_gets_the_connection_that_was_checked(site: Site) -> None:
    turning = names(**{"turning.example": [OUTSIDE, INSIDE]})
    assert (await fetch(site.at("/", "turning.example"), turning)).data == b"<p>page</p>"
    with pytest.raises(Invalid, match="not a public"):
        await fetch(site.at("/", "turning.example"), turning)
    assert site.inside_calls == []


async def test_a_name_with_a_private_address_among_its_public_ones_is_refused(site: Site) -> None:
    with pytest.raises(Invalid, match="not a public"):
        await fetch(site.at("/", "both.example"), names(**{"both.example": (OUTSIDE, INSIDE)}))
    assert site.inside_calls == []


@pytest.mark.parametrize("path", ["/endless", "/bomb"])
async def test_what_is_larger_than_the_limit_is_cut_off(site: Site, path: str) -> None:
    with pytest.raises(TooLarge, match="100,000"):
        await fetch(site.at(path))


async def test_what_is_packed_is_unpacked(site: Site) -> None:
    assert (await fetch(site.at("/packed"))).data == b"words"


async def test_an_address_that_does_not_answer_in_time_is_given_up(site: Site) -> None:
    with pytest.raises(Unavailable, match="did not send"):
        await fetch(site.at("/slow"), within_s=0.2)


async def test_redirects_without_end_are_given_up(site: Site) -> None:
    with pytest.raises(Invalid, match=f"more than {MAX_REDIRECTS}"):
        await fetch(site.at("/circle"))


async def test_an_answer_that_is_no_page_says_so(site: Site) -> None:
    with pytest.raises(Invalid, match="404"):
        await fetch(site.at("/status/404"))
    with pytest.raises(Unavailable, match="503"):
        await fetch(site.at("/status/503"))


@pytest.mark.parametrize(
    "url", ["ftp://x.example/a", "file:///etc/passwd", "//x", "", "http://", "http://me:pw@x.example/"]
)
async def test_only_plain_web_addresses_are_asked(url: str) -> None:
    with pytest.raises(Invalid):
        await fetch(url, names())
