from __future__ import annotations

import io
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from actors.ingest import detect
from actors.ingest.parse import parse, title_of
from actors.ingest.parse_table import find_delimiter, table_of
from actors.ingest.parsed import Reference
from runtime.errors import Terminal


def test_the_media_type_is_told_by_content_not_by_the_sender() -> None:
    assert parse(b"# Hi\n\nThere.", "note.md", "application/pdf").media_type == detect.MARKDOWN
    assert detect.detect(b"%PDF-1.4\n...", "harmless.txt") == detect.PDF


@pytest.mark.parametrize("data", [b"", b"  \n\t", b"\0\0\0"])
def test_an_empty_file_is_refused(data: bytes) -> None:
    with pytest.raises(Terminal, match="empty"):
        parse(data, "a.txt")


def test_binary_that_claims_to_be_text_is_refused() -> None:
    with pytest.raises(Terminal, match="not supported"):
        parse(bytes(range(256)) * 20, "a.txt")


def test_an_archive_of_anything_else_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../evil", "x")
    with pytest.raises(Terminal, match="not supported"):
        parse(out.getvalue(), "a.docx")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_text_is_read_in_its_own_encoding(encoding: str) -> None:
    words = "Café Müller — “naïve” prices: 5 €"
    assert parse((words * 3).encode(encoding), "a.txt").text == words * 3


@pytest.mark.parametrize(
    ("words", "encodings"),
    [
        ("返品は三十日以内に承ります。送料は無料です。\n", ["cp932", "mskanji", "euc_jp", "utf-16-le", "utf-16-be"]),
        ("退货须在三十天内提出。运费免费。请联系客服。\n", ["gb18030", "utf-16-le"]),
        ("반품은 삼십 일 이내에 접수합니다. 배송비는 무료입니다.\n", ["cp949", "utf-16-be"]),
        ("Возврат принимается в течение тридцати дней.\n", ["cp1251", "utf-16-le"]),
        ("Rückgaben nehmen wir dreißig Tage lang an.\n", ["latin-1", "cp1252"]),
        ("La devolución se acepta durante treinta días. ¿Dónde está?\n", ["latin-1"]),
        ("Café\n", ["latin-1"]),
        ("Name;Preis\nMüller;4,00\n", ["cp1252"]),
    ],
)
def test_a_text_of_any_country_is_read_in_the_encoding_it_was_saved_in(words: str, encodings: list[str]) -> None:
    for encoding in encodings:
        assert parse((words * 4).encode(encoding), "a.txt").text == words * 4, encoding


def test_words_in_an_older_encoding_are_found_far_from_the_file_s_beginning() -> None:
    text = "plain,words\n" * 20_000 + "品名,価格\n灯油,三百円\n" * 3
    assert parse(text.encode("cp932"), "a.csv").tables[0].rows[-1] == ("灯油", "三百円")


def test_sounds_and_numbers_are_no_text_in_utf_16() -> None:
    wave = b"".join((n * 7919 % 65536).to_bytes(2, "little") for n in range(4000))
    for data in (wave, b"".join(n.to_bytes(2, "little") for n in range(1, 250)) * 8):
        with pytest.raises(Terminal, match="not supported"):
            parse(data, "a.txt")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_is_split_at_its_own_delimiter(delimiter: str) -> None:
    rows = [["name", "note", "price"], ["Lamp", "red, or; blue | grey", "3.50"], ["Oil", "", "1"]]
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)
    assert find_delimiter(text) == delimiter
    table = parse(text.encode(), "stock.csv").tables[0]
    assert [list(row) for row in table.rows] == rows[1:]


def test_a_table_s_rows_are_quoted_whole() -> None:
    parsed = parse(b"name,price\nLamp,3\nOil,\n", "stock.csv")
    spans = [parsed.text[a:b] for a, b in parsed.tables[0].spans]
    assert spans == ["name: Lamp; price: 3", "name: Oil"]


