from __future__ import annotations

import pytest
from msg_files import compound, message, msg_of

from actors.ingest import detect
from actors.ingest.parse import parse
from runtime.errors import Terminal

ANN, BO = ("Ann", "ann@example.com"), ("Bo", "bo@example.com")


def test_a_message_keeps_its_record() -> None:
    parsed = parse(msg_of("Grüße", "First line.\r\n\r\nSecond.", sender=ANN, to=[BO, ("", "x@example.com")]), "a.msg")
    assert parsed.media_type == detect.MSG
    assert parsed.mail is not None
    assert (parsed.mail.from_name, parsed.mail.from_address) == ANN
    assert list(parsed.mail.to) == [BO, ("", "x@example.com")]
    assert parsed.mail.subject == parsed.title == "Grüße"
    assert parsed.occurred_on == parsed.mail.sent_on == "2025-10-03"
    assert parsed.text[slice(*parsed.mail.body)] == "First line.\n\nSecond."


def test_a_message_is_told_by_its_content_whatever_its_name() -> None:
    assert detect.detect(msg_of("s", "b", sender=ANN, to=[BO]), "mail") == detect.MSG


def test_what_is_attached_is_read_and_mails_within_too() -> None:
    inner = message("Inner", "Inner body.", sender=BO, to=[ANN], inner=True)
    files = {"stock.csv": b"name,price\nLamp,3\nOil,1\n", "photo.png": b"\x89PNG\0\0\0", "fwd": inner}
    parsed = parse(msg_of("Outer", "See attached.", sender=ANN, to=[BO], attachments=files), "a.msg")
    assert parsed.mail is not None
    assert list(parsed.mail.attachments) == ["stock.csv", "photo.png", "fwd"]
    assert [parsed.text[a:b] for a, b in parsed.tables[0].spans] == ["name: Lamp; price: 3", "name: Oil; price: 1"]
    assert "Subject: Inner\nFrom: Bo <bo@example.com>" in parsed.text
    assert "Inner body." in parsed.text


@pytest.mark.parametrize("kept", [520, 700, 1500])
def test_a_message_cut_short_is_refused(kept: int) -> None:
    whole = msg_of("Subject", "body " * 400, sender=ANN, to=[BO])
    with pytest.raises(Terminal, match=r"damaged|no readable text"):
        parse(whole[:kept], "a.msg")


def test_a_compound_file_of_nothing_is_refused() -> None:
    with pytest.raises(Terminal):
        parse(compound({"__substg1.0_1000001F": b""}), "a.msg")
