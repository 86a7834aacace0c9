"""Where a message goes: ``ActorId(tenant, kind, key)``, and what a tenant's id may look like.

Held by tests/unit/runtime/test_address.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from runtime.errors import Invalid

_TENANT = re.compile(r"[a-z][a-z0-9_]{0,39}")
_KIND = re.compile(r"[a-z][a-z_]{0,31}")
_MAX_KEY = 256


@dataclass(frozen=True, slots=True)
class ActorId:
    """The address of one virtual actor. It always exists: a message to it wakes it.

    ``tenant`` owns it, ``kind`` names the class registered with the cell ("session"), ``key`` tells its siblings apart.
    """

    tenant: str
    kind: str
    key: str = "main"

    def __post_init__(self) -> None:
        check_tenant(self.tenant)
        if not _is_kind(self.kind):
            raise Invalid(f"{self.kind!r} is not an actor kind.", do="Use lower-case letters and underscores.")
        if not 0 < len(self.key) <= _MAX_KEY or not self.key.isprintable():
            raise Invalid("An actor's key must be 1 to 256 printable characters.")

    def __str__(self) -> str:
        return f"{self.tenant}/{self.kind}/{self.key}"


def check_tenant(tenant: str) -> str:
    """Return ``tenant`` if it is a well-formed id (safe in paths, collection names and SQL), else raise Invalid."""
    if not _is_tenant(tenant):
        raise Invalid(
            f"{tenant[:60]!r} is not a tenant id.",
            do="Use 1 to 40 of a-z, 0-9 and underscore, starting with a letter.",
        )
    return tenant


# Every message has an address; those of a few tenants and kinds come again and again.
@lru_cache(maxsize=4_096)
def _is_tenant(text: str) -> bool:
    return _TENANT.fullmatch(text) is not None


@lru_cache(maxsize=256)
def _is_kind(text: str) -> bool:
    return _KIND.fullmatch(text) is not None
