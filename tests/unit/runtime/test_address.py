"""Addresses: what may be one, and that a tenant's id is safe wherever it is put."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.address import ActorId, check_tenant
from runtime.errors import Invalid


@pytest.mark.parametrize("tenant", ["", "A", "1a", "_a", "a-b", "a b", "a/b", "a" * 41, "a\n", "é", "../x", "a'--"])
def test_a_tenant_id_that_is_not_safe_everywhere_is_refused(tenant: str) -> None:
    with pytest.raises(Invalid):
        check_tenant(tenant)


@given(st.text(max_size=50))
def test_what_passes_is_lower_case_letters_digits_and_underscores(tenant: str) -> None:
    try:
        check_tenant(tenant)
    except Invalid:
        return
    assert re.fullmatch("[a-z][a-z0-9_]{0,39}", tenant)


@pytest.mark.parametrize(("kind", "key"), [("", "x"), ("Kind", "x"), ("k", ""), ("k", "x" * 257), ("k", "a\0b")])
def test_a_malformed_kind_or_key_is_refused(kind: str, key: str) -> None:
    with pytest.raises(Invalid):
        ActorId("acme", kind, key)


def test_addresses_are_values() -> None:
    assert ActorId("acme", "session", "c1") == ActorId("acme", "session", "c1")
    assert str(ActorId("acme", "session", "c1")) == "acme/session/c1"
