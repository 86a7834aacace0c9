"""Ids that callers choose or that follow from their Idempotency-Key."""

from __future__ import annotations

import pytest

from actors.api.naming import check_idempotency_key, check_name, chosen_id, conversation_of, session_named, session_of
from runtime.errors import Invalid
from runtime.principal import Principal, Role


def speaker(tenant: str = "shop", role: Role = Role.OWNER, identity: str = "key_1") -> Principal:
    return Principal(tenant=tenant, role=role, identity=identity, verified_by="test")


def test_the_same_key_gives_the_same_id() -> None:
    assert chosen_id("msg", speaker(), "k") == chosen_id("msg", speaker(), "k")
    assert chosen_id("msg", speaker(identity="key_2"), "k") == chosen_id("msg", speaker(), "k")


def test_ids_differ_by_key_kind_tenant_and_visitor() -> None:
    visitors = [speaker(role=Role.ANONYMOUS, identity=name) for name in ("a", "b")]
    ids = {
        chosen_id("msg", speaker(), "k"),
        chosen_id("msg", speaker(), "l"),
        chosen_id("doc", speaker(), "k"),
        chosen_id("msg", speaker(tenant="cafe"), "k"),
        *(chosen_id("msg", visitor, "k") for visitor in visitors),
    }
    assert len({name.partition("_")[2] for name in ids}) == 6


def test_without_a_key_every_id_is_new() -> None:
    assert chosen_id("msg", speaker(), "") != chosen_id("msg", speaker(), "")


@pytest.mark.parametrize("name", ["a", "order-7", "ann@example.com", "A.b_c:d+e", "x" * 128])
def test_names_that_can_be_used(name: str) -> None:
    assert check_name(name, "session_id") == name


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "a b", "a\n", "-x", "x" * 129, "ä", "a%2fb", "a\0"])
def test_names_that_could_be_a_path_or_break_one_are_refused(name: str) -> None:
    with pytest.raises(Invalid, match="session_id"):
        check_name(name, "session_id")


def test_an_idempotency_key_has_a_bound() -> None:
    assert check_idempotency_key(None) == ""
    for bad in ("", "x" * 256, "a\tb"):
        with pytest.raises(Invalid):
            check_idempotency_key(bad)


def test_a_session_is_found_again_in_its_conversation() -> None:
    assert session_of(conversation_of("web", "a-b-c")) == "a-b-c"


def test_any_user_has_a_session_of_its_own() -> None:
    users = ["ann", "Ann Lee", "ann@example.org", "Änne", "a b", "a  b", "\ud800", "\0", "x" * 500, "../x", "-"]
    sessions = [session_named(user) for user in users]
    assert len(set(sessions)) == len(users)
    assert [check_name(session, "session_id") for session in sessions] == sessions
    assert sessions[0] == "ann"
