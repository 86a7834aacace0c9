"""One connection to a mailbox (IMAP4rev1, RFC 9051 and 3501; IDLE, RFC 2177). Blocks: it is used in a thread.

Promises: the folder is opened for reading alone, and no mail's flags are changed; what is fetched is bounded in number
and bytes, whatever the server says; another thread may :meth:`interrupt` it at any time.

Held by tests/integration/channels/test_mail.py.
"""

from __future__ import annotations

import contextlib
import imaplib
import socket
import ssl
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from imapclient import IMAPClient
from imapclient.exceptions import CapabilityError, LoginError
from imapclient.imapclient import SENT

from actors.addresses import Network
from actors.channels.mail.account import MailAccount
from actors.channels.mail.parse import Fetched
from actors.channels.mail.server import connected, is_this_machine
from runtime.errors import RagleapError, Terminal, Unavailable

MOST_BYTES = 20 * 1024 * 1024  # of one mail; of a larger one its headers are read
BATCH_BYTES = 32 * 1024 * 1024
BATCH = 20  # mails
READ_S = 60.0  # how long the server may be silent within a command
_HEADER_BYTES = 65_536
_SIZE, _CAME, _ALL = b"RFC822.SIZE", b"INTERNALDATE", b"BODY[]"

T = TypeVar("T")


class Session:
    """Use from one thread at a time; :meth:`interrupt` from any."""

    def __init__(self, account: MailAccount, allowed: Sequence[Network]) -> None:
        self._account = account
        self._client = _told(lambda: _Client(account, allowed))
        self.validity = self.next_uid = 0

    def open(self) -> None:
        """Sign in and open the folder. Raises Terminal where the server refuses us, Unavailable for now."""
        account = self._account

        def enter() -> None:
            if not account.imap.tls and (self._client.has_capability("STARTTLS") or not self._client.here):
                self._client.starttls(ssl.create_default_context() if not self._client.here else _unchecked())
            try:
                self._client.login(account.username, account.password)
            except LoginError as error:
                raise Terminal(
                    "The mail server refuses the name or password of the mailbox.",
                    do="Run `ragleap channel add email` again with the right ones.",
                ) from error
            told = self._client.select_folder(account.folder, readonly=True)
            self.validity, self.next_uid = int(told[b"UIDVALIDITY"]), int(told.get(b"UIDNEXT", 0))

        _told(enter)

    def later_than(self, uid: int) -> list[int]:
        """The UIDs of the mails after ``uid``, in order. (The server answers ``*`` with the last one, however old.)"""
        found = _told(lambda: self._client.search(["UID", f"{uid + 1}:*"]))
        return sorted(each for each in found if each > uid)

    def since(self, moment: float) -> list[int]:
        """The UIDs of the mails that came in on the day of ``moment`` or later."""
        return sorted(_told(lambda: self._client.search(["SINCE", datetime.fromtimestamp(moment, UTC).date()])))

    def fetch(self, uids: Sequence[int]) -> list[Fetched]:
        """The first of ``uids``, as many as a batch may hold; one that was deleted meanwhile is left out."""
        about = _told(lambda: self._client.fetch(list(uids[:BATCH]), [_SIZE, _CAME]))
        found: list[Fetched] = []
        left = BATCH_BYTES
        for uid in uids[:BATCH]:
            if uid not in about:
                continue
            size, came = int(about[uid][_SIZE]), about[uid][_CAME].timestamp()
            whole = size <= MOST_BYTES
            left -= min(size, MOST_BYTES)
            if left < 0 and found:
                break
            part = b"BODY.PEEK[]" if whole else f"BODY.PEEK[HEADER]<0.{_HEADER_BYTES}>".encode()
            told = _told(lambda part=part, uid=uid: self._client.fetch([uid], [part])).get(uid, {})  # type: ignore[misc]
            data = next((value for name, value in told.items() if name.startswith(b"BODY[")), b"") or b""
            found.append(Fetched(uid=uid, came_at=came, size=size, data=data, whole=whole))
        return found

    def wait(self, seconds: float) -> bool:
        """Until the server says that something has happened, at most so long. False: it has no IDLE."""

        def idle() -> bool:
            try:
                self._client.idle()
            except CapabilityError:
                return False
            try:
                self._client.idle_check(timeout=seconds)
            finally:
                self._client.socket().settimeout(READ_S)
                self._client.idle_done()
            return True

        return _told(idle)

    def was_sent(self, message_id: str) -> bool:
        """Whether the folder of sent mails has one with this id. Most servers put none there by themselves."""

        def look() -> bool:
            folder = self._client.find_special_folder(SENT)
            if folder is None:
                return False
            self._client.select_folder(folder, readonly=True)
            return bool(self._client.search(["HEADER", "Message-ID", message_id]))

        return _told(look)

    def interrupt(self) -> None:
        """From any thread: what is under way ends with an error."""
        with contextlib.suppress(OSError, AttributeError):
            self._client.socket().shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with contextlib.suppress(imaplib.IMAP4.error, OSError, AttributeError):
            self._client.shutdown()


class _Bounded(imaplib.IMAP4):
    """On a socket that is connected already, and not to be filled by what the server says."""

    def __init__(self, made: socket.socket) -> None:
        self._made = made
        super().__init__()

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        return self._made

    def read(self, size: int) -> bytes:
        if size > MOST_BYTES + _HEADER_BYTES:
            raise self.abort("the server sends more than was asked for")
        return super().read(size)


class _Client(IMAPClient):  # type: ignore[misc]  # it has no types
    def __init__(self, account: MailAccount, allowed: Sequence[Network]) -> None:
        made = connected(account.imap, allowed)
        try:
            made.settimeout(READ_S)
            self.here = is_this_machine(made)
            if account.imap.tls:
                context = ssl.create_default_context() if not self.here else _unchecked()
                made = context.wrap_socket(made, server_hostname=account.imap.host)
            self._given = made
            super().__init__(account.imap.host, port=account.imap.port, ssl=account.imap.tls, timeout=READ_S)
        except BaseException:
            made.close()
            raise
        self.normalise_times = False

    def _create_IMAP4(self) -> imaplib.IMAP4:  # noqa: N802 (the library's name)
        return _Bounded(self._given)


def _unchecked() -> ssl.SSLContext:
    """For this machine's own server, whose certificate nobody has signed."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _told(work: Callable[[], T]) -> T:
    """What ``work`` returns; the library's errors become ours."""
    try:
        return work()
    except RagleapError:
        raise
    except ssl.SSLCertVerificationError as error:
        raise Terminal("The mail server's certificate is not valid.", do="Ask who runs the server.") from error
    except (imaplib.IMAP4.error, OSError, ValueError, KeyError, AttributeError) as error:
        raise Unavailable(f"The mail server failed ({type(error).__name__}).") from _bare(error)


def _bare(error: BaseException) -> BaseException:
    """Without what it was called with, which may be a password."""
    return type(error)() if isinstance(error, imaplib.IMAP4.error) else error
