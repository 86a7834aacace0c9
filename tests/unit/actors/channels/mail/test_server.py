"""Where a mail server may be."""

from __future__ import annotations

import socket

import pytest

from actors.addresses import networks
from actors.channels.mail.server import Server, connected, is_this_machine, server_of
from runtime.errors import Invalid, Unavailable


@pytest.mark.parametrize(
    ("url", "protocol", "server"),
    [
        ("imaps://mail.example", "imap", Server(host="mail.example", port=993, tls=True)),
        ("imap://mail.example", "imap", Server(host="mail.example", port=143, tls=False)),
        ("smtps://mail.example:4650/", "smtp", Server(host="mail.example", port=4650, tls=True)),
        ("smtp://[2001:db8::1]", "smtp", Server(host="2001:db8::1", port=587, tls=False)),
    ],
)
def test_a_servers_address_is_read(url: str, protocol: str, server: Server) -> None:
    assert server_of(url, protocol) == server


@pytest.mark.parametrize(
    "url",
    ["", "mail.example", "https://mail.example", "smtps://mail.example", "imaps://a:b@x.example", "imaps://x:99999999"],
)
def test_what_is_no_imap_address_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        server_of(url, "imap")


def test_only_public_addresses_and_those_that_the_operator_allows_are_connected_to() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Server(host="localhost", port=listening.getsockname()[1], tls=False)
        with pytest.raises(Invalid, match="not a public address"):
            connected(server, [])
        with connected(Server(host="127.0.0.1", port=server.port, tls=False), networks("127.0.0.0/8", "x")) as made:
            assert is_this_machine(made)


def test_a_server_that_is_not_there_may_be_there_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(Unavailable):
        connected(Server(host="127.0.0.1", port=port, tls=False), networks("127.0.0.0/8", "x"))
