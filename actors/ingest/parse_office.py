"""PDF, HTML, EPUB, RTF and old office files through kreuzberg, put into one clean text with pages and headings.

Promises: wrapped lines of a PDF are joined into paragraphs, so that a sentence is one quotable piece; what kreuzberg
refuses becomes Terminal with a plain reason. Runs in the parse process: a file may crash it.

Held by tests/unit/actors/ingest/test_reflow.py, tests/unit/actors/ingest/test_parse.py and
tests/unit/actors/ingest/test_hostile_files.py.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from html import unescape
from typing import Any

import kreuzberg

from actors.ingest import detect
from actors.ingest.archive import not_what_it_says
from actors.ingest.parsed import Heading, Page, Parsed
from actors.ingest.pdf_tables import pdf_pages
from actors.ingest.reflow import paragraphs
from actors.ingest.text import clean, declared_title, decode, markdown_headings, markdown_tables
from actors.ingest.written import Cell, told_rows
from runtime.errors import Terminal

_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>~$&])")
_IMAGE = re.compile(r"\\?!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"(?<!!)\[([^\[\]]*)\]\((?:[^()\s]|\([^()]*\))*(?:\s+\"[^\"]*\")?\)")
_STRONG = re.compile(r"(?<![\w*])(\*{1,3})(?=\S)([^*\n]+?)(?<=\S)\1(?![\w*])")
_BLANK = re.compile(r"\n{3,}")
_BODY = re.compile(r"<body\b[^>]*>(.*?)(?:</body\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_NOISE = re.compile(r"<(script|style|noscript|template|svg|head)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(r"<title\b[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_CHARSET = re.compile(rb"<meta[^>]+charset=[\"']?([\w-]+)", re.IGNORECASE)


# The smallest PDF: one empty page.
_EMPTY_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj trailer<</Root 1 0 R>>"
)


def make_ready() -> None:
    """Load what kreuzberg loads at its first PDF: it unpacks a library into a file, which the sandbox forbids later.

    It takes a file that lies there already, at a path in the temporary folder that anybody may write to: whoever puts
    one there first has his code run here. So the folder is one that only this process may enter, and is gone once the
    library is mapped. Call it before there are threads: it sets an environment variable for a moment.
    """
    with tempfile.TemporaryDirectory(prefix="ragleap-parse-") as private:
        os.putenv("TMPDIR", private)
        try:
            kreuzberg.extract_bytes_sync(_EMPTY_PDF, detect.PDF)
        finally:
            os.unsetenv("TMPDIR")


def parse_office(data: bytes, media_type: str) -> Parsed:
    """Parse by kreuzberg. Raises Terminal with the reason where the file is encrypted, broken or without text."""
    if media_type == detect.HTML:
        return _html(data)
    result = _extract(data, media_type)
    if media_type == detect.PDF:
        return _pdf(result, pdf_pages(data))
    return _document(result, media_type)


def _extract(data: bytes, media_type: str) -> Any:
    config = kreuzberg.ExtractionConfig(
        output_format="markdown",
        use_cache=False,
        pages=kreuzberg.PageConfig(extract_pages=True),
        content_filter=kreuzberg.ContentFilterConfig(
            include_headers=True, include_footers=True, strip_repeating_text=False
        ),
        concurrency=kreuzberg.ConcurrencyConfig(max_threads=1),
    )
    try:
        return kreuzberg.extract_bytes_sync(data, media_type, config=config)
    except (kreuzberg.KreuzbergError, RuntimeError, ValueError, OSError) as error:
        raise _refusal(error) from error


def _refusal(error: Exception) -> Terminal:
    text = str(error).lower()
    if any(word in text for word in ("password", "encrypt", "decrypt")):
        return Terminal("The file is encrypted.", do="Remove its password and upload it again.")
    return not_what_it_says()


def _pdf(result: Any, told: Sequence[str]) -> Parsed:
    """``told`` are the pages' texts; headings and title are kreuzberg's."""
    metadata = dict(result.metadata or {})
    marked = {" ".join(h.text.split()).casefold(): h.level for h in markdown_headings(result.content or "")}
    text, pages, headings = "", [], []
    for number, page in enumerate(told, start=1):
        begin = len(text)
        for paragraph in paragraphs(page):
            level = marked.get(paragraph.casefold(), 0) if len(paragraph) < 150 else 0
            if level:
                headings.append(Heading(start=len(text), level=level, text=paragraph))
            text += paragraph + "\n\n"
        pages.append(Page(number=number, start=begin, end=len(text)))
    if not text.strip():
        raise Terminal("The PDF holds no text: it may be a scan.", do="Run text recognition on it, then upload it.")
    title = declared_title(str(metadata.get("title") or "")) or (
        headings[0].text if headings and headings[0].start < 400 else ""
    )
    return Parsed(text=text, media_type=detect.PDF, title=title, pages=pages, headings=headings)


def _document(result: Any, media_type: str) -> Parsed:
    parts = [(int(page["page_number"]), tidy(told_tables(page["content"]))) for page in result.pages or []]
    whole = tidy(told_tables(result.content or ""))
    if sum(len(part) for _, part in parts) < 0.8 * len(whole):
        parts = [(1, whole)]
    text, pages = "", []
    for number, part in parts:
        pages.append(Page(number=number, start=len(text), end=len(text) + len(part) + 2))
        text += part + "\n\n"
    return _marked(
        text,
        media_type,
        title=declared_title(str((result.metadata or {}).get("title") or "")),
        pages=pages if len(pages) > 1 else (),
    )


def _html(data: bytes) -> Parsed:
    markup = _html_source(data)
    named = _TITLE.search(markup)
    body = _BODY.search(markup)
    inner = _NOISE.sub(" ", body.group(1) if body else markup)
    result = _extract(f"<html><body>{inner}</body></html>".encode(), detect.HTML)
    title = " ".join(unescape(named.group(1)).split()) if named else ""
    return _marked(tidy(told_tables(result.content or "")) + "\n", detect.HTML, title=title, pages=())


def _html_source(data: bytes) -> str:
    declared = _CHARSET.search(data[:4096])
    if declared and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        try:
            return clean(data.decode(declared.group(1).decode("ascii")))
        except (LookupError, UnicodeError):
            pass
    return decode(data)


def _marked(text: str, media_type: str, *, title: str, pages: Sequence[Page]) -> Parsed:
    headings = markdown_headings(text)
    first = headings[0].text if headings and headings[0].start < 400 else ""
    return Parsed(text=text, media_type=media_type, title=title or first, markdown=True, pages=pages, headings=headings)


def tidy(markdown: str) -> str:
    """kreuzberg's Markdown without what only a renderer wants: escapes, emphasis, image and link targets."""
    text = _IMAGE.sub("", clean(markdown))
    text = _STRONG.sub(r"\2", _STRONG.sub(r"\2", text))
    text = _ESCAPED.sub(r"\1", _LINK.sub(r"\1", text))
    text = unescape(text) if "&" in text else text
    return _BLANK.sub("\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip("\n")


def told_tables(markdown: str) -> str:
    """The text with each table's rows told as those of an office file are ("- name: Lamp; price: 3")."""
    pieces, at = [], 0
    for table in markdown_tables(markdown):
        rows = told_rows([[Cell(text=cell) for cell in row] for row in table.cells])
        pieces += [markdown[at : table.start], "".join(f"- {row}\n" for row in rows)]
        at = table.end
    return "".join((*pieces, markdown[at:]))
