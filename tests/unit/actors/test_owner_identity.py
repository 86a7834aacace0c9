"""Owners over channels: known by what was verified, in private, and by nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from actors.inbound import Content, InboundMessage, Sender
from actors.owner_identity import known_as, role_of
from runtime.errors import Invalid
from runtime.principal import Role


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("whatsapp", "+49 170 000-0001", "491700000001"),
        ("whatsapp", "491700000001", "491700000001"),
        ("whatsapp", "(+49) 170/0000001", "491700000001"),
        ("whatsapp", "DE.13491208655302741918", "DE.13491208655302741918"),
        ("telegram", " 5001 ", "5001"),
        ("email", "Ada@Shop.Example", "ada@shop.example"),
    ],
)
def test_an_identity_is_kept_as_the_provider_says_it(kind: str, given: str, kept: str) -> None:
    assert known_as(kind, given) == kept


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("whatsapp", "0170 0000001"),
        ("whatsapp", "12"),
        ("whatsapp", "49170000000\N{ARABIC-INDIC DIGIT ONE}"),
        ("telegram", "@ada"),
        ("telegram", "-1001"),
        ("email", "ada"),
        ("email", "Ada <ada@shop.example>"),
        ("email", "ada@shop.example, eve@else.example"),
        ("pigeon", "ada"),
    ],
)
def test_what_can_be_nobodys_identity_is_refused_with_what_to_give(kind: str, given: str) -> None:
    with pytest.raises(Invalid):
        known_as(kind, given)


def said(sender: Sender, **about: Any) -> InboundMessage:
    fields: dict[str, Any] = {
        "content": Content.TEXT,
        "text": "Hi",
        "channel": "whatsapp",
        "conversation": sender.id,
        "reply_to": {},
        "provider_id": "1",
        "dedupe_key": "1",
        "sent_at": 1.0,
        "private": True,
    }
    return InboundMessage(sender=sender, **{**fields, **about})


KNOWN = {"491700000001": Role.OWNER, "DE.2": Role.STAFF, "ada@shop.example": Role.OWNER}


@pytest.mark.parametrize(
    ("sender", "role"),
    [
        (Sender(id="491700000001"), Role.OWNER),
        (Sender(id="DE.9", phone="491700000001"), Role.OWNER),
        (Sender(id="DE.2"), Role.STAFF),
        (Sender(id="Ada@Shop.Example"), Role.OWNER),
        (Sender(id="491700000002", name="491700000001"), Role.CUSTOMER),
        (Sender(id="de.2"), Role.CUSTOMER),
        (Sender(id="DE.9"), Role.CUSTOMER),
    ],
)
def test_a_message_speaks_as_what_its_sender_is_registered_as(sender: Sender, role: Role) -> None:
    assert role_of(said(sender), KNOWN) is role


def test_an_owner_is_answered_as_a_customer_where_others_read_along() -> None:
    assert role_of(said(Sender(id="491700000001"), private=False), KNOWN) is Role.CUSTOMER


def test_nobody_is_an_owner_where_nobody_is_registered() -> None:
    assert role_of(said(Sender(id="", phone="")), {}) is Role.CUSTOMER
