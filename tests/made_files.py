"""Files of every kind that ingestion reads, made from a few words; and files that it must refuse."""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Mapping, Sequence
from email.message import EmailMessage

import docx
import fpdf


def pdf(title: str, paragraphs: Sequence[str], *, password: str = "") -> bytes:
    made = fpdf.FPDF()
    made.set_title(title)
    made.add_page()
    made.set_font("Helvetica", size=16)
    made.multi_cell(0, 10, title, new_x="LMARGIN", new_y="NEXT")
    made.set_font("Helvetica", size=11)
    for paragraph in paragraphs:
        made.multi_cell(0, 6, paragraph, new_x="LMARGIN", new_y="NEXT")
    if password:
        made.set_encryption(owner_password=password, user_password=password)
    return bytes(made.output())


def pdf_table(rows: Sequence[Sequence[str]], *, lines: bool = True) -> bytes:
    """A table over as many pages as it needs, its header on the first alone."""
    made = fpdf.FPDF()
    made.add_page()
    made.set_font("Helvetica", size=11)
    made.multi_cell(0, 10, "Our prices", new_x="LMARGIN", new_y="NEXT")
    with made.table(borders_layout="ALL" if lines else "NONE", repeat_headings=0) as table:
        for cells in rows:
            row = table.row()
            for cell in cells:
                row.cell(cell)
    made.multi_cell(0, 10, "Prices include taxes.", new_x="LMARGIN", new_y="NEXT")
    return bytes(made.output())


def pdf_columns(paragraphs: Sequence[str]) -> bytes:
    """Two columns of text under a title across the page."""
    made = fpdf.FPDF()
    made.add_page()
    made.set_font("Helvetica", size=11)
    made.multi_cell(0, 10, "Our story", new_x="LMARGIN", new_y="NEXT")
    with made.text_columns(ncols=2, gutter=10, text_align="J") as columns:
        for paragraph in paragraphs:
            columns.write(paragraph + "\n\n")
    return bytes(made.output())


def docx_file(title: str, paragraphs: Sequence[str]) -> bytes:
    made, out = docx.Document(), io.BytesIO()
    made.add_heading(title, 1)
    for paragraph in paragraphs:
        made.add_paragraph(paragraph)
    made.save(out)
    return out.getvalue()


def html(title: str, paragraphs: Sequence[str]) -> bytes:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    head = f'<head><meta charset="utf-8"><title>{title}</title></head>'
    return f"<!doctype html><html>{head}<body><h1>{title}</h1>{body}</body></html>".encode()


def markdown(title: str, paragraphs: Sequence[str]) -> bytes:
    return "\n\n".join([f"# {title}", *paragraphs, ""]).encode()


def text(title: str, paragraphs: Sequence[str]) -> bytes:
    return "\n\n".join([title, *paragraphs, ""]).encode()


def table(rows: Sequence[Mapping[str, str]]) -> bytes:
    """CSV with the first row's keys as its header."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def mail(subject: str, paragraphs: Sequence[str], *, sender: str, to: str) -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Date"] = "Fri, 09 Oct 2026 10:11:00 +0200"
    made["Message-ID"] = f"<{zlib.crc32((subject + sender).encode())}@example.com>"
    made.set_content("\n\n".join(paragraphs))
    return bytes(made)


def broken_pdf() -> bytes:
    """The beginning of a PDF, the rest lost."""
    return pdf("Lost", ["This sentence is never read."])[:300]


def broken_docx() -> bytes:
    """An archive that ends in the middle."""
    whole = docx_file("Lost", ["This sentence is never read."])
    return whole[: len(whole) // 2]


def picture() -> bytes:
    """A PNG (1 pixel)."""
    head = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde"
    return head + b"\x00\x00\x00\x0cIDATx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef" + b"\0" * 64
