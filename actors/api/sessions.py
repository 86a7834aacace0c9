"""Session tokens: what an anonymous visitor of a chat page carries instead of an API key.

A token is ``wst_<payload>.<mac>``: the payload names tenant, embed key, session and expiry, the mac is HMAC-SHA256
under the server's secret. Nothing is stored for one; whoever holds it is exactly that session and nothing more.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass

PREFIX = "wst_"
LIFETIME_S = 30 * 24 * 3600
_MIN_SECRET_BYTES = 16
_MAX_TOKEN = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A visitor of one tenant's chat page. ``expires`` is wall time in seconds since the epoch."""

    tenant: str
    embed_key: str
    session_id: str
    expires: int

    @classmethod
    def new(cls, *, tenant: str, embed_key: str, now: float) -> Session:
        """A session nobody has had before; its id has 128 random bits."""
        return cls(tenant=tenant, embed_key=embed_key, session_id=secrets.token_hex(16), expires=int(now) + LIFETIME_S)


class SessionTokens:
    """Signs and verifies under one secret. Pure: the time is given, nothing is looked up."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < _MIN_SECRET_BYTES:
            raise ValueError(f"a session secret needs at least {_MIN_SECRET_BYTES} bytes")
        self._secret = secret

    def sign(self, session: Session) -> str:
        payload = json.dumps(
            [session.tenant, session.embed_key, session.session_id, session.expires], separators=(",", ":")
        ).encode()
        return f"{PREFIX}{_encode(payload)}.{_encode(self._mac(payload))}"

    def verify(self, token: str, *, now: float) -> Session | None:
        """The session, or None for a token that is forged, malformed or expired."""
        if not token.startswith(PREFIX) or len(token) > _MAX_TOKEN:
            return None
        encoded, _, mac = token.removeprefix(PREFIX).partition(".")
        try:
            payload = _decode(encoded)
            if not hmac.compare_digest(_decode(mac), self._mac(payload)):
                return None
            tenant, embed_key, session_id, expires = json.loads(payload)
        except (ValueError, TypeError, binascii.Error):
            return None
        if now >= expires:
            return None
        return Session(tenant=tenant, embed_key=embed_key, session_id=session_id, expires=expires)

    def _mac(self, payload: bytes) -> bytes:
        return hmac.new(self._secret, b"ragleap/session/1\0" + payload, hashlib.sha256).digest()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
