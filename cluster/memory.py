"""The memory of a running stack by process: PSS, so that pages which processes share are counted once in the sum."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

from cluster import process_tree

_NAMES = (
    (r"ragleap.* up\b|cluster\.cli\.main up", "up"),
    (r"gcs_server", "ray gcs"),
    (r"/raylet\b", "raylet"),
    (r"DashboardAgent|dashboard/agent\.py", "ray agent"),
    (r"RuntimeEnvAgent|runtime_env/agent", "ray runtime env agent"),
    (r"dashboard/dashboard\.py|DashboardHead", "ray dashboard"),
    (r"ServeController", "serve controller"),
    (r"HAProxyManager", "serve proxy manager"),
    (r"ProxyActor", "serve fallback proxy"),
    (r"bin/haproxy", "haproxy"),
    (r"ServeReplica:(\w+)", r"\1 replica"),
    (r"ArcadeDBServer", "graph store"),
    (r"milvus_server", "vector store"),
    (r"llama_server", "language model"),
    (r"parse_child", "document parser"),
    (r"ray-dashboard-(\w+)", r"ray dashboard \1"),
    (r"IngestWorker|Ingest", "ingest worker"),
    (r"CellHost", "cell"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One process and what it adds to the machine's memory."""

    name: str
    pid: int
    pss_kb: int

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def of_stack(up_pid: int) -> list[Row]:
    """Every process of the stack that `ragleap up` with this pid runs, the largest first."""
    pids = [up_pid, *(process.pid for process in process_tree.descendants(up_pid) if process.alive)]
    rows = [Row(name=readable(process_tree.title(pid)), pid=pid, pss_kb=process_tree.pss_kb(pid)) for pid in pids]
    return sorted((row for row in rows if row.pss_kb), key=lambda row: -row.pss_kb)


def readable(title: str) -> str:
    """What a process is, from its command line."""
    for pattern, name in _NAMES:
        if found := re.search(pattern, title):
            return found.expand(name)
    return title.split(" ")[0].rpartition("/")[2][:40] or "?"
