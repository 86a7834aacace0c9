from __future__ import annotations

from actors.ingest.written import PAGE_BREAK, Cell, Written, spread, told_rows


def cells(*texts: str) -> list[Cell]:
    return [Cell(text=text) for text in texts]


def test_a_row_under_a_header_says_its_columns_names() -> None:
    rows = [cells("name", "price"), cells("Lamp", "3"), cells("Oil", "")]
    assert told_rows(rows) == ["name: Lamp; price: 3", "name: Oil"]


def test_a_column_of_row_names_needs_no_name() -> None:
    rows = [cells("", "2024", "2025"), cells("North", "5", "6"), cells("South", "7", "8")]
    assert told_rows(rows) == ["North; 2024: 5; 2025: 6", "South; 2024: 7; 2025: 8"]


def test_a_table_without_a_header_keeps_the_places_of_its_cells() -> None:
    assert told_rows([cells("1", "", "3"), cells("4", "5", "6")]) == ["1 | | 3", "4 | 5 | 6"]


def test_what_a_merged_cell_says_is_said_in_each_row_that_it_covers() -> None:
    rows = [cells("zone", "days"), [Cell(text="north", rows=2), Cell(text="2")], cells("3")]
    assert told_rows(rows) == ["zone: north; days: 2", "zone: north; days: 3"]


def test_cells_that_claim_to_cover_thousands_are_bounded() -> None:
    grid, _ = spread([[Cell(text="x", columns=10**9, rows=10**9), Cell(text="y")], cells("z")])
    assert len(grid) == 2
    assert len(grid[0]) <= 500


def test_pages_begin_where_the_text_says_so() -> None:
    written = Written()
    written.heading("Terms", 1)
    written.paragraph(f"On the first page.{PAGE_BREAK}On the second.")
    written.heading(f"{PAGE_BREAK}Third", 2)
    parsed = written.parsed("x")
    assert [parsed.text[page.start : page.end].split() for page in parsed.pages] == [
        ["#", "Terms", "On", "the", "first", "page."],
        ["On", "the", "second."],
        ["##", "Third"],
    ]
    assert [parsed.text[h.start :].split("\n")[0] for h in parsed.headings] == ["# Terms", "## Third"]


def test_items_stand_close_and_what_follows_apart() -> None:
    written = Written()
    written.item("one", mark="1.")
    written.item(f"{PAGE_BREAK}two", mark="2.")
    written.paragraph("after")
    assert written.parsed("x").text == "1. one\n\n2. two\n\nafter\n\n"
