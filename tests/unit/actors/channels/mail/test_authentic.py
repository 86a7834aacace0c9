"""A sender is verified by the receiving server's word, never by From."""

from __future__ import annotations

from email import message_from_bytes

import pytest
from mails import AUTHSERV, mail

from actors.channels.mail.authentic import authentic

SENDER = "ada@people.example"


def says(*results: str, authserv_id: str = AUTHSERV) -> bool:
    head = "".join(f"Authentication-Results: {each}\r\n" for each in results).encode()
    return authentic(message_from_bytes(head + mail()), SENDER, authserv_id)


@pytest.mark.parametrize(
    "result",
    [
        "dmarc=pass header.from=people.example",
        "dmarc=pass (p=REJECT (strict) dis=NONE) header.from=People.Example",
        "dkim=pass header.d=people.example",
        "dkim=fail header.d=people.example; dkim=pass header.i=@example.people.example; spf=pass"
        " smtp.mailfrom=bounce@people.example",
        'dkim=pass header.d="people.example" header.s=s1',
        "spf=pass smtp.mailfrom=people.example",
    ],
)
def test_an_aligned_pass_of_the_trusted_server_verifies(result: str) -> None:
    assert says(f"{AUTHSERV}; {result}")
    assert says(f"{AUTHSERV} 1; {result}")


@pytest.mark.parametrize(
    "result",
    [
        "none",
        "dmarc=fail header.from=people.example; dkim=pass header.d=people.example",
        "dmarc=pass header.from=other.example",
        "dmarc=pass",
        "dkim=pass header.d=other.example",
        "dkim=pass header.d=example",
        "dkim=pass header.d=mail.people.example",
        "dkim=pass header.d=evilpeople.example",
        "dkim=neutral header.d=people.example",
        "spf=pass smtp.mailfrom=ada@other.example",
        "spf=pass smtp.helo=people.example",
        "(dkim=pass header.d=people.example)",
        'x=y reason="; dkim=pass header.d=people.example',
    ],
)
def test_anything_less_does_not(result: str) -> None:
    assert not says(f"{AUTHSERV}; {result}")


def test_nobody_else_is_believed() -> None:
    passed = "dmarc=pass header.from=people.example"
    assert not says()
    assert not says(f"mx.other.example; {passed}")
    assert not says(f"{AUTHSERV}; {passed}", authserv_id="")
    assert not says(f"{AUTHSERV}; dmarc=fail header.from=people.example", f"{AUTHSERV}; {passed}")
    assert says("mx.other.example; dmarc=fail header.from=people.example", f"{AUTHSERV}; {passed}")
