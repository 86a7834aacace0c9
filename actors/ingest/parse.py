"""A file to ``Parsed``: decides what it is and hands it to the parser for that.

Promises: either a ``Parsed`` with text in it, or Terminal with a reason in plain words; the sender's media type is not
believed. Blocking and CPU-bound; call it through ``ParseProcess``, which survives what a broken file does to it.

Held by tests/unit/actors/ingest/test_parse.py and tests/unit/actors/ingest/test_hostile_files.py.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import PurePosixPath

from actors.ingest import detect
from actors.ingest.allowance import MAX_TEXT, Allowance, too_long
from actors.ingest.archive import inspect_archive
from actors.ingest.letter import read_letter
from actors.ingest.parse_docx import parse_docx
from actors.ingest.parse_mail import letter_of
from actors.ingest.parse_msg import letter_of_msg
from actors.ingest.parse_odf import parse_odf
from actors.ingest.parse_pptx import parse_pptx
from actors.ingest.parse_records import parse_json, parse_sqlite
from actors.ingest.parse_sheets import parse_sheets
from actors.ingest.parse_table import parse_csv
from actors.ingest.parsed import Parsed
from actors.ingest.text import decode, markdown_headings
from runtime.errors import Terminal


def parse(data: bytes, filename: str, media_type: str = "", *, allowance: Allowance | None = None) -> Parsed:
    """Parse one file. ``media_type`` is the sender's claim, used only where content and name say nothing.

    ``allowance`` is what is left of what the upload may take that this file is attached to.
    """
    allowance = allowance or Allowance()
    kind = detect.detect(data, filename)
    if kind == detect.TEXT and not PurePosixPath(filename).suffix and media_type in (detect.MARKDOWN, detect.CSV):
        kind = media_type
    if data.startswith(detect.ZIP_MAGIC):
        allowance.inflated -= inspect_archive(data, allowance.inflated)
    parsed = _by_kind(data, kind, filename, allowance)
    if not parsed.text.strip():
        raise Terminal("The file holds no text.", do="Upload a file with text in it.")
    if len(parsed.text) > MAX_TEXT:
        raise too_long()
    return parsed


def title_of(filename: str) -> str:
    """A readable title from a file's name: "return_policy-v2.pdf" becomes "Return policy v2"."""
    stem = PurePosixPath(filename.replace("\\", "/")).stem
    words = " ".join(re.sub(r"[_\s]+|(?<=[a-zA-Z])-(?=[a-zA-Z])", " ", stem).split())
    return (words[:1].upper() + words[1:] if words.islower() else words) or "Untitled"


def _by_kind(data: bytes, kind: str, filename: str, allowance: Allowance) -> Parsed:
    stem, title = PurePosixPath(filename.replace("\\", "/")).stem, title_of(filename)
    if kind in (detect.EML, detect.MSG):
        letter = letter_of(data) if kind == detect.EML else letter_of_msg(data)
        return read_letter(letter, kind, partial(parse, allowance=allowance), allowance)
    if kind == detect.SQLITE:
        return parse_sqlite(data, title=title)
    if kind in (detect.CSV, detect.TSV):
        return parse_csv(decode(data), media_type=kind, name=stem, title=title)
    if kind in (detect.JSON, detect.NDJSON):
        text = decode(data)
        return parse_json(text, media_type=kind, name=stem, title=title) or Parsed(text=text, media_type=kind)
    if kind in (detect.MARKDOWN, detect.TEXT):
        return _plain(decode(data), kind)
    if kind == detect.RST:
        from actors.ingest.parse_rst import parse_rst  # loaded where it is needed

        return parse_rst(decode(data))
    if kind == detect.DOCX:
        return parse_docx(data)
    if kind == detect.PPTX:
        return parse_pptx(data)
    if kind in (detect.ODT, detect.ODP):
        return parse_odf(data, kind)
    if kind in detect.SHEETS:
        return parse_sheets(data, kind, name=stem, title=title)
    from actors.ingest.parse_office import parse_office  # heavy: loaded only in the parse process

    return parse_office(data, kind)


def _plain(text: str, kind: str) -> Parsed:
    if kind == detect.TEXT:
        return Parsed(text=text, media_type=kind)
    headings = markdown_headings(text)
    title = headings[0].text if headings and not text[: headings[0].start].strip() else ""
    return Parsed(text=text, media_type=kind, title=title, markdown=True, headings=headings)
