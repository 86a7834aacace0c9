from __future__ import annotations

import pytest
from hostile_files import archive
from office_files import docx_of

from actors.ingest.parse import parse
from actors.ingest.parsed import Parsed
from runtime.errors import Terminal


def read(*blocks: str, header: str = "", comment: str = "") -> Parsed:
    return parse(docx_of(*blocks, header=header, comment=comment), "a.docx")


def test_words_whose_letters_are_dressed_differently_stay_whole() -> None:
    runs = "<w:r><w:t>S</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>ome</w:t></w:r><w:r><w:t> words*</w:t></w:r>"
    assert read(f"<w:p>{runs}</w:p>").text.strip() == "Some words*"


def test_what_was_deleted_or_is_hidden_is_left_out_and_what_was_inserted_is_read() -> None:
    tracked = (
        '<w:p><w:r><w:t>Now </w:t></w:r><w:ins w:id="1"><w:r><w:t>free.</w:t></w:r></w:ins>'
        '<w:del w:id="2"><w:r><w:delText>5 euros.</w:delText></w:r></w:del>'
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r></w:p>"
    )
    assert read(tracked).text.strip() == "Now free."


def test_a_text_box_is_read_once_after_its_paragraph() -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>In a box.</w:t></w:r></w:p></w:txbxContent>"
    both = (
        f'<mc:AlternateContent><mc:Choice Requires="wps"><w:drawing>{box}</w:drawing></mc:Choice>'
        f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent>"
    )
    assert read(f"<w:p><w:r><w:t>Before.</w:t></w:r><w:r>{both}</w:r></w:p>").text.split("\n\n")[:2] == [
        "Before.",
        "In a box.",
    ]


def test_lists_have_their_numbers_and_marks() -> None:
    def item(text: str, style: str) -> str:
        return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>'

    text = read(item("first", "ListNumber"), item("second", "ListNumber"), item("loose", "ListBullet")).text
    assert text.strip() == "1. first\n2. second\n- loose"


def test_a_heading_is_told_by_its_style() -> None:
    block = '<w:p><w:pPr><w:pStyle w:val="Heading2"/></w:pPr><w:r><w:t>Returns</w:t></w:r></w:p>'
    assert [(h.level, h.text) for h in read(block).headings] == [(2, "Returns")]


def test_merged_cells_nested_tables_and_empty_ones() -> None:
    def cell(text: str, dress: str = "") -> str:
        return f"<w:tc><w:tcPr>{dress}</w:tcPr><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>"

    begins, goes_on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    inner = f"<w:tbl><w:tr>{cell('a')}{cell('b')}</w:tr></w:tbl>"
    rows = (
        cell("zone") + cell("days") + cell("note"),
        cell("north", begins) + cell("2") + f"<w:tc>{inner}<w:p/></w:tc>",
        cell("", goes_on) + cell("3", '<w:gridSpan w:val="2"/>'),
    )
    table = "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in rows) + "</w:tbl>"
    assert read(table).text.strip().split("\n") == [
        "- zone: north; days: 2; note: a; b",
        "- zone: north; days: 3; note: 3",
    ]


def test_headers_and_comments_are_read() -> None:
    parsed = read(header="Edition 7", comment="Check this.")
    text = parsed.text
    assert text.startswith("Edition 7")
    assert "Comment (Jo, " in text
    assert "Check this." in text
    assert parsed.remarks
    assert not read(header="Edition 7").remarks


def test_pages_are_the_ones_that_were_last_seen() -> None:
    first = "<w:p><w:r><w:t>One.</w:t><w:br w:type='page'/></w:r></w:p>"
    second = "<w:p><w:r><w:lastRenderedPageBreak/><w:t>Two.</w:t></w:r></w:p>"
    parsed = read(first, second)
    assert [parsed.text[page.start : page.end].strip() for page in parsed.pages] == ["One.", "Two."]


def test_a_formula_is_one_readable_line() -> None:
    def run(text: str) -> str:
        return f"<m:r><m:t>{text}</m:t></m:r>"

    square = f"<m:sSup><m:e>{run('r')}</m:e><m:sup>{run('2')}</m:sup></m:sSup>"
    half = f"<m:f><m:num>{run('a+b')}</m:num><m:den>{run('2')}</m:den></m:f>"
    assert "A=r^2 (a+b)/2" in " ".join(
        read(f"<w:p><m:oMath>{run('A=')}{square}</m:oMath><m:oMath>{half}</m:oMath></w:p>").text.split()
    )


def test_a_part_that_declares_entities_is_refused_whatever_its_name() -> None:
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        'Target="word/document.bin"/></Relationships>'
    )
    bomb = b'<!DOCTYPE d [<!ENTITY a "aaaa">]><d><body><p><r><t>&a;</t></r></p></body></d>'
    data = archive({"_rels/.rels": relation.encode(), "word/document.bin": bomb, "word/document.xml": b"<d/>"})
    with pytest.raises(Terminal, match="entities"):
        parse(data, "a.docx")


def test_a_document_cut_in_the_middle_of_its_text_is_refused() -> None:
    data = archive({"word/document.xml": b"<d><body><p><r><t>half"})
    with pytest.raises(Terminal, match="damaged"):
        parse(data, "a.docx")
