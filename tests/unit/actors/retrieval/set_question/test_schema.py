"""What the tenant's sources are taken for."""

from __future__ import annotations

from actors.retrieval.set_question.schema import read_schema
from tests.unit.actors.retrieval.set_question.catalogues import ledger, only_orders, shop


def test_orders_products_and_people_are_told_by_their_names() -> None:
    schema = read_schema(shop())
    assert (schema.people, schema.orders, schema.products, schema.lines) == (("client",), ("order",), ("product",), ())
    assert schema.to_person["order"].emails == ("buyer_mail",)
    assert schema.to_product["order"][0].relations == (("article", "product"),)
    assert schema.date_column("order") == "placed_on"


def test_lines_of_orders_lead_from_orders_to_products() -> None:
    schema = read_schema(ledger())
    assert (schema.people, schema.orders, schema.products, schema.lines) == (
        ("buyer",),
        ("purchase",),
        ("item",),
        ("purchase_item",),
    )
    assert schema.to_person["purchase"].keys == (("buyer_id", "buyer"),)
    [way] = [w for w in schema.to_product["purchase"] if w.line]
    assert way.line == ("purchase_item", "purchase_id")
    assert way.relations == (("item_code", "item"),)


def test_a_table_without_a_telling_name_is_orders_where_it_says_who_and_what() -> None:
    schema = read_schema(only_orders())
    assert schema.orders == ("export",)
    assert schema.to_product["export"][0].columns == ("product_name",)
    assert schema.to_person["export"].emails == ("customer_email",)
