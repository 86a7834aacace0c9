"""Databases' URLs encrypted at rest: a password is never stored, shown or logged as it is.

Fernet (cryptography's: AES-128-CBC with HMAC-SHA256; github.com/fernet/spec) under a key of this installation; several
keys may be given, the first seals and all open, so that a key can be changed without losing what was sealed. The
tenant is sealed in, so that one tenant's sealed URL opens as nobody else's.

Held by tests/unit/actors/database/test_sealed.py.
"""

from __future__ import annotations

import base64
import hashlib
import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from runtime.errors import Invalid, Terminal

_LEAST = 16


class Seal:
    """``secrets``: texts of 16 characters at least, the newest first, with commas between them."""

    def __init__(self, secrets: str) -> None:
        told = [secret.strip() for secret in secrets.split(",") if secret.strip()]
        if not told or any(len(secret) < _LEAST for secret in told):
            raise Invalid(
                "The secret that seals databases' URLs is missing or short.", do="Give 16 characters or more."
            )
        self._box = MultiFernet([Fernet(_key(secret)) for secret in told])

    def close(self, tenant: str, url: str) -> str:
        return self._box.encrypt(json.dumps([tenant, url]).encode()).decode()

    def open(self, tenant: str, sealed: str) -> str:
        """Raises Terminal where it was sealed for another tenant, with another key, or was changed."""
        try:
            owner, url = json.loads(self._box.decrypt(sealed.encode()))
        except (InvalidToken, ValueError) as error:
            what = "The database's URL can't be opened: the secret that sealed it is another one."
            raise Terminal(what, do="Give the old secret too, or add the database again.") from error
        if owner != tenant:
            raise Terminal("The database's URL was sealed for another tenant.", do="Add the database again.")
        return str(url)


def _key(secret: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(b"ragleap/databases/1\0" + secret.encode()).digest())
