"""Catalogues as ingestion writes them, for planning without a store."""

from __future__ import annotations

from collections.abc import Sequence

from actors.ports import Catalogue, Column, ColumnKind, EntityType, Join


def column(name: str, kind: ColumnKind = "text", *, unique: bool = False, samples: Sequence[str] = ()) -> Column:
    return Column(name=name, kind=kind, unique=unique, filled=1.0, distinct=len(samples) or 100, samples=tuple(samples))


def source(name: str, *columns: Column, key: str | None = None, label: str | None = None) -> EntityType:
    return EntityType(name=name, document_id=f"d_{name}", version=1, columns=columns, key=key, label=label, rows=100)


def join(from_type: str, column: str, to_type: str, to_column: str) -> Join:
    return Join(from_type=from_type, from_column=column, to_type=to_type, to_column=to_column, relation=column)


MAIL = source(
    "mail",
    column("message_id", unique=True),
    column("from", "email"),
    column("from_name"),
    column("to", "email"),
    column("subject"),
    column("date", "date"),
    column("body"),
    key="message_id",
    label="subject",
)
FROM = join("mail", "from", "person", "email")


def shop() -> Catalogue:
    """Orders of one product each, customers and products."""
    return Catalogue(
        types=[
            MAIL,
            source(
                "order",
                column("order_no", unique=True),
                column("buyer_mail", "email"),
                column("placed_on", "date"),
                column("delivered_on", "date"),
                column("article"),
                column("status", samples=["open", "shipped", "cancelled"]),
                key="order_no",
            ),
            source(
                "product",
                column("sku", unique=True),
                column("title"),
                column("price", "number"),
                key="sku",
                label="title",
            ),
            source(
                "client",
                column("name"),
                column("email", "email", unique=True),
                column("city"),
                key="email",
                label="name",
            ),
        ],
        joins=[
            FROM,
            join("order", "buyer_mail", "person", "email"),
            join("order", "buyer_mail", "client", "email"),
            join("order", "article", "product", "sku"),
            join("client", "email", "person", "email"),
        ],
    )


def ledger() -> Catalogue:
    """Purchases with lines in a table of their own; customers by a number; nothing is called order or product."""
    return Catalogue(
        types=[
            MAIL,
            source(
                "buyer",
                column("id", "number", unique=True),
                column("full_name"),
                column("mail", "email", unique=True),
                key="id",
                label="full_name",
            ),
            source(
                "purchase",
                column("id", "number", unique=True),
                column("buyer_id", "number"),
                column("date", "date"),
                key="id",
            ),
            source("purchase_item", column("purchase_id", "number"), column("item_code"), column("quantity", "number")),
            source(
                "item", column("code", unique=True), column("name"), column("price", "number"), key="code", label="name"
            ),
        ],
        joins=[
            FROM,
            join("buyer", "mail", "person", "email"),
            join("purchase", "buyer_id", "buyer", "id"),
            join("purchase_item", "purchase_id", "purchase", "id"),
            join("purchase_item", "item_code", "item", "code"),
        ],
    )


def only_orders() -> Catalogue:
    """One exported table that says who and what; its name says nothing."""
    return Catalogue(
        types=[
            MAIL,
            source(
                "export",
                column("ref"),
                column("customer"),
                column("customer_email", "email"),
                column("product_name"),
                column("day", "date"),
            ),
        ],
        joins=[FROM, join("export", "customer_email", "person", "email")],
    )
