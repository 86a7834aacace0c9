"""Writes mails as mail programs do: encodings, alternatives, quotes, signatures and senders in many forms."""

from __future__ import annotations

import html
import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path

from businesses.layouts import Layout
from businesses.tables import Person

POLICY = SMTP.clone(max_line_length=200)
ZONES = (UTC, timezone(timedelta(hours=1)), timezone(timedelta(hours=2)), timezone(timedelta(hours=-1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail before it is written. ``person`` None: ``sender``/``address`` is no customer, or the shop itself."""

    day: date
    subject: str
    body: str
    person: Person | None = None
    sender: str = ""
    address: str = ""
    to: Person | None = None
    quote: str = ""  # earlier text that the mail repeats below its own
    quote_of: str = ""  # who wrote that


@dataclass(slots=True, kw_only=True)
class Mailbox:
    """Collects letters of one business and writes them in order of date, as the layout names files."""

    shop: str
    address: str
    rng: random.Random
    letters: list[Letter] = field(default_factory=list)

    def add(self, letter: Letter) -> None:
        self.letters.append(letter)

    def write(self, folder: Path, layout: Layout) -> list[Path]:
        target = folder / layout.mail_folder
        target.mkdir(parents=True)
        paths = []
        for n, letter in enumerate(sorted(self.letters, key=lambda x: (x.day, x.subject, x.address)), 1):
            path = target / layout.mail_name.format(n=n, date=letter.day.isoformat())
            path.write_bytes(self._message(n, letter).as_bytes())
            paths.append(path)
        return paths

    def _message(self, n: int, letter: Letter) -> EmailMessage:
        rng = self.rng
        moment = datetime.combine(
            letter.day, time(rng.randrange(7, 20), rng.randrange(60), rng.randrange(60)), rng.choice(ZONES)
        )
        message = EmailMessage(policy=POLICY)
        message["Received"] = f"from mx{n % 3}.example.net by in.example.com; {format_datetime(moment)}"
        message["Date"] = format_datetime(moment)
        message["From"] = self._sender(letter)
        message["To"] = (
            Address(letter.to.name, *letter.to.email.split("@")) if letter.to else Address("", *self.address.split("@"))
        )
        quoted = bool(letter.quote)
        message["Subject"] = (
            f"Re: {letter.subject}" if quoted and not letter.subject.startswith("Fwd") else letter.subject
        )
        message["Message-ID"] = (
            f"<{n}.{rng.randrange(10**9)}@{(letter.address or self.address).split('@')[-1].lower()}>"
        )
        if quoted:
            message["In-Reply-To"] = f"<{rng.randrange(10**9)}@{self.address.split('@')[1]}>"
        self._content(message, self._text(letter))
        return message

    def _sender(self, letter: Letter) -> Address:
        person, rng = letter.person, self.rng
        if person is None:
            return Address(letter.sender, *letter.address.split("@"))
        address = person.email.upper() if rng.random() < 0.15 else person.email
        if rng.random() < 0.1:
            address = address[0].upper() + address[1:]
        shown = rng.choices((person.name, f"{person.last}, {person.first}", person.first, ""), weights=(10, 2, 2, 2))[0]
        return Address(shown, *address.split("@"))

    def _text(self, letter: Letter) -> str:
        own = f"{letter.body.strip()}\n\n{self._signature(letter)}".strip() + "\n"
        if not letter.quote:
            return own
        head = f"{letter.quote_of} wrote:"
        quoted = "\n".join(f"> {line}".rstrip() for line in letter.quote.strip().splitlines())
        if letter.subject.startswith("Fwd"):
            return f"{own}\n-------- Original message --------\nFrom: {letter.quote_of}\n\n{quoted}\n"
        return f"{own}\n{head}\n{quoted}\n"

    def _signature(self, letter: Letter) -> str:
        person = letter.person
        if person is None:
            return letter.sender
        return self.rng.choice(
            (
                f"Kind regards,\n{person.name}",
                person.first,
                f"Best\n{person.first}",
                f"- {person.first}",
                f"Yours sincerely\n{person.name}\n{person.city}",
                f"{person.first[0]}. {person.last}",
                f"{person.first}\n\nSent from my phone",
                "",
            )
        )

    def _content(self, message: EmailMessage, text: str) -> None:
        rng = self.rng
        encoding = rng.choice(("quoted-printable", "base64", "8bit"))
        if text.isascii() and rng.random() < 0.6:
            encoding = "7bit"
        style = rng.random()
        if style < 0.12:
            message.set_content(_as_html(text), subtype="html", cte=encoding)
            return
        message.set_content(text, cte=encoding)
        if style < 0.4:
            message.add_alternative(_as_html(text), subtype="html", cte="quoted-printable")
            message.set_boundary(f"=_part_{rng.randrange(10**12)}")


def _as_html(text: str) -> str:
    own, mark, quote = text.partition("\n> ")
    paragraphs = "".join(
        "<p>" + html.escape(p.strip(), quote=False).replace("\n", "<br>\n") + "</p>\n"
        for p in own.split("\n\n")
        if p.strip()
    )
    if mark:
        lines = [html.escape(line.removeprefix("> ").removeprefix(">"), quote=False) for line in quote.splitlines()]
        paragraphs += "<blockquote>" + "<br>\n".join(lines) + "</blockquote>\n"
    return f"<html><head><style>p {{ margin: 0 }}</style></head><body>\n{paragraphs}</body></html>\n"
