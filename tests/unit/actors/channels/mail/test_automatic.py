"""No reply goes to a machine."""

from __future__ import annotations

from email import message_from_bytes

import pytest
from mails import mail

from actors.channels.mail.automatic import automatic

OWN = "shop@shop.example"


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({}, ""),
        ({"Auto_Submitted": "no"}, ""),
        ({"X_Auto_Response_Suppress": "DR, RN"}, ""),
        ({"Auto_Submitted": "auto-replied; owner-email=x@y.example"}, "auto_submitted"),
        ({"Auto_Submitted": "AUTO-GENERATED"}, "auto_submitted"),
        ({"Content_Type": "multipart/report; boundary=x"}, "bounce"),
        ({"Return_Path": "<>"}, "bounce"),
        ({"Return_Path": "< >"}, "bounce"),
        ({"Precedence": "Bulk"}, "bulk"),
        ({"List_Unsubscribe": "<https://x.example>"}, "list"),
        ({"X_Auto_Response_Suppress": "DR, OOF"}, "suppressed"),
        ({"X_Autoreply": "yes"}, "suppressed"),
        ({"Message_ID": "<ragleap.out_1.0123456789abcdef0123@shop.example>"}, "own"),
    ],
)
def test_what_a_header_says_of_a_machine_is_believed(headers: dict[str, str], why: str) -> None:
    assert automatic(message_from_bytes(mail(**headers)), "ada@people.example", OWN) == why


@pytest.mark.parametrize(
    ("sender", "why"),
    [
        ("ada@people.example", ""),
        ("noreply.fan@people.example", "machine"),
        ("mailer-daemon@people.example", "machine"),
        ("no-reply@people.example", "machine"),
        ("do_not_reply@people.example", "machine"),
        ("bounces+shop=x@people.example", "machine"),
        ("bouncer@people.example", ""),
        (OWN, "own"),
    ],
)
def test_senders_that_are_machines_by_their_name_are_known(sender: str, why: str) -> None:
    assert automatic(message_from_bytes(mail()), sender, OWN) == why
