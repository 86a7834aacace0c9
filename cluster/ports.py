"""The loopback ports of one stack: planned together before anything starts, so that none of ours collide."""

from __future__ import annotations

import errno
import socket
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from runtime.errors import Conflict, Invalid, Unavailable

# Below Linux's ephemeral ports (32768 and up), above what servers of other kinds commonly use.
_FIRST, _LAST = 20_000, 29_000
_BLOCK = 60
_REPLICAS = 40  # ports that Serve may give to replicas


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """``http`` is the door; the rest are for the platform's own processes. ``replicas`` is the first of a range."""

    http: int
    gcs: int
    fallback: int
    proxy_metrics: int
    proxy_stats: int
    dashboard: int
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
                replicas=base + 10,
                replicas_end=base + 10 + _REPLICAS,
            )
    raise Unavailable("No free block of ports was found on loopback.", do=f"Free some of {_FIRST} to {_LAST}.")


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Can a server bind ``port`` now?"""
    try:
        check_port(host, port)
    except (Conflict, Invalid):
        return False
    return True


def check_port(host: str, port: int) -> None:
    """Raise Conflict where another process has the port, Invalid where we may not bind it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
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
