from __future__ import annotations

import pytest

from actors.ingest.parse import parse
from actors.ingest.tables import TypedTable, column_name, type_name, typed_tables


def table(text: str, filename: str) -> TypedTable:
    return typed_tables(parse(text.encode(), filename), document_id="d", version=1)[0]


@pytest.mark.parametrize(
    ("name", "type"),
    [
        ("orders_2026", "order"),
        ("Customers (final)", "customer"),
        ("product-catalogue", "product"),
        ("OrderItems", "order_item"),
        ("categories", "category"),
        ("Boxes", "box"),
        ("2026-10", "invoice"),
        ("export_v2", "invoice"),
    ],
)
def test_a_row_is_called_what_its_file_is_called(name: str, type: str) -> None:
    assert type_name(name, ["invoice_id"]) == type


@pytest.mark.parametrize(
    ("header", "name"), [("Customer E-mail", "customer_email"), ("orderDate", "order_date"), ("Price (€)", "price")]
)
def test_columns_have_plain_names(header: str, name: str) -> None:
    assert column_name(header) == name


def test_the_declared_identifier_of_the_type_is_its_key() -> None:
    made = table("name,sku,order_id\na,S1,7\nb,S2,8\n", "orders.csv")
    assert made.type.key == "order_id"
    assert [row.key for row in made.rows] == ["7", "8"]
    assert made.type.label == "name"


def test_without_an_identifier_a_row_is_known_by_its_cells() -> None:
    text = "city,qty\nRome,1\nRome,1\nOslo,2\n"
    one, two = table(text, "sales.csv"), table(text, "sales.csv")
    assert one.type.key is None
    assert [row.key for row in one.rows] == [row.key for row in two.rows]
    assert len({row.key for row in one.rows}) == 3  # equal rows stay two rows


def test_a_name_that_repeats_names_something_else() -> None:
    made = table("invoice,name,product\nI-1,Ann,Lamp\nI-1,Ann,Oil\nI-2,Ann,Wick\nI-3,Bo,Lamp\n", "order_history.csv")
    assert made.type.label is None


def test_the_only_column_that_reads_like_names_is_the_label() -> None:
    made = table("nr,goods,left,phone\n1,Brass Lamp,3,+49 1\n2,Lamp Oil,4,+49 2\n", "stock.csv")
    assert (made.type.key, made.type.label) == ("nr", "goods")


def test_lines_of_an_order_are_called_by_the_order() -> None:
    made = table("order_id,product\nA-1,Lamp\nA-1,Oil\nA-2,Lamp\n", "orders.csv")
    assert [row.label for row in made.rows] == ["A-1", "A-1", "A-2"]


def test_what_a_column_holds_is_told() -> None:
    made = table("id,paid,when\n1,yes,2026-01-02\n2,,2026-01-03\n", "bills.csv")
    paid = made.type.columns[1]
    assert (paid.kind, paid.filled, paid.distinct, paid.unique, paid.samples) == ("boolean", 0.5, 1, True, ("yes",))
    assert made.rows[1].cells == {"id": 2, "when": "2026-01-03"}


def test_a_mail_is_a_row_of_its_own() -> None:
    raw = b"From: Ann <ann@x.co>\nSubject: Late\nDate: Fri, 9 Oct 2026 10:00:00 +0000\nMessage-ID: <7@x>\n\nHi."
    made = typed_tables(parse(raw, "m.eml"), document_id="d", version=1)[0]
    assert made.type.name == "mail"
    assert made.rows[0].key == "7@x"
    assert made.rows[0].cells["from_name"] == "Ann"
    assert made.rows[0].cells["date"] == "2026-10-09"
    assert made.rows[0].cells["body"] == "Hi."


def test_first_and_last_name_make_a_name() -> None:
    made = table("client_no,First name,Surname\n1,Ann,Lee\n2,Bo,Ray\n3,Ann,Ray\n", "clients.csv")
    assert made.type.label == "name"
    assert [row.label for row in made.rows] == ["Ann Lee", "Bo Ray", "Ann Ray"]
    assert made.rows[0].cells["name"] == "Ann Lee"
