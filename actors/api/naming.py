"""Names at the door: which ids callers may choose, ids derived from an Idempotency-Key, sessions as conversations.

Everything here is pure. A repeat of a call with the same Idempotency-Key gives the same ids, so that the cell can
say that it has the thing already.
"""

from __future__ import annotations

import hashlib
import re
import secrets

from runtime.errors import Invalid
from runtime.ids import new_id
from runtime.principal import Principal, Role

MAX_NAME = 128
_NAME = re.compile(r"[A-Za-z0-9_@+][A-Za-z0-9._:@+=~-]{0,127}")
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_DERIVED_CHARS = 26
_MAX_IDEMPOTENCY_KEY = 255


def check_name(value: str, field: str) -> str:
    """An id that a caller chose, safe as a path segment and a key; raises Invalid naming ``field``."""
    if not _NAME.fullmatch(value):
        raise Invalid(
            f"{field} {value[:60]!r} cannot be used.",
            do=f"Use 1 to {MAX_NAME} of a-z, A-Z, 0-9 and . _ : @ + = ~ -, starting with a letter or a digit.",
        )
    return value


def session_named(user: str) -> str:
    """The session of whoever a caller calls ``user``, in whatever characters: the name itself where it can be one."""
    if _NAME.fullmatch(user):
        return user
    return f"sha256:{hashlib.sha256(user.encode('utf-8', 'surrogatepass')).hexdigest()}"


def check_idempotency_key(value: str | None) -> str:
    """The header's value, or "" where there is none; raises Invalid for one that cannot be a key."""
    if value is None:
        return ""
    if not 0 < len(value) <= _MAX_IDEMPOTENCY_KEY or not value.isprintable():
        raise Invalid(f"Idempotency-Key must be 1 to {_MAX_IDEMPOTENCY_KEY} printable characters.")
    return value


def chosen_id(prefix: str, principal: Principal, idempotency_key: str) -> str:
    """A fresh id, or the one that belongs to this principal's ``idempotency_key``.

    An API key speaks for the whole tenant; a visitor or a customer only for itself, so that nobody can guess another's
    id, and no repeat is answered with what somebody else may see.
    """
    if not idempotency_key:
        return new_id(prefix)
    scope = {Role.ANONYMOUS: principal.identity, Role.CUSTOMER: f"customer/{principal.identity}"}.get(
        principal.role, ""
    )
    digest = hashlib.sha256("\0".join((prefix, principal.tenant, scope, idempotency_key)).encode()).digest()
    number = int.from_bytes(digest, "big")
    return f"{prefix}_" + "".join(_ALPHABET[(number >> (5 * at)) & 31] for at in range(_DERIVED_CHARS))


def chosen_session(principal: Principal, idempotency_key: str) -> str:
    """A session that nobody has had before, or the one that a call with this key began."""
    return chosen_id("ses", principal, idempotency_key) if idempotency_key else secrets.token_hex(16)


def conversation_of(channel: str, session_id: str) -> str:
    """The conversation that a session of ``channel`` is; ``session_of`` is the inverse."""
    return f"{channel}-{session_id}"


def session_of(conversation_id: str) -> str:
    return conversation_id.partition("-")[2]
