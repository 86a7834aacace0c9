"""A PostgreSQL server of the tests' own: made by initdb in a temporary folder, reached by a Unix socket only, ended and
removed with the session. Where the tests are killed it dies with them, and the next session removes its folder.

Debian's package has the programs (requirements/debian.sh installs it where it may). PostgreSQL refuses to run as root,
so there it runs as the package's user ``postgres``, or as ``nobody``.
"""

from __future__ import annotations

import ctypes
import fcntl
import functools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from runtime.store.tables import metadata

ROLE, PASSWORD = "ragleap", "secret"
_START_S = 60.0
_PREFIX = "ragleap-pg-"
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)  # loaded here: between fork and exec nothing may be looked up


@dataclass
class PostgresServer:
    """One cluster with the role ``ragleap``, which is neither a superuser nor above row-level security.

    ``durable``: with fsync, for tests in which something is killed.
    """

    programs: Path
    durable: bool = False
    folder: Path = field(init=False)
    _lock: int | None = None
    _process: subprocess.Popen[bytes] | None = None
    _made: int = 0
    _free: dict[str, list[str]] = field(default_factory=dict)

    def start(self) -> None:
        _sweep()
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir="/tmp"))
        self._lock = _locked(self.folder / "owner")
        if os.getuid() == 0:
            user = pwd.getpwnam(unprivileged())
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        made = ("initdb", "-D", self.folder / "data", "-U", "admin", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        self._run((*made, "--no-sync"))
        self.resume()
        self.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}' NOSUPERUSER NOBYPASSRLS CREATEDB")

    def resume(self) -> None:
        """Start the server on the data that is there; returns when it answers."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "fsync": "on" if self.durable else "off",
            "shared_buffers": "32MB",
            "max_connections": "60",
            "autovacuum": "off",
            "max_worker_processes": "0",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.folder / "data", *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=die_with_parent, **as_user(),
            )  # fmt: skip
        self._wait()

    def pause(self) -> None:
        """Shut down; the data stays for ``resume``."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)  # "fast": clients are cut off
            self._process.wait(timeout=30)
            self._process = None

    def stop(self) -> None:
        """End every process of it and remove its folder."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)  # at once: nothing in it is needed any more
            self._process.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)

    def url(self, database: str, *, role: str = ROLE) -> str:
        return f"postgresql+psycopg://{role}@/{database}?host={self.folder}"

    def make(self, template: str = "template0") -> str:
        """A new database, as a copy of ``template``; returns its name."""
        self._made += 1
        name = f"t{self._made}"
        self.execute(f"CREATE DATABASE {name} OWNER {ROLE} TEMPLATE {template}")
        return name

    def borrow(self, template: str) -> str:
        """A database as ``template`` is: one that was given back, or a new copy."""
        free = self._free.get(template)
        return free.pop() if free else self.make(template)

    def give_back(self, database: str, template: str) -> None:
        """Cut its connections off and empty its tables, which takes a tenth of what a new copy would."""
        self.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")
        if template == "template0":
            self.execute(f"DROP DATABASE {database} WITH (FORCE)")
            return
        tables = ", ".join(f'"{table}"' for table in metadata.tables)
        self.execute(f"TRUNCATE {tables} RESTART IDENTITY", database=database)
        self._free.setdefault(template, []).append(database)

    def execute(self, statement: str, *, database: str = "postgres") -> list[tuple[object, ...]]:
        """One statement as the superuser."""
        with psycopg.connect(host=str(self.folder), user="admin", dbname=database, autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return list(cursor.fetchall()) if cursor.description else []

    def backends(self, database: str) -> list[int]:
        """The server's processes that serve the product's connections to ``database``."""
        rows = self.execute(
            f"SELECT pid FROM pg_stat_activity WHERE datname = '{database}' AND application_name = 'ragleap'"
        )
        return [int(str(row[0])) for row in rows]

    def _wait(self) -> None:
        until = time.monotonic() + _START_S
        while True:
            try:
                self.execute("SELECT 1")
                return
            except psycopg.OperationalError:
                ended = self._process is None or self._process.poll() is not None
                if ended or time.monotonic() > until:
                    raise RuntimeError((self.folder / "server.log").read_text()) from None
                time.sleep(0.05)

    def _run(self, command: Sequence[str | Path]) -> None:
        done = subprocess.run(
            [self.programs / command[0], *command[1:]], capture_output=True, text=True, timeout=120, **as_user()
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]}: {done.stderr}")


@functools.cache
def programs() -> Path | None:
    """The folder of initdb and postgres, the newest version's; None where there is none."""
    found = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    found.sort(key=lambda folder: int(folder.parent.name) if folder.parent.name.isdigit() else 0)
    on_path = shutil.which("initdb")
    if on_path is not None:
        found.insert(0, Path(on_path).resolve().parent)
    return found[-1] if found else None


def _sweep() -> None:
    """Remove the folders of those that were killed: nobody holds their locks any more."""
    for folder in Path("/tmp").glob(f"{_PREFIX}*"):
        if (folder / "owner").exists() and (lock := _locked(folder / "owner")) is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def _locked(file: Path) -> int | None:
    """The file's lock, or None where another process has it."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def as_user() -> Mapping[str, object]:
    """Popen's arguments that make a child of root an unprivileged one, far from root's folders."""
    if os.getuid() != 0:
        return {"cwd": "/"}
    user = pwd.getpwnam(unprivileged())
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8"}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": "/", "env": environment}


@functools.cache
def unprivileged() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def die_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT, 0, 0, 0)
