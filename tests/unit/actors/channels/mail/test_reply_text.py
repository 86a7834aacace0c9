"""The assistant reads what the person wrote, not what the person's program put below it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from actors.channels.mail.html import text_of
from actors.channels.mail.parse import Fetched, parse
from actors.channels.mail.reply_text import reply_text
from actors.inbound import MAX_TEXT


@pytest.mark.parametrize(
    "below",
    [
        "On Mon, 2 Nov 2026 at 10:00, Shop <shop@shop.example> wrote:\n> Hello\n> there",
        "On Mon, 2 Nov 2026 at 10:00, Shop\n<shop@shop.example> wrote:\n\n> Hello",
        "Am 02.11.2026 um 10:00 schrieb Shop:\n> Hallo",
        "Le lun. 2 nov. 2026 à 10:00, Shop <shop@shop.example> a écrit :\n> Bonjour",
        "-----Original Message-----\nFrom: Shop\nSent: Monday\n\nHello",
        "________________________________\nFrom: Shop\n\nHello",
        "02.11.2026, 10:00, Shop <shop@shop.example> написал:\n> Hello",
        "-- \nAda Example\n+49 1234",
        "Sent from my phone",
        "> Hello\n> there",
        "",
    ],
)
def test_quotations_and_signatures_are_left_out(below: str) -> None:
    assert reply_text(f"Do you ship\nabroad?\n\n{below}") == "Do you ship\nabroad?"


@pytest.mark.parametrize(
    "text",
    [
        "On Monday I wrote to you:\nwhere is my parcel?",
        "From: is this the right form?\nI have 2 questions.",
        "My list:\n- one\n- two",
        "I paid 20 <3 shops",
    ],
)
def test_a_persons_own_words_stay(text: str) -> None:
    assert reply_text(text) == text


def test_an_answer_below_or_between_what_is_quoted_is_found() -> None:
    quoted = "On Mon, 2 Nov 2026, Shop <shop@shop.example> wrote:\n> Which colour?"

    assert reply_text(f"{quoted}\n\nRed, please.") == "Red, please."
    assert reply_text(f"{quoted}\nRed.\n> And which size?\nLarge.") == "Red.\nLarge."


def test_a_mail_that_is_all_quotation_is_given_whole() -> None:
    assert reply_text("> Do you ship abroad?") == "> Do you ship abroad?"


@pytest.mark.parametrize(
    "mark",
    [
        '<div class="gmail_quote">On 1 Nov 2026 Shop wrote:<br>Hello</div>',
        '<div id="appendonsend"></div><hr>From: Shop<br>Hello',
        '<blockquote type="cite">Hello</blockquote>',
        '<div style="border:none;border-top:solid #E1E1E1 1.0pt">From: Shop</div>Hello',
    ],
)
def test_the_quotations_of_html_are_left_out(mark: str) -> None:
    markup = (
        f"<html><head><style>p {{}}</style></head><body><p>Do you ship<br>abroad &amp; soon?</p>{mark}</body></html>"
    )

    assert reply_text(text_of(markup)) == "Do you ship\nabroad & soon?"


@pytest.mark.parametrize(
    "text",
    [
        "On " * 40_000,
        ">" * 100_000,
        "\n" * 100_000,
        "- " * 50_000,
        "On 1\n" * 20_000,
        "x <" * 30_000,
        "From: 2024 " * 9_000,
    ],
)
def test_hostile_text_costs_little(text: str) -> None:
    began = time.process_time()

    assert len(reply_text(text)) <= MAX_TEXT
    assert time.process_time() - began < 2.0


def test_replies_of_many_programs_are_read_without_what_they_quote(third_party: Path) -> None:
    fixtures = third_party / "email_corpus/talon/tests/fixtures"
    replies = sorted((fixtures / "standard_replies").glob("*.eml"))
    pages = sorted((fixtures / "html_replies").glob("*.html"))
    assert replies
    assert pages
    for file in replies:
        read = parse(Fetched(uid=1, came_at=1.0, size=1, data=file.read_bytes()), own="us@x.example", authserv_id="")
        assert read.message is not None, file.name
        assert read.message.text == "Hello", file.name
    for file in pages:
        text = reply_text(text_of(file.read_text(errors="replace")))
        assert text.startswith("Hi. I am fine."), file.name
        assert len(text) < 60, file.name


def test_every_mail_of_the_corpus_is_read_or_refused_with_a_reason(third_party: Path) -> None:
    files = [file for file in (third_party / "email_corpus").rglob("*") if file.is_file()]
    assert len(files) > 80
    for file in files:
        fetched = Fetched(uid=1, came_at=1.0, size=1, data=file.read_bytes())
        read = parse(fetched, own="us@x.example", authserv_id="")
        assert (read.message is None) == bool(read.ignored), file.name
