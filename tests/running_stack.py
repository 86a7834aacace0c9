"""`ragleap up` as the tests drive it: a real process, its own data directory and port, stopped without a trace."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from cluster import memory, process_tree
from cluster.data_dir import DataDir

ROOT = Path(__file__).resolve().parents[1]
START_S = 240
STOP_S = 60
_RUNS = "Ctrl-C stops everything."


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantAccess:
    """What an owner got when the tenant was made."""

    tenant: str
    key: str
    embed_key: str
    chat_url: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}


class RunningStack:
    """One `ragleap up`. ``start`` returns when it runs; ``stop`` checks that it ends well."""

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int | None = None,
        arguments: tuple[str, ...] = (),
        settings: dict[str, str] | None = None,
    ) -> None:
        """``settings``: RAGLEAP_* variables for this stack alone."""
        self.data_dir = data_dir
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.lines: list[str] = []
        self.started_s = 0.0  # how long the last start took
        self._arguments = arguments
        self.telegram_port = free_port()  # where it looks for Telegram: a test's Bot API may listen there
        self.database_files = data_dir / "databases"  # SQLite databases, each in the folder of its tenant
        self._settings = {
            "RAGLEAP_TELEGRAM_URL": f"http://127.0.0.1:{self.telegram_port}",
            "RAGLEAP_DATABASE_FILES": str(self.database_files),
            **(settings or {}),
        }
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Has the process not ended?"""
        return self._process is not None and self._process.poll() is None

    @property
    def operator_key(self) -> str:
        return DataDir(self.data_dir).secret("operator.key")

    @property
    def told(self) -> dict[str, Any]:
        return dict(DataDir(self.data_dir).read_stack())

    def start(self) -> RunningStack:
        runs = threading.Event()
        began, told = time.monotonic(), len(self.lines)
        self._process = process = subprocess.Popen(
            [*command(), "up", "--data-dir", str(self.data_dir), "--port", str(self.port), *self._arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**clean_environment(), **self._settings},
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, args=(process, runs), daemon=True)
        self._reader.start()
        runs.wait(START_S)
        if not any(_RUNS in line for line in self.lines[told:]):
            self.kill()
            pytest.fail("ragleap up did not come up:\n" + "\n".join(self.lines) + "\n" + self._boot_log())
        self.started_s = time.monotonic() - began
        return self

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """The signal, then the exit status once the process has ended."""
        assert self._process is not None
        self._process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        assert self._process is not None
        assert self._reader is not None
        status = self._process.wait(STOP_S)
        self._reader.join(STOP_S)
        return status

    def kill(self) -> None:
        """For clean-up after a failure: everything of the data directory ends now."""
        if self._process is not None and self.runs:
            self._process.kill()
            self._process.wait()
        process_tree.end(self.left(), grace_s=0.5)

    def left(self) -> list[process_tree.Process]:
        """The processes of this data directory that run (none after a good stop)."""
        data = DataDir(self.data_dir)
        named = [
            process
            for process in process_tree.processes().values()
            if process.alive and str(data.path) in process_tree.title(process.pid) and process.pid != os.getpid()
        ]
        return [*process_tree.marked(data.token), *named]

    def processes(self) -> dict[str, int]:
        """The stack's processes by readable name ("cell", "gateway replica", "graph store", ...) → pid."""
        return {row.name: row.pid for row in memory.of_stack(self.pid)}

    def pids(self) -> dict[str, set[int]]:
        """As :meth:`processes`, with every process of a name, and quicker: nothing is measured."""
        found: dict[str, set[int]] = {"up": {self.pid}} if self.runs else {}
        for process in process_tree.descendants(self.pid):
            if process.alive and (title := process_tree.title(process.pid)):
                found.setdefault(memory.readable(title), set()).add(process.pid)
        return found

    def status(self) -> list[dict[str, Any]]:
        """What each cell tells the operator."""
        cells: list[dict[str, Any]] = json.loads(self.ragleap("status", "--json").stdout)["cells"]
        return cells

    def cells(self) -> dict[str, int]:
        """The cells that answer: name → process."""
        return {cell["cell"]: cell["pid"] for cell in self.status() if "pid" in cell}

    def create_tenant(self, name: str) -> TenantAccess:
        made = self._operator("POST", "/v1/tenants", {"name": name})
        return TenantAccess(
            tenant=made["tenant"], key=made["key"], embed_key=made["embed_key"], chat_url=made["chat_url"]
        )

    def ragleap(self, *arguments: str, **run: Any) -> subprocess.CompletedProcess[str]:
        """One command of the command line against this stack."""
        return ragleap(*arguments, "--data-dir", str(self.data_dir), **run)

    def _operator(self, method: str, path: str, body: dict[str, object]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.operator_key}"}
        response = httpx.request(method, self.url + path, json=body, headers=headers, timeout=60)
        assert response.status_code < 300, response.text
        found: dict[str, Any] = response.json()
        return found

    def _read(self, process: subprocess.Popen[str], runs: threading.Event) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self.lines.append(line.rstrip())
                if _RUNS in line:
                    runs.set()
        runs.set()  # it ended: whoever waits looks at the status

    def _boot_log(self) -> str:
        file = self.data_dir / "logs" / "ray_boot.log"
        return file.read_text()[-4_000:] if file.exists() else ""


def ragleap(*arguments: str, timeout_s: float = 300, **environment: str) -> subprocess.CompletedProcess[str]:
    """One command of the command line, its output as text."""
    return subprocess.run(
        [*command(), *arguments],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        env={**clean_environment(), **environment},
        check=False,
    )


def command() -> list[str]:
    return [sys.executable, "-m", "cluster.cli.main"]


def clean_environment() -> dict[str, str]:
    """This process's variables without settings of ours; the models' folder is shared."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RAGLEAP_", "RAY_"))}
    if models := os.environ.get("RAGLEAP_MODELS_DIR"):
        kept["RAGLEAP_MODELS_DIR"] = models
    return {**kept, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def as_json(done: subprocess.CompletedProcess[str]) -> Any:
    """What a command with --json printed."""
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    """One running stack for every test that needs the whole; tests make tenants of their own in it."""
    running = RunningStack(tmp_path_factory.mktemp("stack"))
    try:
        yield running.start()
        status = running.stop()
        assert status == 0, "\n".join(running.lines)
        assert running.left() == []
    finally:
        running.kill()
