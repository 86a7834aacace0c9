"""The data directory: what lies where, that it can be written to, and that one stack at a time owns it.

``DIR/journal.db`` and the stores' own folders are what to keep; ``DIR/run`` (locks, ports, keys of this machine) and
``DIR/logs`` belong to the running stack. Everything is readable by its owner alone.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from runtime.errors import Conflict, Invalid, NotFound

_NEEDED_BYTES = 200 * 1024 * 1024
# What a folder's path may measure: a Unix socket's holds 107 characters (unix(7)), Ray adds some 62 to it. Serve adds
# up to 70 for HAProxy, which takes 97.
_LONGEST_RAY_DIR = 44
_LONGEST_PROXY_DIR = 26


class DataDir:
    """One stack's home. ``prepare`` and ``lock`` before anything is started; paths are absolute."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()
        self.run = self.path / "run"
        self.logs = self.path / "logs"
        self._lock: int | None = None

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.path / 'journal.db'}"

    @property
    def sealing_keys(self) -> Path:
        """What opens the tenants' secrets in the journal: to be kept with it."""
        return self.path / "sealing.keys"

    @property
    def token(self) -> str:
        """Names this directory among the machine's; children carry it in their environment."""
        return hashlib.sha256(str(self.path).encode()).hexdigest()[:16]

    def prepare(self) -> None:
        """Make the folders; raise Invalid in one sentence where they can't be made, written or filled."""
        try:
            for folder in (self.path, self.run, self.logs):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            probe = self.run / ".probe"
            probe.write_bytes(b"\0" * 4096)
            probe.unlink()
        except OSError as error:
            raise _unusable(self.path, error) from error
        free = shutil.disk_usage(self.path).free
        if free < _NEEDED_BYTES:
            raise Invalid(
                f"The disk of {self.path} is full: {free // 2**20} of {_NEEDED_BYTES // 2**20} MB needed are free.",
                do="Free some space, or name another place with --data-dir.",
            )

    def lock(self) -> None:
        """Own the directory until this process ends; raise Conflict while another stack does."""
        descriptor = os.open(self.run / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise Conflict(
                f"RagLeap is already running on {self.path}.", do="Use it, or stop it with `ragleap down`."
            ) from error
        self._lock = descriptor

    @property
    def owned(self) -> bool:
        """Does this process hold the lock?"""
        return self._lock is not None

    def unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def locked(self) -> bool:
        """Does a running stack own the directory?"""
        try:
            descriptor = os.open(self.run / "lock", os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(descriptor)
        return False

    def secret(self, name: str) -> str:
        """A secret made at the first start and kept readable by its owner alone."""
        file = self.run / name
        if not file.exists():
            write_private(file, secrets.token_urlsafe(32))
        return file.read_text().strip()

    def write_stack(self, stack: Mapping[str, object]) -> None:
        """Tell other shells about the running stack (its URL, process and ports)."""
        write_private(self.run / "stack.json", json.dumps(stack, indent=1))

    def read_stack(self) -> dict[str, object]:
        """What the running stack told; raises NotFound where none runs."""
        file = self.run / "stack.json"
        if self.locked():
            with contextlib.suppress(OSError, ValueError):
                told = json.loads(file.read_text())
                if isinstance(told, dict):
                    return told
        raise NotFound(
            f"No RagLeap runs on {self.path}.", do="Start it with `ragleap up`, or name --data-dir or --url."
        )

    def forget_stack(self) -> None:
        (self.run / "stack.json").unlink(missing_ok=True)

    def ray_dir(self) -> Path:
        """Where Ray keeps its session, emptied: inside the directory, or a temporary one where that is too long."""
        return self._emptied("ray", _LONGEST_RAY_DIR)

    def proxy_dir(self) -> Path:
        """Where HAProxy has its sockets, emptied; short enough for them."""
        return self._emptied("p", _LONGEST_PROXY_DIR)

    def _emptied(self, name: str, longest: int) -> Path:
        note = self.run / f"{name}.path"
        if note.exists():  # the temporary one of an earlier run
            shutil.rmtree(note.read_text(), ignore_errors=True)
            note.unlink()
        inside = self.run / name
        shutil.rmtree(inside, ignore_errors=True)
        if len(str(inside)) <= longest:
            inside.mkdir(mode=0o700)
            return inside
        roots = [root for root in (tempfile.gettempdir(), "/tmp") if len(root) + len("/rl-12345678") <= longest]  # noqa: S108
        if not roots:
            raise Invalid("There is no temporary folder with a short path.", do="Set TMPDIR to /tmp.")
        made = tempfile.mkdtemp(prefix="rl-", dir=roots[0])
        write_private(note, made)
        return Path(made)

    def remove_temporary(self) -> None:
        """Remove what :meth:`ray_dir` and :meth:`proxy_dir` put outside the directory."""
        for note in self.run.glob("*.path"):
            shutil.rmtree(note.read_text(), ignore_errors=True)
            note.unlink()


def write_private(file: Path, text: str) -> None:
    """Write whole or not at all, mode 0600 from the first byte."""
    draft = file.with_name(f"{file.name}.{os.getpid()}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(text)
    draft.replace(file)


def _unusable(path: Path, error: OSError) -> Invalid:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Invalid(f"The disk of {path} is full.", do="Free some space, or name another place with --data-dir.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Invalid(f"The data directory {path} cannot be written to.", do="Name a writable place with --data-dir.")
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return Invalid(f"The data directory {path} is in the way of a file.", do="Name a folder with --data-dir.")
    return Invalid(f"The data directory {path} is unusable: {error.strerror}.", do="Name another with --data-dir.")
