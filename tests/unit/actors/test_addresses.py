from __future__ import annotations

import pytest

from actors.addresses import may_be_reached, networks
from runtime.errors import Invalid


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_may_be_reached(address: str) -> None:
    assert may_be_reached(address)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "192.0.0.192"),
        *("169.254.169.254", "168.63.129.16", "100.100.100.200", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("198.18.0.1", "192.0.2.1", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1"),
        *("2002:7f00:1::", "2001:0:a00:1::", "64:ff9b:1::1", "2001:db8::1", "not an address", "", "localhost"),
    ],
)
def test_no_other_address_may_in_whatever_dress(address: str) -> None:
    assert not may_be_reached(address)


def test_a_network_that_the_operator_allows_may_be_reached_in_every_dress_and_no_other() -> None:
    allowed = networks("10.1.0.0/16, fd00:1::/32", "RAGLEAP_X")
    assert may_be_reached("10.1.2.3", allowed)
    assert may_be_reached("::ffff:10.1.2.3", allowed)
    assert may_be_reached("fd00:1::5", allowed)
    assert not may_be_reached("10.2.0.1", allowed)


def test_a_list_that_is_none_is_refused_with_how_to_write_it() -> None:
    with pytest.raises(Invalid) as refused:
        networks("10.1.0.0/16; intranet", "RAGLEAP_X")
    assert "10.1.0.0/16" in refused.value.do
