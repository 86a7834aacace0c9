from __future__ import annotations

from hostile_files import archive
from office_files import pptx_of

from actors.ingest.parse import parse


def test_a_slide_is_a_page_with_all_that_is_said_on_it() -> None:
    parsed = parse(pptx_of(["Shipping", "Returns"]), "a.pptx")
    assert [(h.level, h.text) for h in parsed.headings] == [(2, "Shipping"), (2, "Returns")]
    first, second = (parsed.text[page.start : page.end] for page in parsed.pages)
    assert "Returns" in second
    assert [line for line in first.split("\n") if line] == [
        "## Shipping",
        "Express costs 5 euros.",
        "- zone: north; days: 2",
        "- zone: north; days: 3",
        "In a group.",
        "Bar chart: Parcels a year",
        "- 2024; Parcels: 120",
        "- 2025; Parcels: 0.3",
        "Notes: Say it slowly.",
    ]
    assert parsed.remarks


def test_slides_are_read_even_where_the_rest_is_broken() -> None:
    slides = {
        f"ppt/slides/slide{number}.xml": (
            f"<a><cSld><spTree><sp><txBody><p><r><t>Tea &amp; {number}</t></r></p></txBody></sp></spTree></cSld></a>"
        ).encode()
        for number in (10, 2)
    }
    data = archive({"ppt/presentation.xml": b"<p", "ppt/slides/slide3.xml": b"<broken", **slides})
    parsed = parse(data, "a.pptx")
    assert parsed.text.split("\n\n")[:2] == ["Tea & 2", "Tea & 10"]


def test_a_hidden_slide_is_left_out() -> None:
    shape = b"<cSld><spTree><sp><txBody><p><r><t>%s</t></r></p></txBody></sp></spTree></cSld>"
    data = archive(
        {
            "ppt/presentation.xml": b"<p/>",
            "ppt/slides/slide1.xml": b"<a show='0'>" + shape % b"Draft" + b"</a>",
            "ppt/slides/slide2.xml": b"<a>" + shape % b"Final" + b"</a>",
        }
    )
    assert parse(data, "a.pptx").text.strip() == "Final"
