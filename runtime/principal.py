"""Who speaks: the authenticated principal, set once at the door and carried by every message.

Held by tests/unit/runtime/test_principal.py, tests/unit/runtime/test_stored.py and tests/unit/runtime/test_message.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from runtime.errors import Forbidden


class Role(StrEnum):
    OWNER = "owner"
    STAFF = "staff"
    CUSTOMER = "customer"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """An authenticated speaker within exactly one tenant.

    ``identity`` is what was verified (an API key's id, a phone number, a session id) and ``verified_by`` how
    ("api-key", "whatsapp-signature", "session-token", ...). The tenant comes from here and from nowhere else.
    """

    tenant: str
    role: Role
    identity: str
    verified_by: str

    def require(self, *roles: Role) -> None:
        """Raise Forbidden unless this principal has one of ``roles``."""
        if self.role not in roles:
            raise Forbidden(
                f"This call needs the role {' or '.join(roles)}; these credentials have {self.role}.",
                do="Use the tenant's API key.",
                tenant=self.tenant,
            )
