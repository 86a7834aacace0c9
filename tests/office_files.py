"""Office files with everything in them that a reader may miss: merged cells, charts, notes, comments, text boxes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence

import docx
import pptx
import xlsxwriter
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_SPACES = (
    " ".join(f'xmlns:{name}="{_ODF}{name}:1.0"' for name in ("office", "text", "table", "style", "presentation"))
    + f' xmlns:draw="{_ODF}drawing:1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def docx_of(*blocks: str, header: str = "", comment: str = "") -> bytes:
    """A DOCX whose body is these blocks of WordprocessingML, after one paragraph where ``comment`` is made."""
    made, out = docx.Document(), io.BytesIO()
    made.sections[0].header.paragraphs[0].text = header
    if comment:
        run = made.add_paragraph("Commented.").runs[0]
        made.add_comment(runs=run, text=comment, author="Jo")
    for block in blocks:
        made.element.body.insert(len(made.element.body) - 1, parse_xml(_with_names(block)))
    made.save(out)
    return out.getvalue()


def pptx_of(slides: Sequence[str]) -> bytes:
    """Slides by their titles, with a body whose words are dressed halfway, a merged table, a group, notes, a chart."""
    made, out = pptx.Presentation(), io.BytesIO()
    for title in slides:
        slide = made.slides.add_slide(made.slide_layouts[1])
        slide.shapes.title.text = title
        line = slide.placeholders[1].text_frame.paragraphs[0]
        line.add_run().text = "Ex"
        line.runs[0].font.bold = True
        line.add_run().text = "press costs 5 euros."
        table = slide.shapes.add_table(3, 2, 0, 0, Inches(4), Inches(1)).table
        for row, cells in enumerate((("zone", "days"), ("north", "2"), ("", "3"))):
            for column, text in enumerate(cells):
                table.cell(row, column).text = text
        table.cell(1, 0).merge(table.cell(2, 0))
        group = slide.shapes.add_group_shape()
        group.shapes.add_textbox(0, 0, Inches(1), Inches(1)).text_frame.text = "In a group."
        slide.notes_slide.notes_text_frame.text = "Say it slowly."
        data = CategoryChartData()
        data.categories = ["2024", "2025"]
        data.add_series("Parcels", (120, 0.1 + 0.2))
        chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, Inches(3), Inches(3), data).chart
        chart.has_title = True
        chart.chart_title.text_frame.text = "Parcels a year"
    made.save(out)
    return out.getvalue()


def xlsx_of(sheets: Mapping[str, Sequence[Sequence[object]]], **extras: object) -> bytes:
    """Sheets of rows from cell A1. ``merged`` has ranges with their text, ``comments`` and ``hidden`` are by sheet."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if value != "":
                    sheet.write(number, column, value)
        for place, text in dict(extras.get("merged", {})).items():  # type: ignore[call-overload]
            sheet.merge_range(place, text)
        for place, text in dict(extras.get("comments", {})).items():  # type: ignore[call-overload]
            sheet.write_comment(place, text, {"author": "Jo"})
        if extras.get("chart"):
            chart = book.add_chart({"type": "bar"})
            chart.add_series({"name": "Sold", "categories": f"={name}!$A$2:$A$3", "values": f"={name}!$B$2:$B$3"})
            chart.set_title({"name": extras["chart"]})
            sheet.insert_chart("H1", chart)
        if extras.get("hidden") == name:
            sheet.hide()
    book.close()
    return out.getvalue()


def odf_of(kind: str, body: str, *, styles: str = "") -> bytes:
    """An ODT (``kind`` text) or ODP (presentation) with this body."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        made.writestr(
            "content.xml",
            f"<office:document-content {_SPACES}><office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>",
        )
    return out.getvalue()


def _with_names(block: str) -> str:
    names = (
        f'{nsdecls("w", "r", "a", "wp", "m")} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
        'xmlns:v="urn:schemas-microsoft-com:vml"'
    )
    head, rest = block.split(">", 1) if "/>" not in block.split(">", 1)[0] + ">" else (block[:-2], "/>")
    return f"{head} {names}>{rest}"
