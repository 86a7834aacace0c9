"""What kind of file an upload is."""

from __future__ import annotations

import pytest

from actors.api.documents import media_type


@pytest.mark.parametrize(
    ("declared", "filename", "expected"),
    [
        ("text/markdown; charset=utf-8", "a.md", "text/markdown"),
        ("application/octet-stream", "a.MD", "text/markdown"),
        ("", "orders.csv", "text/csv"),
        ("", "mail.eml", "message/rfc822"),
        ("", "a.pdf", "application/pdf"),
        ("", "noending", "application/octet-stream"),
    ],
)
def test_the_senders_word_counts_where_it_says_something_else_the_names_ending(
    declared: str, filename: str, expected: str
) -> None:
    assert media_type(declared, filename) == expected
