"""A mail server's address, and a connection to it that leads nowhere but there.

Promises: what is connected to is an address that was looked at in that moment: a public one, or one in a network that
the operator has allowed (RAGLEAP_EGRESS_ALLOWED); nothing is said in the clear except to this machine itself.

RFC 8314 (TLS for mail), RFC 3207 and 9051 (STARTTLS).

Held by tests/unit/actors/channels/mail/test_server.py.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from actors.addresses import Network, may_be_reached
from runtime.errors import Invalid, Unavailable

CONNECT_S = 10.0
PORTS = {"imaps": 993, "imap": 143, "smtps": 465, "smtp": 587}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """``tls``: from the first byte; else by STARTTLS, which is demanded of every server but this machine's own."""

    host: str
    port: int
    tls: bool


def server_of(url: str, protocol: str) -> Server:
    """The server at ``imaps://host[:port]``, ``imap://…`` (STARTTLS), and the same of SMTP. Raises Invalid."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Invalid(f"The {protocol} address is no URL.", do=_LIKE[protocol]) from None
    if parts.scheme not in (protocol, f"{protocol}s") or not parts.hostname or parts.path not in ("", "/"):
        raise Invalid(f"The {protocol} address does not fit.", do=_LIKE[protocol])
    if parts.username or parts.password or parts.query or parts.fragment:
        raise Invalid(f"The {protocol} address has more in it than a server.", do="Give name and password beside it.")
    return Server(host=parts.hostname, port=port or PORTS[parts.scheme], tls=parts.scheme.endswith("s"))


_LIKE = {
    "imap": "Write imaps://mail.example.com, or imap://mail.example.com:143 for STARTTLS.",
    "smtp": "Write smtps://mail.example.com, or smtp://mail.example.com:587 for STARTTLS.",
}


def connected(server: Server, allowed: Sequence[Network], *, timeout_s: float = CONNECT_S) -> socket.socket:
    """A socket to the server; blocks. Raises Invalid where it is not public, Unavailable where it does not answer."""
    try:
        found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unavailable(f"The name of the mail server {server.host} is not known.", do="Check it.") from error
    if not all(may_be_reached(str(place[0]), allowed) for *_, place in found):
        raise Invalid(
            f"{server.host} is not a public address.",
            do="The operator may allow a network of your own with RAGLEAP_EGRESS_ALLOWED.",
        )
    trouble: OSError | None = None
    for family, kind, protocol, _, place in found:
        made = socket.socket(family, kind, protocol)
        made.settimeout(timeout_s)
        try:
            made.connect(place)
        except OSError as error:
            made.close()
            trouble = error
            continue
        return made
    raise Unavailable(f"The mail server {server.host}:{server.port} cannot be reached.") from trouble


def is_this_machine(connection: socket.socket) -> bool:
    try:
        return ip_address(str(connection.getpeername()[0])).is_loopback
    except (OSError, ValueError):
        return False
