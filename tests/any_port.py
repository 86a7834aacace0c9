"""What a process that takes any port would get, were only one left: the kernel's own choice, for one socket."""

from __future__ import annotations

import socket
import struct

_IP_LOCAL_PORT_RANGE = 51  # Linux 6.3, include/uapi/linux/in.h; ip(7)


def taken_when_any_will_do(port: int, how: str = "listening") -> bool:
    """Is ``port`` given to a server that binds port 0 (as Ray's agents do), or to a "calling" client?"""
    with socket.socket() as one, socket.socket() as server:
        one.setsockopt(socket.IPPROTO_IP, _IP_LOCAL_PORT_RANGE, struct.pack("I", port << 16 | port))
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("127.0.0.1", 0))
        server.listen()
        try:
            if how == "listening":
                one.bind(("127.0.0.1", 0))
            else:
                one.connect(server.getsockname())
        except OSError:
            return False
        return int(one.getsockname()[1]) == port
