from __future__ import annotations

from pathlib import Path

import pytest

from actors.ingest.parse import parse
from actors.ingest.parsed import Parsed
from runtime.errors import Terminal


def mail(*lines: str, encoding: str = "utf-8") -> bytes:
    return "\n".join(lines).encode(encoding)


def parse_mail(data: bytes) -> Parsed:
    return parse(data, "a.eml")


def test_headers_are_decoded() -> None:
    parsed = parse_mail(
        mail(
            "From: =?utf-8?q?M=C3=BCller=2C_Jan?= <Jan@Example.com>",
            "To: shop@example.org, =?iso-8859-1?q?Zo=EB?= <zoe@example.org>",
            "Subject: =?utf-8?b?R3LDvMOfZQ==?= aus",
            "  Bonn",
            "Date: Fri, 09 Oct 2026 23:30:00 -0500",
            "Message-ID: <abc@example.com>",
            "",
            "Hallo",
        )
    )
    assert parsed.mail is not None
    assert (parsed.mail.from_name, parsed.mail.from_address) == ("Müller, Jan", "jan@example.com")
    assert list(parsed.mail.to) == [("", "shop@example.org"), ("Zoë", "zoe@example.org")]
    assert parsed.mail.subject == "Grüße aus Bonn" == parsed.title
    assert parsed.occurred_on == "2026-10-09"  # the sender's own day
    assert parsed.mail.message_id == "abc@example.com"


def test_the_body_is_where_the_mail_says() -> None:
    parsed = parse_mail(mail("From: a@b.co", "Subject: x", "", "First line.", "", "Second."))
    assert parsed.mail is not None
    assert parsed.text[slice(*parsed.mail.body)] == "First line.\n\nSecond."


def test_html_is_read_where_there_is_no_plain_text() -> None:
    parsed = parse_mail(
        mail("Content-Type: text/html", "", "<style>p{}</style><p>Hello&nbsp;<b>you</b></p><p>Bye</p><!-- x -->")
    )
    assert parsed.text.strip() == "Hello you \nBye".replace(" \n", "\n")


def test_attachments_are_named_and_read_apart_from_the_body() -> None:
    parsed = parse_mail(
        mail(
            "Content-Type: multipart/mixed; boundary=X", "Subject: s", "", "--X", "Content-Type: text/plain", "",
            "See attached.", "--X", "Content-Type: text/plain; name=notes.txt",
            "Content-Disposition: attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe.txt", "", "secret", "--X--",
        )
    )  # fmt: skip
    assert parsed.mail is not None
    assert list(parsed.mail.attachments) == ["Grüße.txt"]
    assert parsed.text[slice(*parsed.mail.body)] == "See attached."
    assert parsed.text.endswith("## Attachment: Grüße.txt\n\nsecret\n")


@pytest.mark.parametrize("charset", ["no-such-charset", "utf-8", "us-ascii"])
def test_a_wrong_charset_never_loses_the_mail(charset: str) -> None:
    parsed = parse_mail(
        mail(f"Content-Type: text/plain; charset={charset}", "Subject: s", "", "Grüße", encoding="cp1252")
    )
    assert "Gr" in parsed.text
    assert "\x00" not in parsed.text


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig"])
def test_a_mail_saved_in_another_encoding_keeps_its_record(encoding: str) -> None:
    parsed = parse_mail(mail("From: a@b.co", "Subject: Prices", "", "See below.", encoding=encoding))
    assert parsed.mail is not None
    assert (parsed.mail.from_address, parsed.mail.subject) == ("a@b.co", "Prices")


def test_a_mail_without_message_id_gets_one_of_its_content() -> None:
    one, same, other = (parse_mail(mail("Subject: s", "", body)).mail for body in ("a", "a", "b"))
    assert one is not None
    assert same is not None
    assert other is not None
    assert one.message_id == same.message_id != other.message_id


def test_a_mail_that_says_nothing_is_refused() -> None:
    with pytest.raises(Terminal):
        parse_mail(mail("From: a@b.co", "", ""))


def test_every_mail_of_the_corpus_parses_or_is_refused(third_party: Path) -> None:
    files = [p for p in (third_party / "email_corpus").rglob("*") if p.is_file()]
    assert len(files) > 50
    for file in files:
        try:
            parsed = parse_mail(file.read_bytes())
        except Terminal:
            continue
        parsed.text.encode()  # no lone surrogates
        assert parsed.mail is not None
        assert parsed.mail.body[1] <= len(parsed.text)
