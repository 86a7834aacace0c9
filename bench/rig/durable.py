"""Durable messages end to end: HTTP in → turn → outbox → the local sink, ours and Celery's, with one driver and sink.

A rate is the messages over the time from the first request to the last arrival at the sink; every message must have
arrived, once.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.rig.driver import Plan

ROOT = Path(__file__).resolve().parents[2]
ARRIVE_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """What one run of the driver came to."""

    rate: float  # messages a second, to the sink
    driver_cpu: float  # the driver's share of one core
    latencies_ms: Sequence[float]  # of the acknowledgements, sorted
    refused: int
    lost: int
    doubled: int

    def percentile(self, part: float) -> float:
        return self.latencies_ms[min(len(self.latencies_ms) - 1, int(part * len(self.latencies_ms)))]


class SinkProcess:
    """``bench.rig.sink`` as a child, and what it has seen."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self.port = int(process.stdout.readline())
        self._stream = socket.create_connection(("127.0.0.1", self.port)).makefile("rwb")

    def arrived(self, prefix: str) -> list[tuple[str, float]]:
        """The texts of one plan, in the order of arrival, and when they came."""
        return [(text, at) for text, at in json.loads(self._said("?")) if text.startswith(f"{prefix}-")]

    def forget(self) -> None:
        self._said("!")

    def _said(self, word: str) -> bytes:
        self._stream.write(f"{word}\n".encode())
        self._stream.flush()
        return self._stream.readline()


@contextmanager
def sink() -> Iterator[SinkProcess]:
    child = subprocess.Popen([sys.executable, "-m", "bench.rig.sink"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield SinkProcess(child)
    finally:
        child.terminate()
        child.wait()


def flow(plan: Plan, into: SinkProcess) -> Flow:
    """Drive ``plan`` and see every acknowledged message arrive."""
    into.forget()
    told = subprocess.run(
        [sys.executable, "-m", "bench.rig.driver", json.dumps(asdict(plan))],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=300, check=True,
    )  # fmt: skip
    seen = json.loads(told.stdout)
    acknowledged = plan.messages - seen["refused"]
    end = time.monotonic() + ARRIVE_S
    while len(arrived := into.arrived(plan.prefix)) < acknowledged and time.monotonic() < end:
        time.sleep(0.1)
    texts = [text for text, _ in arrived]
    last = max(at for _, at in arrived)
    return Flow(
        rate=len(set(texts)) / (last - seen["began"]),
        driver_cpu=seen["cpu_s"] / (seen["ended"] - seen["began"]),
        latencies_ms=sorted(1000 * latency for latency in seen["latencies"]),
        refused=seen["refused"],
        lost=acknowledged - len(set(texts)),
        doubled=len(texts) - len(set(texts)),
    )
