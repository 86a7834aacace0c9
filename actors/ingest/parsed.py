"""A parsed document: one text that every span points into, and the structure found in it.

Promises: every offset is a code-point offset into ``Parsed.text``; frozen, and JSON-able by pydantic.

Held by tests/unit/actors/ingest/test_chunk.py and
tests/integration/test_ingest.py::test_every_format_becomes_chunks_that_quote_the_parsed_text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page or slide, numbered from 1."""

    number: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A heading that starts at ``start``; ``level`` 1 is the outermost."""

    start: int
    level: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A foreign key as a table's source declares it: ``column`` holds values of ``to_column`` of another table."""

    column: str
    to_table: str
    to_column: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of text under a header. ``spans[i]`` is where row i is rendered in the parsed text.

    ``notes``: text around the rows (a title above the header, a sheet that is no table), a line each;
    ``note_spans`` is where they are rendered. A sheet that is no table has notes alone.
    """

    name: str  # what its rows are called, as its source tells (a file's or sheet's name)
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    spans: Sequence[tuple[int, int]] = ()
    notes: Sequence[str] = ()
    note_spans: Sequence[tuple[int, int]] = ()
    key: str = ""  # the column that its source declares to identify a row
    references: Sequence[Reference] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail's headers, decoded. ``to`` holds (display name, address) of To and Cc; ``sent_on`` an ISO date."""

    message_id: str
    from_name: str
    from_address: str
    to: Sequence[tuple[str, str]]
    subject: str
    sent_on: str | None
    in_reply_to: str
    body: tuple[int, int]  # where the body stands in the parsed text
    attachments: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What a file says. ``occurred_on`` is an ISO date where the document itself tells of a day (a mail's date)."""

    text: str
    media_type: str
    title: str = ""
    markdown: bool = False  # the text uses Markdown's marks
    pages: Sequence[Page] = ()
    headings: Sequence[Heading] = ()
    tables: Sequence[Table] = ()
    mail: Mail | None = None
    occurred_on: str | None = None
    remarks: bool = False  # the text holds reviewers' comments or speaker's notes: no part of what its reader sees
    properties: Mapping[str, str] = field(default_factory=dict)
