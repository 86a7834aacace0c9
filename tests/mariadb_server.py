"""A MariaDB server of the tests' own, as tests/postgres_server.py is for PostgreSQL: a temporary folder, a Unix socket,
ended and removed with the session."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import pymysql
from postgres_server import as_user, die_with_parent, unprivileged

READER, PASSWORD = "reader", "secret"
_START_S = 60.0


def programs() -> Path | None:
    """Where mariadbd is; None: not installed (Debian's ``mariadb-server-core``, ``mariadb-client-core``)."""
    found = shutil.which("mariadbd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/libexec")
    return Path(found) if found and shutil.which("mariadb-install-db") and shutil.which("my_print_defaults") else None


@dataclass
class MariaDbServer:
    """``admin`` may do all, over the socket; ``reader`` is made by :meth:`make`, with SELECT and no more."""

    daemon: Path
    folder: Path = field(init=False)
    _process: subprocess.Popen[bytes] | None = None
    _made: int = 0

    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ragleap-my-", dir="/tmp"))
        if os.getuid() == 0:
            user = pwd.getpwnam(unprivileged())
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        install = ("mariadb-install-db", "--no-defaults", f"--datadir={self.folder}/data", "--skip-test-db")
        told = subprocess.run(
            (*install, "--auth-root-authentication-method=normal", "--force"),
            capture_output=True, text=True, timeout=120, **as_user(),
        )  # fmt: skip
        assert told.returncode == 0, told.stdout + told.stderr
        options = ("--skip-networking", "--innodb-buffer-pool-size=16M", "--innodb-flush-log-at-trx-commit=0")
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.daemon, "--no-defaults", f"--datadir={self.folder}/data", f"--socket={self.socket}", *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=die_with_parent, **as_user(),
            )  # fmt: skip
        self._wait()

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def socket(self) -> Path:
        return self.folder / "s"

    def make(self) -> str:
        """A new database; returns its name."""
        self._made += 1
        name = f"t{self._made}"
        self.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        self.execute(f"CREATE OR REPLACE USER {READER}@localhost IDENTIFIED BY '{PASSWORD}'")
        self.execute(f"GRANT ALL ON {name}.* TO {READER}@localhost")
        return name

    def url(self, database: str, *, password: str = PASSWORD) -> str:
        return f"mariadb://{READER}:{password}@localhost/{database}?unix_socket={self.socket}"

    def execute(self, statement: str, *, database: str = "mysql") -> list[tuple[object, ...]]:
        """One statement as the administrator."""
        connection = pymysql.connect(unix_socket=str(self.socket), user="root", database=database, autocommit=True)
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    def _wait(self) -> None:
        until = time.monotonic() + _START_S
        while True:
            if b"ready for connections" in (self.folder / "server.log").read_bytes():
                return
            assert self._process is not None
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError((self.folder / "server.log").read_text()[-2_000:])
            time.sleep(0.05)
