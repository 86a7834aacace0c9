"""Who may do what."""

from __future__ import annotations

import pytest

from runtime.errors import Forbidden
from runtime.principal import Principal, Role


def test_a_role_that_is_required_passes_and_any_other_is_forbidden() -> None:
    staff = Principal(tenant="acme", role=Role.STAFF, identity="k", verified_by="api-key")

    staff.require(Role.OWNER, Role.STAFF)
    with pytest.raises(Forbidden, match="owner") as refused:
        staff.require(Role.OWNER)
    assert refused.value.ids == {"tenant": "acme"}
