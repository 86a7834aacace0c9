from __future__ import annotations

from office_files import odf_of

from actors.ingest.parse import parse

_NUMBERED = (
    '<text:list-style style:name="L1"><text:list-level-style-number text:level="1" style:num-format="1"/>'
    '<text:list-level-style-bullet text:level="2"/></text:list-style>'
)


def test_headings_lists_and_dressed_words() -> None:
    body = (
        '<text:h text:outline-level="2">Ship<text:span>ping</text:span></text:h>'
        "<text:p>Two<text:s/>days<text:line-break/>at most.</text:p>"
        '<text:list text:style-name="L1"><text:list-item><text:p>pack</text:p>'
        "<text:list><text:list-item><text:p>with care</text:p></text:list-item></text:list></text:list-item>"
        "<text:list-item><text:p>send</text:p></text:list-item></text:list>"
    )
    text = parse(odf_of("text", body, styles=_NUMBERED), "a.odt").text
    assert text.strip() == "## Shipping\n\nTwo days\nat most.\n\n1. pack\n  - with care\n2. send"


def test_tables_with_merged_and_nested_ones_keep_every_cell() -> None:
    def cell(text: str, dress: str = "") -> str:
        return f"<table:table-cell {dress}><text:p>{text}</text:p></table:table-cell>"

    inner = f"<table:table><table:table-row>{cell('a')}{cell('b')}</table:table-row></table:table>"
    rows = (
        cell("zone") + cell("days"),
        cell("north", 'table:number-rows-spanned="2"') + cell("2"),
        f"<table:covered-table-cell/><table:table-cell>{inner}</table:table-cell>",
    )
    table = "<table:table>" + "".join(f"<table:table-row>{row}</table:table-row>" for row in rows) + "</table:table>"
    text = parse(odf_of("text", table), "a.odt").text
    assert text.strip().split("\n") == ["- zone: north; days: 2", "- zone: north; days: a; b"]


def test_notes_comments_and_text_boxes_follow_their_paragraph_and_deleted_words_are_left_out() -> None:
    body = (
        "<text:tracked-changes><text:p>gone</text:p></text:tracked-changes>"
        "<text:p>Free<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Over 50 euros."
        "</text:p></text:note-body></text:note> of charge<office:annotation><dc:creator>Jo</dc:creator>"
        "<dc:date>2026-10-01T08:00:00</dc:date><text:p>Still so?</text:p></office:annotation>.<draw:frame>"
        "<draw:text-box><text:p>In a box.</text:p></draw:text-box></draw:frame></text:p>"
    )
    parsed = parse(odf_of("text", body), "a.odt")
    told = parsed.text.strip().split("\n\n")
    assert told == ["Free of charge.", "Over 50 euros.", "Comment (Jo, 2026-10-01): Still so?", "In a box."]
    assert parsed.remarks


def test_a_presentation_s_slides_are_pages() -> None:
    def slide(title: str) -> str:
        return (
            f'<draw:page><draw:frame presentation:class="title"><draw:text-box><text:p>{title}</text:p>'
            "</draw:text-box></draw:frame><draw:frame><draw:text-box><text:p>Body.</text:p></draw:text-box></draw:frame>"
            '<presentation:notes><draw:frame presentation:class="notes"><draw:text-box><text:p>Slowly.</text:p>'
            "</draw:text-box></draw:frame></presentation:notes></draw:page>"
        )

    parsed = parse(odf_of("presentation", slide("One") + slide("Two")), "a.odp")
    assert [parsed.text[page.start : page.end].split("\n\n")[:3] for page in parsed.pages] == [
        ["## One", "Body.", "Notes: Slowly."],
        ["## Two", "Body.", "Notes: Slowly."],
    ]
    assert parsed.remarks
