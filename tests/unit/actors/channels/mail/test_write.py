"""An answer as a mail."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest

from actors.channels.mail.write import written
from actors.channels.reply import Reply
from runtime.errors import Terminal

TO = {"address": "ada@people.example", "subject": "Shipping", "message_id": "one@x", "thread": "0123456789abcdef0123"}


def sent(text: str = "We **do**.", **to: str) -> str:
    made = written(
        Reply(channel_id="ch", to={**TO, **to}, text=text), outbox_id="out_1", own="shop@shop.example", now=0
    )
    return made.as_bytes().decode("ascii")


def test_every_try_has_the_same_id() -> None:
    ids = {message_from_bytes(sent(text).encode())["Message-ID"] for text in ("one", "two")}

    assert ids == {"<ragleap.out_1.0123456789abcdef0123@shop.example>"}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("Shipping", "Re: Shipping"),
        ("Re: Shipping", "Re: Shipping"),
        ("AW: x", "AW: x"),
        ("", "Re:"),
        ("Größe", "Re: Größe"),
    ],
)
def test_the_subject_says_once_that_it_is_an_answer(asked: str, said: str) -> None:
    assert message_from_bytes(sent(subject=asked).encode(), policy=policy.default)["Subject"] == said


def test_no_header_can_be_smuggled_in() -> None:
    text = sent(subject="x\r\nBcc: all@people.example", message_id="a>\r\nBcc: b@x", references="c>\nBcc:d@x")
    message = message_from_bytes(text.encode())

    assert message["Bcc"] is None
    assert message["In-Reply-To"] is None


@pytest.mark.parametrize("address", ["", "ada@x.example\r\nRCPT TO:<b@x>", "a@x.example, b@x.example"])
def test_what_is_bound_to_no_single_address_is_never_sent(address: str) -> None:
    with pytest.raises(Terminal):
        sent(address=address)


def test_long_lines_and_other_scripts_pass_every_server() -> None:
    text = sent("Größe 寸法 \u202e" * 2_000)

    assert max(map(len, text.splitlines())) <= 998
