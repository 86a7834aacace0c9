"""Redis, two Celery workers and Gunicorn, up for as long as a block runs; each started here and ended by its pid."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_S = 60.0


@contextmanager
def celery_stack(folder: Path, *, sink: int) -> Iterator[int]:
    """The door's port."""
    redis, http = free_port(), free_port()
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "BENCH_REDIS": f"redis://127.0.0.1:{redis}/0",
        "BENCH_SINK": str(sink),
        "BENCH_JOURNAL": str(folder / "celery.db"),
    }
    python = Path(sys.executable)
    commands = (
        ["redis-server", "--port", str(redis), "--bind", "127.0.0.1", "--dir", str(folder), "--appendonly", "yes",
         "--appendfsync", "everysec", "--save", ""],
        [str(python.with_name("celery")), "-A", "bench.baselines.celery_app:app", "worker", "--concurrency=2",
         "--loglevel=WARNING"],
        [str(python.with_name("gunicorn")), "--worker-class=gthread", "--workers=2", "--threads=4", "--keep-alive=75",
         f"--bind=127.0.0.1:{http}", "--log-level=warning", "bench.baselines.celery_app:door"],
    )  # fmt: skip
    running: list[subprocess.Popen[bytes]] = []
    with (folder / "celery.log").open("wb") as log:
        try:
            for command in commands:
                running.append(
                    subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
                )
                _answers(redis)
            _answers(http)
            yield http
        finally:
            for process in reversed(running):
                process.terminate()
            for process in reversed(running):
                try:
                    process.wait(15)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> None:
    end = time.monotonic() + START_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