def test_a_header_below_a_title_line_is_found() -> None:
    parsed = parse(b"Stock list 2026,,\n,,\nname,price,unit\nLamp,3,piece\n", "stock.csv")
    assert list(parsed.tables[0].header) == ["name", "price", "unit"]
    assert [parsed.text[a:b] for a, b in parsed.tables[0].note_spans] == ["Stock list 2026"]


def test_a_sheet_that_is_a_form_is_no_table() -> None:
    form = [["Quarter report", ""], ["Revenue", "50,000"], ["Margin", "40%"]]
    made = table_of(form, name="q1", strict=True)
    assert not made.rows
    assert list(made.notes) == ["Quarter report", "Revenue | 50,000", "Margin | 40%"]
    assert table_of([["name", "price"], ["Lamp", "3"]], name="stock", strict=True).rows


def test_headings_inside_code_are_no_headings() -> None:
    parsed = parse(b"# One\n\n```\n# not this\n```\n\nTwo\n---\n\ntext\n", "a.md")
    assert [(h.level, h.text) for h in parsed.headings] == [(1, "One"), (2, "Two")]


def test_a_title_is_made_from_the_file_s_name_where_it_has_none() -> None:
    assert title_of("return_policy-v2.pdf") == "Return policy v2"
    assert title_of("C:\\docs\\Care Guide.docx") == "Care Guide"


def test_a_list_of_records_in_json_is_a_table() -> None:
    text = '[{"id": 1, "name": "Lamp", "size": {"w": 3}}, {"id": 2, "name": "Oil", "tags": ["a", "b"]}]'
    table = parse(text.encode(), "products.json").tables[0]
    assert list(table.header) == ["id", "name", "size.w", "tags"]
    assert list(table.rows[1]) == ["2", "Oil", "", "a; b"]
    assert parse(text[1:-1].replace("}}, ", "}}\n").encode(), "products.ndjson").tables[0].rows == table.rows


@pytest.mark.parametrize("text", ['{"a": 1}', "[1, 2]", "{broken", '"x"', "[" * 100_000])
def test_other_json_is_text(text: str) -> None:
    parsed = parse(text.encode(), "a.json")
    assert parsed.text == text
    assert not parsed.tables


def test_a_database_file_s_tables_are_read_and_nothing_in_it_is_run(tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE orders(id integer primary key, note text, photo blob)")
        database.execute("INSERT INTO orders VALUES (7, 'late', x'00')")
        database.execute("CREATE VIEW evil AS SELECT load_extension('x')")
        database.execute("CREATE TABLE empty(a)")
        database.commit()
    parsed = parse(file.read_bytes(), "shop.db")
    assert [(t.name, [list(r) for r in t.rows]) for t in parsed.tables] == [("orders", [["7", "late", ""]])]
    with pytest.raises(Terminal, match="damaged"):
        parse(file.read_bytes()[:700], "shop.db")


def test_a_page_s_tables_are_told_row_by_row_with_their_columns_names() -> None:
    rows = "<tr><th>name</th><th>price</th></tr><tr><td>Lamp</td><td>3 | 4</td></tr><tr><td>Oil</td><td>1</td></tr>"
    text = parse(f"<html><body><p>Ours:</p><table>{rows}</table><p>End.</p></body></html>".encode(), "a.html").text
    assert [line for line in text.split("\n") if line] == [
        "Ours:",
        "- name: Lamp; price: 3 | 4",
        "- name: Oil; price: 1",
        "End.",
    ]


def test_a_database_file_s_declared_keys_are_told(tmp_path: Path) -> None:
    file = tmp_path / "shop.db"
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE people(nr integer primary key, called text, boss references people)")
        database.execute("CREATE TABLE sales(a, b, who references people(nr), primary key(a, b))")
        database.execute("INSERT INTO people VALUES (1, 'Ada', null), (2, 'Ben', 1)")
        database.execute("INSERT INTO sales VALUES (1, 2, 1)")
        database.commit()
    people, sales = parse(file.read_bytes(), "shop.db").tables
    assert (people.key, sales.key) == ("nr", "")
    assert people.references == [Reference(column="boss", to_table="people", to_column="nr")]
    assert sales.references == [Reference(column="who", to_table="people", to_column="nr")]
