"""A mail as a message of a person."""

from __future__ import annotations

import random

import pytest
from mails import AUTHSERV, mail, vouched

from actors.channels.mail.parse import Fetched, Mail, parse
from actors.inbound import Content, InboundMessage

OWN = "shop@shop.example"


def read(data: bytes, **more: object) -> Mail:
    fetched = {"uid": 1, "came_at": 5.0, "size": len(data), "data": data, **more}
    return parse(Fetched(**fetched), own=OWN, authserv_id=AUTHSERV)  # type: ignore[arg-type]


def message(data: bytes, **more: object) -> InboundMessage:
    found = read(data, **more).message
    assert found is not None
    return found


def test_a_persons_mail_is_a_message_with_its_thread_and_its_address() -> None:
    found = message(vouched(Subject="=?utf-8?q?Gr=C3=BC=C3=9Fe?=", References="<a@x> <b@x>", In_Reply_To="<b@x>"))

    assert (found.content, found.text) == (Content.TEXT, "Do you ship abroad?")
    assert (found.sender.id, found.sender.name) == ("ada@people.example", "Ada")
    assert found.sent_at == 5.0
    assert found.reply_to["address"] == "ada@people.example"
    assert found.reply_to["subject"] == "Grüße"
    assert found.reply_to["references"] == "a@x b@x one@people.example"


def test_nobody_gets_into_anothers_conversation_by_writing_his_name() -> None:
    known, forged = message(vouched()), message(mail())

    assert known.sender.id != forged.sender.id
    assert known.conversation != forged.conversation
    assert known.dedupe_key != forged.dedupe_key


def test_reply_to_is_followed_for_a_verified_sender_alone() -> None:
    elsewhere = {"Reply_To": "office@people.example"}

    assert message(vouched(**elsewhere)).reply_to["address"] == "office@people.example"
    assert message(mail(**elsewhere)).reply_to["address"] == "ada@people.example"
    assert message(vouched(Reply_To=OWN)).reply_to["address"] == "ada@people.example"


@pytest.mark.parametrize("sender", ["", "nobody", "a@x.example, b@x.example", "a b@x.example"])
def test_a_mail_of_nobody_in_particular_is_refused(sender: str) -> None:
    assert read(mail(sender=sender)).ignored == "malformed"


def test_two_senders_are_none() -> None:
    assert read(b"From: boss@shop.example\r\n" + mail()).ignored == "malformed"


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "windows-1252", "no-such-charset"])
def test_words_are_read_in_whatever_charset(charset: str) -> None:
    real = charset if charset != "no-such-charset" else "utf-8"
    head, _, _ = mail(Content_Type=f"text/plain; charset={charset}").partition(b"\r\n\r\n")

    assert message(head + b"\r\n\r\n" + "Größe für Zoë?".encode(real)).text == "Größe für Zoë?"


def test_attachments_are_listed_and_a_mail_that_is_its_subject_is_heard() -> None:
    parts = (
        "--x\nContent-Type: text/plain\n\n\n"
        '--x\nContent-Type: application/pdf; name="a.pdf"\nContent-Transfer-Encoding: base64\n\naGk=\n--x--'
    )
    found = message(mail(parts, Content_Type="multipart/mixed; boundary=x"))
    assert [(each.kind, each.filename, each.size) for each in found.attachments] == [("document", "a.pdf", 2)]
    assert found.content is Content.MEDIA

    assert message(mail("", Subject="Open on Sunday?")).text == "Open on Sunday?"
    assert read(mail("", Subject="")).ignored == "empty"


def test_a_mail_that_is_too_large_is_one_that_cannot_be_read() -> None:
    found = message(mail(""), whole=False, size=99_000_000)

    assert (found.content, found.text) == (Content.UNREADABLE, "")
    assert found.metadata["oversized"] == "99000000"


def test_any_bytes_are_read_or_refused() -> None:
    dice = random.Random(7)
    whole = vouched()
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(dice.randrange(1, 12)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        found = read(bytes(data[: dice.randrange(len(data))]))
        assert (found.message is None) == bool(found.ignored)
