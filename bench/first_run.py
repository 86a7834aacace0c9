"""A newcomer's first minutes: a clone in an empty folder, `make run`, and a question once it says that it runs.

The package cache is warm (pip's and uv's own), the environment and the models' folder are new.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

from running_stack import free_port

ROOT = Path(__file__).resolve().parents[1]
QUESTION = "How much does express shipping cost?"
_RUNS = "Ctrl-C stops everything."
_LIMIT_S = 900


class FirstRun:
    """Seconds from the command on: ``installed``, ``running`` and ``answered``; ``answer`` is what was said."""

    def __init__(self, folder: Path) -> None:
        self.installed = self.running = self.answered = 0.0
        self.answer = ""
        self._clone = folder / "clone"
        self._data = folder / "data"
        self._environment = {**os.environ, "RAGLEAP_MODELS_DIR": str(folder / "models")}
        self._lines: list[str] = []

    def measure(self) -> FirstRun:
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(self._clone)], check=True, timeout=_LIMIT_S)
        began = time.perf_counter()
        process = subprocess.Popen(
            ["make", "run", f"ARGS=--data-dir {self._data} --port {free_port()}"],
            cwd=self._clone,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        overdue = threading.Timer(_LIMIT_S, os.killpg, (process.pid, signal.SIGKILL))
        overdue.start()
        try:
            self._read(process, began)
            self.answer = self._ask()
            self.answered = time.perf_counter() - began
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.communicate()
            overdue.cancel()
        return self

    def _read(self, process: subprocess.Popen[str], began: float) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self._lines.append(line)
            if line.startswith("Starting RagLeap"):
                self.installed = time.perf_counter() - began
            if _RUNS in line:
                self.running = time.perf_counter() - began
                return
        raise AssertionError("make run ended before it ran:\n" + "".join(self._lines))

    def _ask(self) -> str:
        command = [".venv/bin/ragleap", "ask", QUESTION, "--tenant", "demo", "--data-dir", str(self._data)]
        return subprocess.run(
            command,
            cwd=self._clone,
            env=self._environment,
            check=True,
            capture_output=True,
            text=True,
            timeout=_LIMIT_S,
        ).stdout
