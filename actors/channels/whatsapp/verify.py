"""Is it Meta that calls? The challenge at registration, and the signature of every webhook. Pure.

https://developers.facebook.com/docs/graph-api/webhooks/getting-started (verification requests, X-Hub-Signature-256).

Held by tests/unit/actors/channels/test_whatsapp_verify.py.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from actors.channels.wire import as_bytes, same_secret

_PREFIX = "sha256="


def challenge(query: Mapping[str, str], verify_token: str) -> str | None:
    """What to answer to the verification request: its challenge where it knows our token, else None."""
    if query.get("hub.mode") != "subscribe" or not same_secret(query.get("hub.verify_token", ""), verify_token):
        return None
    return query.get("hub.challenge") or None


def signed(body: bytes, signature: str, app_secret: str) -> bool:
    """Whether ``signature`` (the header) is that of the raw ``body`` under the app's secret; in constant time."""
    if not app_secret or not signature.startswith(_PREFIX):
        return False
    expected = hmac.new(as_bytes(app_secret), body, hashlib.sha256).hexdigest()
    return same_secret(signature.removeprefix(_PREFIX).lower(), expected)
