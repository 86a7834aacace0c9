"""Bytes to clean text, and the headings of Markdown.

Promises: the text holds no carriage returns, no zero bytes and no lone surrogates; decoding never fails.

Held by tests/unit/actors/ingest/test_parse.py.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unicodedata import category

from charset_normalizer import CharsetMatch, from_bytes

from actors.ingest.parsed import Heading

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_OLDER = (
    *("cp932", "euc_jp", "gb18030", "big5", "cp949"),
    *("cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256"),
)
_SAMPLE = 1 << 16  # bytes
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ud800-\udfff\ufeff]")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))??(?:[ \t]+#+)?[ \t]*$")
_SETEXT = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_NO_TITLE = re.compile(r"(?i)^(microsoft |untitled|document\d*$|powerpoint|word document)|\.(docx?|pptx?|pdf|indd)$")
_DELIMITER = re.compile(r" {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_PIPE = re.compile(r"(?<!\\)\|")
_MARKS = re.compile(r"[*_`]+|!?\[([^\]]*)\]\([^)]*\)")


def decode(data: bytes) -> str:
    """Text of unknown encoding: byte order mark, UTF-16 by its zero bytes, UTF-8, else the likeliest of the older ones.

    Those are told by charset-normalizer among the ones in use; what it cannot tell is Windows-1252.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return clean(data[len(bom) :].decode(encoding, "replace"))
    wide = utf_16_order(data)
    if wide:
        return clean(data.decode(wide, "replace"))
    try:
        return clean(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        return clean(data.decode(_older_encoding(data, error.start), "replace"))


def utf_16_order(data: bytes) -> str:
    """The name of UTF-16 in one order or the other, where the bytes are that without a mark; else "".

    Even a text in Chinese has line breaks or digits, and so zero bytes; and read in the right order it has no control
    characters and no unassigned ones. English is Chinese the other way round: there the zero bytes' side tells.
    """
    sample = data[: _SAMPLE // 2]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if not even + odd:
        return ""
    able = [order for order in ("utf-16-le", "utf-16-be") if _reads_as(sample[: len(sample) // 2 * 2], order)]
    if len(able) == 2 and max(even, odd) > 0.9 * (even + odd):
        return able[0] if odd > even else able[1]
    return able[0] if len(able) == 1 else ""


def _reads_as(sample: bytes, encoding: str) -> bool:
    text = sample.decode(encoding, "replace")
    strange = sum(1 for char in text if char not in "\t\n\r\f" and category(char) in ("Cc", "Cn", "Co", "Cs"))
    return strange + text.count("\ufffd") <= len(text) // 50


def _older_encoding(data: bytes, at: int) -> str:
    """The encoding of the lines around the first byte that is not UTF-8; Windows-1252 where it is as likely as any."""
    begin = data.rfind(b"\n", 0, max(at - _SAMPLE // 8, 0)) + 1
    end = data.rfind(b"\n", at, begin + _SAMPLE) + 1
    found = from_bytes(data[begin : end or begin + _SAMPLE], cp_isolation=list(_OLDER))
    best = found.best()
    if best is None or any("cp1252" in each.could_be_from_charset and _as_likely(each, best) for each in found):
        return "cp1252"
    return best.encoding


def _as_likely(one: CharsetMatch, best: CharsetMatch) -> bool:
    return one.chaos <= best.chaos + 0.02 and one.coherence >= best.coherence - 0.1


def clean(text: str) -> str:
    """``text`` with newlines as \\n and without characters that no store or terminal wants."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n"))


def markdown_headings(text: str) -> list[Heading]:
    """ATX and setext headings outside fenced code (CommonMark 0.31, sections 4.2 and 4.3)."""
    found: list[Heading] = []
    fence = ""
    before: tuple[int, str] | None = None
    for start, line in lines(text):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark.group(1).startswith(fence):
                fence = ""
            continue
        if mark:
            fence, before = mark.group(1)[:3], None
            continue
        heading = _heading(start, line, before)
        if heading is not None:
            found.append(heading)
            before = None
        else:
            before = (start, line) if line.strip() and not line.lstrip().startswith(("|", ">", "-", "*", "+")) else None
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class PipeTable:
    """A table in Markdown: where it begins, where its rows begin and end, and its cells, the header's first."""

    start: int
    rows_start: int
    end: int
    cells: Sequence[Sequence[str]]


def markdown_tables(text: str) -> Iterator[PipeTable]:
    """Tables with pipes outside fenced code (GitHub Flavored Markdown 0.29, section 4.10)."""
    fence, before, cells = "", (0, ""), list[Sequence[str]]()
    begin = rows_start = end = 0
    for start, line in (*lines(text), (len(text), "")):
        if cells and "|" in line:
            cells.append(pipe_cells(line))
            end = start + len(line)
            continue
        if cells:
            yield PipeTable(start=begin, rows_start=rows_start, end=end, cells=cells)
            cells = []
        mark = _FENCE.match(line)
        if fence:
            fence = "" if mark and mark.group(1).startswith(fence) else fence
        elif mark:
            fence = mark.group(1)[:3]
        elif "|" in before[1] and _DELIMITER.match(line):
            head = pipe_cells(before[1])
            if len(head) == len(pipe_cells(line)):
                begin, rows_start, end, cells = before[0], start + len(line), start + len(line), [head]
        before = (start, line)


def pipe_cells(line: str) -> list[str]:
    """The cells of a row between pipes that are not escaped."""
    inner = line.strip().removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return [" ".join(cell.replace("\\|", "|").split()) for cell in _PIPE.split(inner)]


def lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line with its offset, without its newline."""
    at = 0
    for line in text.split("\n"):
        yield at, line
        at += len(line) + 1


def bare(markup: str) -> str:
    """A heading's words without emphasis and links."""
    return " ".join(_MARKS.sub(lambda m: m.group(1) or "", markup).replace("\\", "").split())


def declared_title(told: str) -> str:
    """A document's own title, unless it is what a program wrote there ("Microsoft Word - draft.docx", "Untitled")."""
    title = bare(clean(told))
    return "" if _NO_TITLE.search(title) else title[:200]


def _heading(start: int, line: str, before: tuple[int, str] | None) -> Heading | None:
    atx = _ATX.match(line)
    if atx:
        words = bare(atx.group(2) or "")
        return Heading(start=start, level=len(atx.group(1)), text=words) if words else None
    underline = _SETEXT.match(line)
    if underline and before is not None and len(before[1]) < 200:
        words = bare(before[1])
        return Heading(start=before[0], level=1 if underline.group(1)[0] == "=" else 2, text=words) if words else None
    return None
