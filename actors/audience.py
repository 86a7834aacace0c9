"""Who a document is for, and who may read it: customers and visitors what is public, owners and staff everything.

Promise: whoever is not known to be inside is outside, and a document of which nothing is known is for staff.

Held by tests/unit/actors/test_audience.py.
"""

from __future__ import annotations

from enum import StrEnum

from runtime.principal import Principal, Role

_INSIDE = frozenset({Role.OWNER, Role.STAFF})


class Audience(StrEnum):
    """Of a document: who it is for. Of a reader: which side it stands on."""

    PUBLIC = "public"
    STAFF = "staff"

    def reads(self, document: Audience) -> bool:
        """Whether a reader on this side may be given text of a document for ``document``."""
        return self is Audience.STAFF or document is Audience.PUBLIC


def audience_of(principal: Principal) -> Audience:
    """The side that ``principal`` stands on."""
    return Audience.STAFF if principal.role in _INSIDE else Audience.PUBLIC
