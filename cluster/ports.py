"""The ports of one stack: planned together before anything starts, and kept while it runs, also for what is away.

A process that dies leaves its port to whoever asks for any. Ray's own agents do, whenever Ray is started: one of them
once answered at the door while HAProxy was away, and read what a customer had sent. So `ragleap up` holds the door's
port, and the claim that keeps the rest of the block from another stack's plan.

Held by tests/unit/cluster/test_ports.py and tests/e2e/test_up.py.
"""

from __future__ import annotations

import errno
import socket
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from runtime.errors import Conflict, Invalid, Unavailable

# Below Linux's ephemeral ports (32768 and up), above what servers of other kinds commonly use.
_FIRST, _LAST = 20_000, 29_000  # the embedded stores' ports are above (cluster.embedded.place)
_BLOCK = 60
_REPLICAS = 40  # ports that Serve may give to replicas


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """``http`` is the door; the rest are for the platform's own processes. ``replicas`` is the first of a range.

    Nobody listens at ``claim``: who holds it has the block.
    """

    http: int
    gcs: int
    fallback: int
    proxy_metrics: int
    proxy_stats: int
    dashboard: int
    claim: int
    replicas: int
    replicas_end: int


def plan_ports(http: int, seed: str, is_free: Callable[[int], bool]) -> Ports:
    """A block of free ports, the same for the same ``seed`` while nothing else takes them; raises Unavailable."""
    blocks = (_LAST - _FIRST) // _BLOCK
    start = zlib.crc32(seed.encode()) % blocks
    for step in range(blocks):
        base = _FIRST + (start + step) % blocks * _BLOCK
        block = range(base, base + _BLOCK)
        if http not in block and all(is_free(port) for port in block):
            return Ports(
                http=http,
                gcs=base,
                fallback=base + 1,
                proxy_metrics=base + 2,
                proxy_stats=base + 3,
                dashboard=base + 4,
                claim=base + 5,
                replicas=base + 10,
                replicas_end=base + 10 + _REPLICAS,
            )
    raise Unavailable("No free block of ports was found on loopback.", do=f"Free some of {_FIRST} to {_LAST}.")


def hold_port(host: str, port: int) -> socket.socket:
    """Keep ``port`` for those who ask for it by its number; nobody else is given it until the socket is closed.

    Bound and never listening, so it takes no connection, and whoever sets SO_REUSEADDR (HAProxy does) may listen
    there. To one that asks for any port the kernel gives none that is bound, and no connection starts from it
    (Linux: ``inet_csk_find_open_port``, ``__inet_hash_connect``, with ``net.ipv4.ip_autobind_reuse`` off, its
    default). Raises Conflict where another process listens there, Invalid where we may not bind it.
    """
    held = socket.socket()
    try:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bind(held, host, port)
    except BaseException:
        held.close()
        raise
    return held


def claim_port(port: int, host: str = "127.0.0.1") -> socket.socket:
    """As :func:`hold_port`, from everybody: :func:`is_free` says no, too."""
    claimed = socket.socket()
    try:
        _bind(claimed, host, port)
    except BaseException:
        claimed.close()
        raise
    return claimed


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Can a server bind ``port`` now?"""
    try:
        hold_port(host, port).close()
    except (Conflict, Invalid):
        return False
    return True


def _bind(probe: socket.socket, host: str, port: int) -> None:
    try:
        probe.bind((host, port))
    except OverflowError as error:
        raise Invalid(f"{port} is not a port.", do="Give one of 1 to 65535 with --port.") from error
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Conflict(
                f"Port {port} on {host} is taken by another program.", do="Stop it, or choose another with --port."
            ) from error
        raise Invalid(f"Port {port} on {host} can't be used: {error.strerror}.", do="Choose another.") from error
