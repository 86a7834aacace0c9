"""What kind of file this is, told by its first bytes and its name, never by what the sender claims.

Promises: a known media type, or Terminal with a reason a person can act on. Pure.

Held by tests/unit/actors/ingest/test_parse.py and tests/unit/actors/ingest/test_hostile_files.py.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import PurePosixPath

from actors.ingest.archive import BROKEN, damaged
from actors.ingest.text import utf_16_order
from runtime.errors import Terminal

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSB = "application/vnd.ms-excel.sheet.binary.macroenabled.12"
ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
ODP = "application/vnd.oasis.opendocument.presentation"
EPUB = "application/epub+zip"
RTF = "application/rtf"
DOC, XLS, PPT = "application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"
MSG = "application/vnd.ms-outlook"
HTML = "text/html"
RST = "text/x-rst"
MARKDOWN, TEXT, CSV, TSV = "text/markdown", "text/plain", "text/csv", "text/tab-separated-values"
EML = "message/rfc822"
JSON, NDJSON = "application/json", "application/x-ndjson"
SQLITE = "application/vnd.sqlite3"
SHEETS = frozenset({XLSX, XLSB, XLS, ODS})

SUPPORTED = (
    "PDF, DOCX, PPTX, XLSX, ODT, ODP, ODS, HTML, EPUB, RTF, Markdown, RST, TXT, CSV, JSON, SQLite, EML, MSG, DOC, PPT, "
    "XLS"
)

_BY_EXTENSION = {
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
    ".txt": TEXT,
    ".text": TEXT,
    ".log": TEXT,
    ".rst": RST,
    ".adoc": TEXT,
    ".asciidoc": TEXT,
    ".org": TEXT,
    ".vtt": TEXT,
    ".json": JSON,
    ".ndjson": NDJSON,
    ".jsonl": NDJSON,
    ".yaml": TEXT,
    ".yml": TEXT,
    ".csv": CSV,
    ".tsv": TSV,
    ".eml": EML,
    ".htm": HTML,
    ".html": HTML,
    ".xhtml": HTML,
}
_OLE = {".doc": DOC, ".xls": XLS, ".ppt": PPT, ".msg": MSG}
_ZIP_MEMBERS = (("word/document", DOCX), ("ppt/presentation", PPTX), ("xl/workbook.bin", XLSB), ("xl/workbook", XLSX))
ZIP_MAGIC = b"PK\x03\x04"
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAIL_HEADER = re.compile(
    rb"\A(?:From |(?:return-path|received|from|to|subject|date|message-id|mime-version|delivered-to|x-[\w-]+):)",
    re.IGNORECASE,
)
_MAIL_NEEDED = re.compile(rb"^(?:from|message-id):", re.IGNORECASE | re.MULTILINE)
_HTML_START = re.compile(rb"<!doctype\s+html|<html[\s>]", re.IGNORECASE)


def detect(data: bytes, filename: str) -> str:
    """The media type of a file; raises Terminal for what cannot be read here."""
    if not data.strip(b"\0 \t\r\n"):
        raise Terminal("The file is empty.", do="Upload a file with text in it.")
    extension = PurePosixPath(filename.replace("\\", "/")).suffix.lower()
    head = data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n")
    if b"%PDF-" in data[:1024]:
        return PDF
    if data.startswith(ZIP_MAGIC):
        return _zipped(data)
    if data.startswith(b"SQLite format 3\0"):
        return SQLITE
    if data.startswith(_OLE_MAGIC):
        return _ole(data, extension)
    if head.startswith(b"{\\rtf"):
        return RTF
    return _textual(data, head, extension)


def _textual(data: bytes, head: bytes, extension: str) -> str:
    if not _is_text(data):
        raise _unsupported(extension)
    by_name = _BY_EXTENSION.get(extension)
    if _HTML_START.search(head) and by_name in (None, HTML, TEXT):
        return HTML
    if by_name is None and _MAIL_HEADER.match(head) and _MAIL_NEEDED.search(data[:16_384]):
        return EML
    if by_name is None and extension not in ("", "."):
        raise _unsupported(extension)
    return by_name or TEXT


def _zipped(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            for start, media_type in _ZIP_MEMBERS:
                if any(name.startswith(start) for name in names):
                    return media_type
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                declared = archive.read("mimetype").decode("ascii", "replace").strip()
                if declared in (ODT, ODS, ODP, EPUB):
                    return declared
    except BROKEN as error:
        raise damaged() from error
    raise _unsupported(".zip")


def _ole(data: bytes, extension: str) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise Terminal("The file is encrypted.", do="Remove its password and upload it again.")
    if "__substg1.0_".encode("utf-16-le") in data:
        return MSG
    if extension in _OLE:
        return _OLE[extension]
    for mark, media_type in (("WordDocument", DOC), ("Workbook", XLS), ("PowerPoint Document", PPT)):
        if mark.encode("utf-16-le") in data:
            return media_type
    raise _unsupported(extension)


def _is_text(data: bytes) -> bool:
    """Whether the bytes look like text: few control characters, zero bytes only as UTF-16 has them."""
    sample = data[:65_536]
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if sample.count(0):
        return bool(utf_16_order(data))
    control = sum(sample.count(code) for code in range(1, 32) if code not in (8, 9, 10, 11, 12, 13, 27))
    return control <= len(sample) // 100


def _unsupported(extension: str) -> Terminal:
    what = f"Files of type {extension}" if len(extension) > 1 else "Files of this kind"
    return Terminal(f"{what} are not supported.", do=f"Use one of: {SUPPORTED}.")
