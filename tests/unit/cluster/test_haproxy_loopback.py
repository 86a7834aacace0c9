from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[3] / "cluster" / "haproxy_loopback.sh"


def test_listeners_are_narrowed_and_its_own_errors_made_problems_and_the_rest_is_passed_on(tmp_path: Path) -> None:
    folder = tmp_path / "a & b #1"
    folder.mkdir()
    config = folder / "haproxy.cfg"
    config.write_text(
        "global\n    stats socket /x/admin.sock mode 666 level admin expose-fd listeners\n"
        "defaults\n    option abortonclose\n    errorfile 502 /x/500.http\n    errorfile 503 /x/500.http\n"
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
