from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import unquote

import httpx
import yaml
from ray.serve._private.haproxy_templates import HAPROXY_CONFIG_TEMPLATE
from real_haproxy import SCRIPT, haproxy_client
from running_stack import ROOT


def test_listeners_are_narrowed_and_its_own_errors_made_problems_and_the_rest_is_passed_on(tmp_path: Path) -> None:
    folder = tmp_path / "a & b #1"
    folder.mkdir()
    config = folder / "haproxy.cfg"
    config.write_text(
        "global\n    stats socket /x/admin.sock mode 666 level admin expose-fd listeners\n"
        "defaults\n    timeout http-keep-alive 86400s\n    option abortonclose\n"
        "    errorfile 502 /x/500.http\n    errorfile 503 /x/500.http\n"
        "frontend prometheus\n    bind :9101\nfrontend stats\n    bind *:8404\n"
        "frontend http_frontend\n    bind 127.0.0.1:8000\n"
    )
    program = tmp_path / "program"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    program.chmod(0o700)
    told = subprocess.run(
        [str(SCRIPT), "-db", "-f", str(config), "-sf", "12"],
        env={**os.environ, "RAGLEAP_HAPROXY": str(program)},
        capture_output=True,
        text=True,
        check=True,
    )
    narrowed = Path(f"{config}.loopback")
    assert told.stdout.splitlines() == ["-db", "-f", str(narrowed), "-sf", "12"]
    text = narrowed.read_text()
    binds = [line.strip() for line in text.splitlines() if "bind" in line]
    assert binds == ["bind 127.0.0.1:9101", "bind 127.0.0.1:8404", "bind 127.0.0.1:8000"]
    assert "mode 600 level admin" in text
    assert "    timeout http-keep-alive 75s\n" in text
    assert "    option abortonclose\n    option forwardfor\n" in text
    unavailable = Path(f"{config}.unavailable")
    assert [line.strip() for line in text.splitlines() if "errorfile" in line] == [
        f'errorfile 502 "{unavailable}"',
        f'errorfile 503 "{unavailable}"',
    ]
    head, _, body = unavailable.read_bytes().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"\r\nRetry-After: 1\r\n" in head
    assert b"\r\nContent-Length: %d\r\n" % len(body) in head
    assert json.loads(body)["status"] == 503


def test_the_gateway_outlasts_haproxy_on_their_idle_connections() -> None:
    """HAProxy lets go of them within seconds, and of none on which it is about to send."""
    told = yaml.safe_load((ROOT / "serve_config.yaml").read_text())
    assert told["http_options"]["keep_alive_timeout_s"] >= 3600


async def test_a_haproxy_that_knows_no_gateway_yet_says_503_and_when_to_come_back(tmp_path: Path) -> None:
    [served] = [line for line in HAPROXY_CONFIG_TEMPLATE.splitlines() if "status 404" in line]  # to every path
    async with haproxy_client(tmp_path, f"{served}\n") as client:
        _says_unavailable(await client.get("/v1/jobs/job_1"))


async def test_what_serves_fallback_makes_up_is_503_and_what_the_gateway_says_through_it_passes(tmp_path: Path) -> None:
    [served] = [line for line in HAPROXY_CONFIG_TEMPLATE.splitlines() if line.endswith("check backup")][:1]
    names = (
        "{{ backend.fallback_server.name }}",
        "{{ backend.fallback_server.host }}:{{ backend.fallback_server.port }}",
    )
    async with _fallback() as port:
        served = served.replace(names[0], "SERVE_PROXY_ACTOR-fallback-1").replace(names[1], f"127.0.0.1:{port}")
        async with haproxy_client(tmp_path, f"{served}\n") as client:
            for made_up in ("/500/text/plain; charset=utf-8", "/404/text/plain"):
                _says_unavailable(await client.get(made_up))
            for passed, status in (("/404/application/problem+json", 404), ("/200/text/plain", 200)):
                answer = await client.get(passed)
                assert (answer.status_code, answer.text) == (status, "told")


def _says_unavailable(told: httpx.Response) -> None:
    assert (told.status_code, told.headers["Retry-After"]) == (503, "1")
    assert told.json()["type"] == "urn:ragleap:problem:unavailable"


@asynccontextmanager
async def _fallback() -> AsyncIterator[int]:
    """A server that answers ``/STATUS/CONTENT-TYPE`` with just that."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()[0].removesuffix(" HTTP/1.1")
        _, status, kind = unquote(path.partition(" ")[2]).split("/", 2)
        head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: 4\r\nConnection: close\r\n\r\n"
        writer.write(f"{head}told".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield int(server.sockets[0].getsockname()[1])
