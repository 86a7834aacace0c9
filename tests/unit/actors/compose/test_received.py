"""Messages that are not words are shown and answered in words."""

from __future__ import annotations

import pytest

from actors.compose.received import acknowledged, line_of
from actors.inbound import Attachment, Content

VOICE = Attachment(kind="voice", reference="f")
BILL = Attachment(kind="document", reference="f", filename="bill.pdf")


@pytest.mark.parametrize(
    ("content", "text", "attachments", "line"),
    [
        (Content.TEXT, "Hello", (), "Hello"),
        (Content.MEDIA, "My bill", (BILL,), "(a document) My bill"),
        (Content.MEDIA, "", (VOICE,), "(a voice message)"),
        (Content.EDIT, "two cups", (), "(edited) two cups"),
        (Content.REACTION, "👍", (), "(reacted) 👍"),
        (Content.REVOKED, "", (), "(withdrew a message)"),
        (Content.UNREADABLE, "", (), "(something that this channel does not show)"),
    ],
)
def test_the_history_shows_what_there_was(
    content: Content, text: str, attachments: tuple[Attachment, ...], line: str
) -> None:
    assert line_of(content, text, attachments) == line


@pytest.mark.parametrize(
    ("attachments", "says"),
    [
        ((VOICE,), "cannot listen"),
        ((BILL,), "got a document"),
        ((Attachment(kind="sticker", reference="f"),), "Thank you"),
        ((), "cannot read this kind"),
    ],
)
def test_who_sends_no_words_is_answered(attachments: tuple[Attachment, ...], says: str) -> None:
    assert says in acknowledged(attachments)
