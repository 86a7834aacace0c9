"""A mail as its headers, its readable body and what is attached, whatever the file it came in; and its text.

Promises: an attachment that can be read is part of the text, under its name; their number, how deep they lie in one
another, and what they unpack to are bounded; one that cannot be read is named and takes nothing else with it.

Held by tests/unit/actors/ingest/test_attachments.py and tests/unit/actors/ingest/test_parse_mail.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from actors.ingest.allowance import Allowance
from actors.ingest.parsed import Heading, Mail, Page, Parsed, Table
from runtime.errors import Terminal

Address = tuple[str, str]  # display name, address
Reader = Callable[[bytes, str, str], Parsed]  # of a file's bytes, its name and its claimed media type
_DEEPEST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """``content`` is a file, or a mail within the mail."""

    name: str
    media_type: str
    content: bytes | Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """``when`` is its date and time as a reader sees them, ``day`` the ISO date."""

    message_id: str
    sender: Address
    to: Sequence[Address]
    subject: str
    when: str
    day: str | None
    in_reply_to: str
    body: str
    attachments: Sequence[Attachment] = ()


def read_letter(letter: Letter, media_type: str, read: Reader, allowance: Allowance) -> Parsed:
    """From, To, Date, Subject, the body, then each attachment. Raises Terminal where there is nothing to read."""
    attached = [(each, found) for each in letter.attachments if (found := _read(each, read, allowance)) is not None]
    if not (letter.body or letter.subject or attached):
        raise Terminal("The mail has no subject and no readable text.", do="Send it as plain text or HTML.")
    names = tuple(each.name for each in letter.attachments)
    head = [
        ("Subject", letter.subject),
        ("From", _readable(*letter.sender)),
        ("To", ", ".join(_readable(*each) for each in letter.to[:20])),
        ("Date", letter.when),
        ("Attachments", ", ".join(names)),
    ]
    front = "\n".join(f"{key}: {value}" for key, value in head if value) + "\n\n"
    mail = Mail(
        message_id=letter.message_id,
        from_name=letter.sender[0],
        from_address=letter.sender[1],
        to=letter.to,
        subject=letter.subject,
        sent_on=letter.day,
        in_reply_to=letter.in_reply_to,
        body=(len(front), len(front) + len(letter.body)),
        attachments=names,
    )
    alone = Parsed(
        text=front + letter.body + "\n",
        media_type=media_type,
        title=letter.subject,
        headings=[Heading(start=0, level=1, text=letter.subject)] if letter.subject else [],
        mail=mail,
        occurred_on=letter.day,
    )
    return _with(alone, attached)


def _read(attachment: Attachment, read: Reader, allowance: Allowance) -> Parsed | None:
    """What an attachment says; None where it cannot be read, or no more may be."""
    if allowance.attachments <= 0 or allowance.depth <= 0:
        return None
    allowance.attachments -= 1
    allowance.depth -= 1
    try:
        if isinstance(attachment.content, Letter):
            return read_letter(attachment.content, attachment.media_type, read, allowance)
        return read(attachment.content, attachment.name, attachment.media_type)
    except Terminal:
        return None
    finally:
        allowance.depth += 1


def _with(letter: Parsed, attached: Sequence[tuple[Attachment, Parsed]]) -> Parsed:
    """A mail's text with its attachments' below, each under a heading with its name."""
    pieces, length = [letter.text], len(letter.text)
    pages: list[Page] = []
    headings: list[Heading] = [*letter.headings]
    tables: list[Table] = []
    for attachment, parsed in attached:
        title = f"Attachment: {attachment.name}"
        lead = f"\n## {title}\n\n"
        headings.append(Heading(start=length + 1, level=2, text=title))
        begin = length + len(lead)
        own = parsed.pages or [Page(number=1, start=0, end=len(parsed.text))]
        pages.extend(replace(page, start=page.start + begin, end=page.end + begin) for page in own)
        headings.extend(replace(h, start=h.start + begin, level=min(h.level + 2, _DEEPEST)) for h in parsed.headings)
        tables.extend(_moved(table, begin) for table in parsed.tables)
        pieces.extend((lead, parsed.text, "\n"))
        length = begin + len(parsed.text) + 1
    return replace(letter, text="".join(pieces), pages=pages, headings=headings, tables=tables)


def _moved(table: Table, by: int) -> Table:
    return replace(
        table,
        spans=[(start + by, end + by) for start, end in table.spans],
        note_spans=[(start + by, end + by) for start, end in table.note_spans],
    )


def _readable(name: str, address: str) -> str:
    return f"{name} <{address}>" if name and address else name or address
