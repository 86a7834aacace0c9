"""A Dovecot of the tests' own, as tests/mariadb_server.py is for MariaDB: a temporary folder, a free port of this
machine, ended and removed with the session. Every name has a mailbox, with one password for all."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from imapclient import IMAPClient
from postgres_server import as_user, die_with_parent, unprivileged

PASSWORD = "mailbox-password-of-the-tests"
_START_S = 30.0
_CONFIG = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%u
mailbox_list_index = no
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
}}
"""


def program() -> Path | None:
    """Where dovecot is; None: not installed (Debian's ``dovecot-imapd``)."""
    found = shutil.which("dovecot", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
    return Path(found) if found else None


@dataclass
class DovecotServer:
    daemon: Path
    port: int = 0
    folder: Path = field(init=False)
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ragleap-imap-", dir="/tmp"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        user = pwd.getpwnam(unprivileged()) if os.getuid() == 0 else pwd.getpwuid(os.getuid())
        told = {"folder": self.folder, "port": self.port, "password": PASSWORD, "user": user.pw_name}
        config = self.folder / "dovecot.conf"
        config.write_text(_CONFIG.format(**told, group=grp.getgrgid(user.pw_gid).gr_name))
        (self.folder / "log").touch()
        if os.getuid() == 0:
            for each in (self.folder, config, self.folder / "log"):
                os.chown(each, user.pw_uid, user.pw_gid)
        self.run()

    def run(self) -> None:
        """Also again, after :meth:`down`: the mails are still there."""
        self._process = subprocess.Popen(
            [self.daemon, "-F", "-c", self.folder / "dovecot.conf"],
            stdin=subprocess.DEVNULL, preexec_fn=die_with_parent, **as_user(),
        )  # fmt: skip
        until = time.monotonic() + _START_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if self._process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError((self.folder / "log").read_text()[-2_000:]) from None
                time.sleep(0.05)

    def down(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=30)

    def stop(self) -> None:
        self.down()
        shutil.rmtree(self.folder, ignore_errors=True)

    def open(self, name: str) -> IMAPClient:
        client = IMAPClient("127.0.0.1", port=self.port, ssl=False)
        client.login(name, PASSWORD)
        return client

    def deliver(self, name: str, *mails: bytes, folder: str = "INBOX") -> None:
        with self.open(name) as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            for mail in mails:
                client.append(folder, mail)

    def made_anew(self, name: str, folder: str, *mails: bytes) -> None:
        """The folder is another one now, with these mails: its numbers begin again."""
        with self.open(name) as client:
            client.delete_folder(folder)
        self.deliver(name, *mails, folder=folder)
