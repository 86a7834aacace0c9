"""What is attached to a mail is part of it, within bounds."""

from __future__ import annotations

import io
import zipfile
from email.message import EmailMessage
from pathlib import Path

import made_files
import pytest
from hostile_files import archive
from ingest_memory import word_tokenizer
from office_files import xlsx_of

from actors.ingest import allowance
from actors.ingest.allowance import Allowance
from actors.ingest.chunk import Chunker
from actors.ingest.parse import parse
from actors.ingest.parsed import Parsed


def mail(subject: str, body: str, **files: bytes | EmailMessage) -> EmailMessage:
    """``name_ext`` is attached as "name.ext"; a mail is attached whole."""
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "Ann <ann@example.com>", "bo@example.com", subject
    made.set_content(body)
    for name, content in files.items():
        file = ".".join(name.rsplit("_", 1))
        if isinstance(content, bytes):
            made.add_attachment(content, maintype="application", subtype="octet-stream", filename=file)
        else:
            made.add_attachment(content)
    return made


def read(made: EmailMessage, left: Allowance | None = None) -> Parsed:
    return parse(made.as_bytes(), "a.eml", allowance=left)


def test_every_attachment_that_can_be_read_is_part_of_the_mail() -> None:
    parsed = read(
        mail(
            "Terms",
            "See attached.",
            terms_docx=made_files.docx_file("Our terms", ["Returns are free."]),
            offer_pdf=made_files.pdf("Offer", ["Ten lamps for 20 euros."]),
            photo_png=made_files.picture(),
            broken_docx=made_files.broken_docx(),
        )
    )
    assert parsed.mail is not None
    assert parsed.text[slice(*parsed.mail.body)] == "See attached."
    assert list(parsed.mail.attachments) == ["terms.docx", "offer.pdf", "photo.png", "broken.docx"]
    assert [h.text for h in parsed.headings if h.level == 2] == ["Attachment: terms.docx", "Attachment: offer.pdf"]
    assert all(h.text in parsed.text[h.start :].split("\n")[0] for h in parsed.headings[1:])
    assert "Returns are free." in parsed.text
    assert "Ten lamps for 20 euros." in parsed.text


def test_a_forwarded_mail_is_a_mail_of_its_own_under_the_first() -> None:
    parsed = read(mail("Fwd", "Look at this.", fwd=mail("Complaint", "My lamp is broken.")))
    assert parsed.mail is not None
    assert parsed.text[slice(*parsed.mail.body)] == "Look at this."
    assert parsed.mail.subject == "Fwd"
    assert "Subject: Complaint\nFrom: Ann <ann@example.com>" in parsed.text
    assert "My lamp is broken." in parsed.text


def test_body_and_attached_tables_are_cut_apart_and_each_row_group_is_told_where_it_stands(tmp_path: Path) -> None:
    sheets = {"Stock": [["name", "price"], ["Lamp", 3], ["Oil", 1]], "Orders": [["order", "city"], ["o1", "Graz"]]}
    parsed = read(mail("Prices", "The new prices are attached.", prices_xlsx=xlsx_of(sheets)))
    chunks = Chunker(word_tokenizer(tmp_path), tokens=64, overlap=8).chunks(parsed, document_id="d", version=1)
    assert all(parsed.text[c.start : c.end] == c.text for c in chunks)
    told = [(c.text.strip().split("\n")[-1], c.page, c.heading) for c in chunks]
    assert told == [
        ("The new prices are attached.", None, "Prices"),
        ("name: Oil; price: 1", 1, "Prices › Attachment: prices.xlsx › Stock"),
        ("order: o1; city: Graz", 2, "Prices › Attachment: prices.xlsx › Orders"),
    ]


def test_mails_within_mails_end_at_a_bounded_depth() -> None:
    made = mail("Deepest", "Level 0.")
    for level in range(1, 30):
        made = mail("Outer", f"Level {level}.", fwd=made)
    text = read(made).text
    assert "Level 29." in text
    assert f"Level {29 - allowance.MAX_DEPTH}." in text
    assert f"Level {28 - allowance.MAX_DEPTH}." not in text


def test_the_number_of_attachments_that_are_read_is_bounded() -> None:
    parsed = read(mail("Many", "x", **{f"n{n}_txt": b"words" for n in range(10)}), Allowance(attachments=4))
    assert sum(h.text.startswith("Attachment") for h in parsed.headings) == 4


def test_what_all_attachments_unpack_to_together_is_bounded() -> None:
    bomb = archive({"word/document.xml": b"<a>" + b" " * 40_000_000})
    left = Allowance(inflated=100_000_000)
    parsed = read(mail("Bombs", "Still read.", **{f"n{n}_docx": bomb for n in range(6)}), left)
    assert "Still read." in parsed.text
    assert 0 <= left.inflated < 40_000_000


@pytest.mark.parametrize("name", ["../../etc/passwd.txt", "C:\\x\\notes.txt", "a" * 500 + ".txt"])
def test_an_attachment_s_name_is_a_name_and_nothing_else(name: str) -> None:
    made = mail("s", "b")
    made.add_attachment(b"words", maintype="text", subtype="plain", filename=name)
    assert "words" in read(made).text


def test_an_archive_is_named_and_not_opened() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("a.txt", "inside")
    parsed = read(mail("s", "b", all_zip=out.getvalue()))
    assert parsed.mail is not None
    assert list(parsed.mail.attachments) == ["all.zip"]
    assert "inside" not in parsed.text
