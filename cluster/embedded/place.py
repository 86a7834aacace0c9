"""Where an embedded process lives in the data directory: its folder, its port and its secret, the same every start."""

from __future__ import annotations

import os
import secrets
from collections.abc import Container
from pathlib import Path

from cluster.ports import is_free
from runtime.errors import Unavailable

# Below Linux's ephemeral ports (32768+) and above the blocks of the stacks (cluster.ports): a store that takes one of
# Serve's ports is called by HAProxy as if it were the gateway.
_FIRST_PORT, _LAST_PORT = 29_000, 32_700


class Place:
    """``<data_dir>/<name>/`` for the process's own files and ``<data_dir>/run/`` for what we remember of it."""

    def __init__(self, data_dir: Path, name: str) -> None:
        root = data_dir.absolute()
        self.name = name
        self.folder = root / name
        self.logs = root / "logs"
        self._run = root / "run"
        for folder in (self.folder, self.logs, self._run):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def port(self, purpose: str = "") -> int:
        """The remembered loopback port where it is free, else a new free one, which is then remembered. No two places
        of one data directory have the same."""
        file = self._run / f"{self.name}{purpose and '-'}{purpose}.port"
        others = {_remembered(other) for other in self._run.glob("*.port") if other != file}
        port = _remembered(file)
        if port is None or port in others or not is_free(port):
            port = _free_port(others)
            _write_private(file, str(port))
        return port

    def secret(self) -> str:
        """A password made at the first start and kept readable by its owner alone."""
        return self.secret_file().read_text().strip()

    def secret_file(self) -> Path:
        """Where :meth:`secret` is kept, for programs that read it from there."""
        file = self._run / f"{self.name}.secret"
        if not file.exists():
            _write_private(file, secrets.token_urlsafe(24))
        return file


def _remembered(file: Path) -> int | None:
    try:
        port = int(file.read_text())
    except (OSError, ValueError):
        return None
    return port if _FIRST_PORT <= port < _LAST_PORT else None


def _free_port(others: Container[int | None]) -> int:
    for _ in range(200):
        port = _FIRST_PORT + secrets.randbelow(_LAST_PORT - _FIRST_PORT)
        if port not in others and is_free(port):
            return port
    raise Unavailable("No free port was found on loopback.", do=f"Free one of {_FIRST_PORT} to {_LAST_PORT}.")


def _write_private(file: Path, text: str) -> None:
    """Written whole or not at all, mode 0600 from its first byte."""
    draft = file.with_name(f"{file.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
