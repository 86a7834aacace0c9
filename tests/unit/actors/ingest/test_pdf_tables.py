from __future__ import annotations

import fpdf
import made_files
import pytest

from actors.ingest.parse import parse
from actors.ingest.pdf_tables import PdfTable, pdf_pages, told_page
from runtime.errors import Terminal

_ROWS = [("Product", "Unit price", "Sent within"), *((f"Lamp {n}", f"{n}.50 euros", f"{n} days") for n in range(1, 61))]


@pytest.mark.parametrize("lines", [True, False])
def test_every_row_of_a_table_is_told_under_its_columns_names_on_every_page(lines: bool) -> None:
    parsed = parse(made_files.pdf_table(_ROWS, lines=lines), "prices.pdf")
    assert len(parsed.pages) > 1
    told = [line for line in parsed.text.split("\n") if line]
    assert told == [
        "Our prices",
        *(f"- Product: Lamp {n}; Unit price: {n}.50 euros; Sent within: {n} days" for n in range(1, 61)),
        "Prices include taxes.",
    ]


def test_columns_of_prose_are_read_one_after_the_other_and_are_no_table() -> None:
    told = [f"In the year {1900 + n} our shop sold {n} lamps to people of this town and of others." for n in range(30)]
    parsed = parse(made_files.pdf_columns(told), "story.pdf")
    assert [line for line in parsed.text.split("\n") if line] == ["Our story", *told]


def test_a_table_without_a_header_keeps_its_rows_and_cells_apart() -> None:
    rows = [(f"{n}", f"{n * 2}", f"{n * 3}") for n in range(1, 8)]
    lines = parse(made_files.pdf_table(rows), "numbers.pdf").text.split("\n")
    assert [line for line in lines if line.startswith("-")] == [f"- {' | '.join(row)}" for row in rows]


def test_a_page_whose_letters_are_not_the_table_s_is_left_as_it_is() -> None:
    table = PdfTable(letters="namepriceLamp3", told=["name: Lamp; price: 3"])
    assert told_page("name price\nLamp 4\n", [table]) == "name price\nLamp 4\n"
    assert told_page("x name\nprice\n\nLamp 3\ny", [table]) == "x \n- name: Lamp; price: 3\n\ny"


def test_a_word_that_a_line_breaks_is_whole() -> None:
    made = fpdf.FPDF()
    made.add_page()
    made.set_font("Helvetica", size=11)
    for line in (
        "Every parcel is insured by us, and an insur-",
        "ance of your own is not needed for any of the",
        "goods here.",
    ):
        made.cell(0, 6, line, new_x="LMARGIN", new_y="NEXT")
    assert "insurance of your own" in parse(bytes(made.output()), "a.pdf").text


def test_a_broken_file_is_refused() -> None:
    with pytest.raises(Terminal, match="damaged"):
        pdf_pages(b"%PDF-1.4")
