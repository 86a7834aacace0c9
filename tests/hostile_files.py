"""Files made to harm whoever reads them: bombs, entities, paths that lead out, files cut short or misnamed.

Small to keep, large to open; nothing here comes from elsewhere.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping

import made_files
import msg_files
from office_files import odf_of

_TYPES = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_LAUGHS = 10
_ROW = '<row r="{0}"><c r="{1}" t="inlineStr"><is><t>x</t></is></c></row>'
_CELL = '<table:table-cell table:number-columns-repeated="16384"><text:p>x</text:p></table:table-cell>'
_REPEATED = (
    f'<table:table><table:table-row table:number-rows-repeated="1048576">{_CELL}</table:table-row></table:table>' * 20
)


def hostile_files(outside: str) -> dict[str, bytes]:
    """Every one, by name. ``outside`` is a file that no answer may quote."""
    whole = made_files.docx_file("Whole", ["One sentence."])
    return {
        "bomb.docx": archive({"word/document.xml": b"<a>" + b" " * 400_000_000}),
        "false_size.docx": with_false_size(archive({"word/document.xml": b" " * 400_000_000})),
        "many_parts.docx": archive({"word/document.xml": b"<a/>", **{f"x/{n}": b"" for n in range(10_001)}}),
        "laughs.docx": archive({"word/document.xml": _document(_laughs(), "&a9;")}),
        "entity.docx": archive({"word/document.xml": _document(f'<!ENTITY x SYSTEM "file://{outside}">', "&x;")}),
        "slip.docx": archive({"word/document.xml": _document("", "x"), "../../../../tmp/slipped": b"x"}),
        "laughs.html": _page(_laughs(), "&a9;"),
        "entity.html": _page(f'<!ENTITY x SYSTEM "file://{outside}">', "&x;"),
        "far_cell.xlsx": far_cell(),
        "far_cell_told.xlsx": far_cell('<dimension ref="A1:XFD1048576"/>'),
        "merged.xlsx": sheet(_ROW.format(1, "A1"), '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
        "deep.docx": archive(
            {"word/document.xml": _document("", "</w:t><w:x>" * 50_000 + "</w:x>" * 50_000 + "<w:t>")}
        ),
        "nested_tables.docx": archive({"word/document.xml": _nested_tables()}),
        "deep.odt": odf_of("text", _within("text:list", 50_000)),
        "repeated.odt": odf_of("text", _REPEATED),
        "deep.rst": b"".join(b" " * depth + b"* x\n\n" for depth in range(0, 2_000, 2)),
        "loop.msg": looped(msg_files.msg_of("s", "b", sender=("a", "a@example.com"), to=[("b", "b@example.com")])),
        "bomb.pdf": pdf_bomb(),
        "deep.json": b"[" * 5_000_000,
        "deep.html": b"<div>" * 500_000,
        "locked.pdf": made_files.pdf("Locked", ["Hidden."], password="secret"),
        "locked.docx": with_encrypted_flag(whole),
        "cut.docx": whole[: len(whole) // 2],
        "cut.pdf": made_files.broken_pdf(),
        "a_picture.pdf": made_files.picture(),
        "a_program.docx": b"MZ\x90\0" + bytes(range(256)) * 8,
    }


def archive(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", _TYPES)
        for name, data in members.items():
            made.writestr(name, data)
    return out.getvalue()


def with_false_size(data: bytes) -> bytes:
    """The last member says, here and there, that it inflates to 10 bytes."""
    made = bytearray(data)
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = data.rindex(mark)
        made[start + at : start + at + 4] = (10).to_bytes(4, "little")
    return bytes(made)


def with_encrypted_flag(data: bytes) -> bytes:
    """Every member marked as encrypted in the archive's directory."""
    made, start = bytearray(data), 0
    while (start := data.find(b"PK\x01\x02", start)) >= 0:
        made[start + 8] |= 1
        start += 4
    return bytes(made)


def looped(data: bytes) -> bytes:
    """A compound file whose every sector is followed by the first."""
    made, table = bytearray(data), 512 * (1 + int.from_bytes(data[76:80], "little"))
    made[table : table + 64] = b"\0" * 64
    return bytes(made)


def _within(name: str, times: int) -> str:
    return f"<{name}>" * times + f"</{name}>" * times


def _nested_tables() -> bytes:
    """Two hundred tables, each in two hundred others."""
    inner = "<w:p><w:r><w:t>x</w:t></w:r></w:p>"
    for _ in range(200):
        inner = f"<w:tbl><w:tr><w:tc>{inner}<w:p/></w:tc></w:tr></w:tbl>"
    return f'<w:document xmlns:w="{_WORDS}"><w:body>{inner * 200}</w:body></w:document>'.encode()


def far_cell(dimension: str = "") -> bytes:
    """A sheet whose only cells are its first and its very last: a dense grid of it has 17 thousand million."""
    return sheet(_ROW.format(1, "A1") + _ROW.format(1_048_576, "XFD1048576"), before=dimension)


def sheet(rows: str, after: str = "", *, before: str = "") -> bytes:
    """A workbook of one sheet with these rows, and what stands before and after them in its part."""
    sheets = '<sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets>'
    return archive(
        {
            "_rels/.rels": _relation("officeDocument", "xl/workbook.xml"),
            "xl/_rels/workbook.xml.rels": _relation("worksheet", "worksheets/sheet1.xml"),
            "xl/workbook.xml": f'<workbook xmlns="{_SHEETS}" xmlns:r="{_RELATIONS}">{sheets}</workbook>'.encode(),
            "xl/worksheets/sheet1.xml": (
                f'<worksheet xmlns="{_SHEETS}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'.encode()
            ),
        }
    )


def pdf_bomb() -> bytes:
    """A page whose content inflates to 600 MB, twice packed."""
    packed = zlib.compress(zlib.compress(b"0 0 m " * 100_000_000, 9), 9)
    head = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R>>endobj "
    )
    stream = b"4 0 obj<</Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n" % len(packed)
    return head + stream + packed + b"\nendstream endobj trailer<</Root 1 0 R>>"


def _laughs() -> str:
    chain = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, _LAUGHS))
    return f'<!ENTITY a0 "ha">{chain}'


def _document(declared: str, words: str) -> bytes:
    kind = f"<!DOCTYPE d [{declared}]>" if declared else ""
    body = f"<w:body><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:body>"
    return f'<?xml version="1.0"?>{kind}<w:document xmlns:w="{_WORDS}">{body}</w:document>'.encode()


def _page(declared: str, words: str) -> bytes:
    return f"<!DOCTYPE html [{declared}]><html><body><p>Said: {words}</p></body></html>".encode()


def _relation(kind: str, target: str) -> bytes:
    relation = f'<Relationship Id="r1" Type="{_RELATIONS}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{_PACKAGE}">{relation}</Relationships>'.encode()
