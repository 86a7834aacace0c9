"""Token buckets of bounded number, and whose address counts when proxies stand in between."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from toys import FakeClock

from actors.api.visitor_limits import Buckets, VisitorLimits, client_address, network_of
from runtime.config import Settings
from runtime.errors import Invalid

LOOPBACK = [ip_network("127.0.0.0/8"), ip_network("::1/128")]


def test_a_bucket_passes_its_tokens_and_then_one_each_time_it_is_refilled() -> None:
    clock = FakeClock()
    buckets = Buckets(3, clock)
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 0]
    assert buckets.take("a") == pytest.approx(20)
    assert buckets.take("b") == 0
    clock.advance(19)
    assert buckets.take("a") == pytest.approx(1)
    clock.advance(1.001)
    assert buckets.take("a") == 0
    clock.advance(10_000)
    assert [buckets.take("a") > 0 for _ in range(4)] == [False, False, False, True]


def test_no_number_of_visitors_fills_the_memory() -> None:
    buckets = Buckets(1, FakeClock(), most=100)
    for visitor in range(1_000):
        buckets.take(str(visitor))
    assert len(buckets) == 100
    assert buckets.take("999") > 0


def test_a_rate_of_nothing_is_no_bound() -> None:
    buckets = Buckets(0, FakeClock())
    assert not any(buckets.take("a") for _ in range(1_000))
    assert len(buckets) == 0


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),  # no proxy of ours: it may say what it likes
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["10.9.9.9, 198.51.100.1, 127.0.0.1"], "198.51.100.1"),
        ("127.0.0.1", ["10.9.9.9", "198.51.100.1", "127.0.0.1"], "198.51.100.1"),
        ("::1", ["2001:db8::7, ::1"], "2001:db8::7"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("", ["198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["198.51.100.1, nonsense"], "nonsense"),
    ],
)
def test_the_last_address_that_is_not_ours_counts(peer: str, forwarded: list[str], expected: str) -> None:
    assert client_address(peer, forwarded, LOOPBACK) == expected


def test_neighbours_of_one_ipv6_network_are_one_address() -> None:
    assert network_of("2001:db8:1:2::7") == network_of("2001:db8:1:2:ffff::1")
    assert network_of("2001:db8:1:2::7") != network_of("2001:db8:1:3::7")
    assert network_of("::ffff:198.51.100.1") == network_of("198.51.100.1") == "198.51.100.1"
    assert network_of("nonsense") == "unknown"


def test_a_network_that_is_none_is_named_at_the_start() -> None:
    with pytest.raises(Invalid, match="TRUSTED_PROXIES"):
        VisitorLimits(Settings(trusted_proxies="everyone"), FakeClock())
