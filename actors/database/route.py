"""Where connections to live databases may lead: public addresses, and the networks that the operator names.

Promises: every address of a name is looked at for every connection, and the one that was looked at is the one that is
connected to, so that a name that resolves differently the next moment leads nowhere; no Unix sockets.

Held by tests/unit/actors/database/test_route.py.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence

from actors.addresses import Network, may_be_reached
from runtime.errors import Invalid, Unavailable

Lookup = Callable[[str, int], Sequence[str]]


def look_up(name: str, port: int) -> Sequence[str]:
    """The addresses of a name, as this machine resolves it. Blocking."""
    return [str(found[4][0]) for found in socket.getaddrinfo(name, port or None, type=socket.SOCK_STREAM)]


class Route:
    """``allowed``: networks that may be reached although they are not public."""

    def __init__(self, allowed: Sequence[Network] = (), lookup: Lookup = look_up) -> None:
        self._allowed = allowed
        self._lookup = lookup

    def address(self, host: str, port: int) -> str:
        """One address of ``host``, in the moment before it is connected to. Raises Invalid, Unavailable."""
        if not host or "/" in host or "," in host or host.startswith("@"):
            raise Invalid("The URL names no host.", do="Name one: postgresql://user:password@host:5432/name.")
        try:
            found = self._lookup(host, port)
        except (OSError, UnicodeError) as error:
            raise Unavailable("The database's host name is not known.", do="Check the URL.") from error
        if not found:
            raise Unavailable("The database's host name is not known.", do="Check the URL.")
        if not all(may_be_reached(address, self._allowed) for address in found):
            raise Invalid(
                "The database's address is not public.",
                do="An operator may allow its network with RAGLEAP_DATABASE_NETWORKS.",
            )
        return found[0]
