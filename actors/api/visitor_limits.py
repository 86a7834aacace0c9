"""How much visitors of a chat page may ask: a token bucket per visitor and per address, in a table of bounded size.

Promises: calls with an API key are never counted; nothing is waited for; who asks too much gets 429 with the seconds
until its next call passes. The counts are this process's own: with several gateways, each allows as much.

Held by tests/unit/actors/api/test_api_visitor_limits.py and tests/integration/api/test_api_visitor_limits.py.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address, ip_network

from fastapi import Request

from actors.addresses import Network, networks
from runtime.clock import Clock
from runtime.config import Settings
from runtime.errors import Overloaded

MOST_BUCKETS = 10_000
_MAX_HOPS = 20
_UNKNOWN = "unknown"


class VisitorLimits:
    """Asked at the door before a visitor's call is served. A rate of 0 is no bound."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._trusted = networks(settings.trusted_proxies, "RAGLEAP_TRUSTED_PROXIES")
        self._messages = Buckets(settings.visitor_messages_per_minute, clock)
        self._address_messages = Buckets(settings.address_messages_per_minute, clock)
        self._address_requests = Buckets(settings.address_requests_per_minute, clock)

    def begin(self, request: Request) -> None:
        """Somebody without credentials begins a session. Raises Overloaded."""
        _check(self._address_messages.take(self._address(request)))

    def call(self, request: Request, session_id: str) -> None:
        """The visitor of ``session_id`` calls. Raises Overloaded."""
        if request.method == "POST":
            _check(self._messages.take(session_id))
            _check(self._address_messages.take(self._address(request)))
        else:
            _check(self._address_requests.take(self._address(request)))

    def _address(self, request: Request) -> str:
        peer = request.client.host if request.client else ""
        return network_of(client_address(peer, request.headers.getlist("x-forwarded-for"), self._trusted))


class Buckets:
    """A bucket of ``per_minute`` tokens per key, refilled evenly; the keys used longest ago are forgotten first."""

    def __init__(self, per_minute: float, clock: Clock, *, most: int = MOST_BUCKETS) -> None:
        self._size = per_minute
        self._rate = per_minute / 60.0
        self._clock = clock
        self._most = most
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # key → tokens, and when that was so

    def take(self, key: str) -> float:
        """Take a token; 0.0, or the seconds until there is one."""
        if self._size <= 0:
            return 0.0
        now = self._clock.monotonic()
        tokens, since = self._left.get(key, (self._size, now))
        tokens = min(self._size, tokens + (now - since) * self._rate)
        taken = tokens >= 1.0
        self._left[key] = (tokens - 1.0 if taken else tokens, now)
        self._left.move_to_end(key)
        while len(self._left) > self._most:
            self._left.popitem(last=False)
        return 0.0 if taken else (1.0 - tokens) / self._rate

    def __len__(self) -> int:
        return len(self._left)


def client_address(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """Who is at the far end: the last address of ``X-Forwarded-For`` that no proxy of ours has, read from its end.

    Each proxy appends whom it was called by, so what a client invents stands before that and is never reached.
    """
    hops = [hop.strip() for value in forwarded for hop in value.split(",")][-_MAX_HOPS:]
    address = peer
    while hops and _is_within(address, trusted):
        address = hops.pop()
    return address


def network_of(address: str) -> str:
    """What is counted as one address: of IPv6 the /64 that one customer of a provider has."""
    try:
        found = ip_address(address)
    except ValueError:
        return _UNKNOWN
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
    return str(found)


def _is_within(address: str, within: Sequence[Network]) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return not address  # no peer at all: a socket of this machine
    return any(found.version == network.version and found in network for network in within)


def _check(seconds: float) -> None:
    if seconds > 0:
        raise Overloaded("You are asking too often.", retry_after=seconds)
