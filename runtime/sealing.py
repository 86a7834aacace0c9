"""Secrets of tenants (tokens of channels, passwords of databases) as they lie in the store: sealed.

Promises: what is sealed is readable only with a key of this installation, and only as the secret of the tenant and the
purpose that it was sealed for: a row copied to another tenant opens nowhere. Everything older opens while its key is
among the keys; the first one seals. Neither keys nor secrets are in a representation or an error's text.

Fernet (https://github.com/fernet/spec: AES-128-CBC with HMAC-SHA256) by ``cryptography``, several keys at once by its
MultiFernet. The keys come from the environment, or from a file that is made on first use.

Held by tests/unit/runtime/test_sealing.py.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from runtime.errors import Invalid, Terminal

_SHAPE = 1  # of what is inside a seal


class Sealer:
    """Seals with the first of ``keys`` and opens with any."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise Invalid("There is no key to seal secrets with.", do="Set RAGLEAP_SEALING_KEYS.")
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise Invalid(
                "A key to seal secrets with is none.", do="Each is 32 bytes in URL-safe base64, as new_key makes it."
            ) from error

    def seal(self, secret: str, *, tenant: str, purpose: str) -> str:
        """``secret`` for the store. ``purpose`` says what it opens, for instance "channel/ch_1"."""
        told = json.dumps([_SHAPE, tenant, purpose, secret])
        return self._fernet.encrypt(told.encode()).decode()

    def open(self, sealed: str, *, tenant: str, purpose: str) -> str:
        """The secret. Raises Terminal where no key opens it, or where it is another tenant's or for another purpose."""
        try:
            shape, of, for_, secret = json.loads(self._fernet.decrypt(sealed.encode()))
        except (InvalidToken, ValueError) as error:
            raise Terminal(
                f"The stored secret {purpose!r} cannot be opened.",
                do="Give back the key that it was sealed with, or enter the secret again.",
                tenant=tenant,
            ) from error
        if (shape, of, for_) != (_SHAPE, tenant, purpose):
            raise Terminal(f"The stored secret is not {purpose!r} of this tenant.", do="Enter it again.", tenant=tenant)
        return str(secret)

    def resealed(self, sealed: str, *, tenant: str, purpose: str) -> str:
        """The same secret under the newest key. Raises as :meth:`open`."""
        return self.seal(self.open(sealed, tenant=tenant, purpose=purpose), tenant=tenant, purpose=purpose)


def new_key() -> str:
    return Fernet.generate_key().decode()


def keys_in(text: str) -> list[str]:
    """Keys with commas, spaces or lines between them, the newest first."""
    return text.replace(",", " ").split()


def keys_of_file(file: Path) -> list[str]:
    """The keys in ``file``; it is made with a new one, for its owner alone, where it is not there. Raises Invalid for a
    file that others may read."""
    if not file.exists():
        _place(file, [new_key()], replace=False)
    if stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise Invalid(f"Others may read the keys in {file}.", do=f"Run `chmod 600 {file}`.")
    return keys_in(file.read_text())


def add_key(file: Path) -> list[str]:
    """Put a new key in front of those in ``file``: from now on it seals, and the older ones still open."""
    keys = [new_key(), *keys_of_file(file)]
    _place(file, keys, replace=True)
    return keys


def _place(file: Path, keys: Sequence[str], *, replace: bool) -> None:
    """Write whole or not at all. Without ``replace``, of several processes that do it at once the first one's stays."""
    draft = file.with_name(f"{file.name}.{secrets.token_hex(8)}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write("\n".join(keys) + "\n")
        out.flush()
        os.fsync(out.fileno())
    if replace:
        draft.replace(file)
        return
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
