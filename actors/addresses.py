"""Which addresses of the Internet anybody may be sent to: public ones, in whatever dress an address comes.

Promises: pure; loopback, private, link-local, shared, reserved and multicast addresses are not public, nor are the
addresses of clouds' own services, nor an IPv6 address that carries such an IPv4 address inside.

Sources: IANA's special-purpose registries (RFC 6890) as Python's ``ipaddress`` has them; RFC 4291 2.5.5 (mapped), RFC
3056 (6to4), RFC 4380 (Teredo), RFC 6052 (NAT64).

Held by tests/unit/actors/test_addresses.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from runtime.errors import Invalid

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64 = ip_network("64:ff9b::/96")
_COMPATIBLE = ip_network("::/96")
# Not global by the registries of today; Python before 3.11.9 counts some as global.
_SPECIAL = [ip_network(each) for each in ("192.0.0.0/24", "64:ff9b:1::/48", "100::/64", "3fff::/20", "5f00::/16")]
# Public by their number, but answered by the cloud's own host: Azure's platform, and its metadata.
_OF_CLOUDS = frozenset({ip_address("168.63.129.16")})


def may_be_reached(address: str, allowed: Sequence[Network] = ()) -> bool:
    """Whether an address is public, or in a network that the operator has allowed."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(_is_public(each) or any(each in network for network in allowed) for each in _within(ip))


def networks(text: str, setting: str) -> list[Network]:
    """Networks with commas between them. Raises Invalid, naming the setting, for what is none."""
    try:
        return [ip_network(each.strip()) for each in text.split(",") if each.strip()]
    except ValueError as error:
        raise Invalid(
            f"{setting}={text!r} does not fit: {error}.", do="Give networks like 10.1.0.0/16,fd00:1::/32."
        ) from error


def _is_public(ip: Address) -> bool:
    if not ip.is_global or ip.is_multicast or ip.is_reserved or ip in _OF_CLOUDS:
        return False
    return not any(ip in network for network in _SPECIAL)


def _within(ip: Address) -> Iterator[Address]:
    """An IPv4 address is itself; an IPv6 address is itself and the IPv4 address that it stands for, if any."""
    if isinstance(ip, IPv4Address):
        yield ip
    elif ip.ipv4_mapped is not None:
        yield ip.ipv4_mapped
    elif ip in _NAT64:
        yield IPv4Address(int(ip) & 0xFFFFFFFF)
    else:
        yield ip
        if ip.sixtofour is not None:
            yield ip.sixtofour
        if ip.teredo is not None:
            yield from ip.teredo
        if ip in _COMPATIBLE:
            yield IPv4Address(int(ip) & 0xFFFFFFFF)
