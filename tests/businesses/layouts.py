"""How a business keeps its tables: file names, column names, joins, separators and dates."""

# ruff: noqa: E501
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A CSV file. ``columns``: role → header; a role that is absent has no column."""

    file: str
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Roles of ``orders``: order, date, buyer, buyer_name, product, quantity, amount, status, city.

    ``buyer`` holds the e-mail address, or the customer's number where ``buyer_is_number``. ``product`` holds the full
    name, or the catalogue's code where ``product_is_code``. With ``items`` the products stand there, by order.
    """

    orders: Table
    catalogue: Table  # roles: code, name, category, price, stock
    items: Table | None = None  # roles: order, product, quantity, price
    customers: Table | None = None  # roles: number, name, first, last, email, city, phone
    buyer_is_number: bool = False
    product_is_code: bool = False
    delimiter: str = ","
    decimal_comma: bool = False
    date_format: str = "%Y-%m-%d"
    encoding: str = "utf-8"
    newline: str = "\n"
    order_number: str = "{n}"
    code: str = "{n}"
    customer_number: str = "C{n:03d}"
    mail_folder: str = "mail"
    mail_name: str = "{n:04d}.eml"


LAYOUTS: tuple[Layout, ...] = (
    Layout(
        orders=Table(file="orders.csv", columns={
            "order": "order_id", "date": "order_date", "buyer": "customer_email", "product": "product",
            "quantity": "quantity", "amount": "total", "status": "status"}),
        catalogue=Table(file="products.csv", columns={
            "code": "sku", "name": "name", "category": "category", "price": "price", "stock": "stock"}),
        customers=Table(file="customers.csv", columns={
            "number": "customer_id", "name": "name", "email": "email", "city": "city"}),
        order_number="A-{n}", code="SKU{n:03d}",
    ),
    Layout(
        orders=Table(file="purchases.csv", columns={
            "date": "purchased_on", "buyer": "buyer", "product": "item_code", "quantity": "qty", "amount": "paid",
            "order": "purchase_ref"}),
        catalogue=Table(file="catalogue.csv", columns={
            "code": "item_code", "name": "item", "price": "unit_price", "category": "department"}),
        product_is_code=True, delimiter=";", decimal_comma=True, date_format="%d/%m/%Y", order_number="P{n}",
        code="{n:05d}X", mail_folder="inbox", mail_name="msg-{n}.eml",
    ),
    Layout(
        orders=Table(file="sales_{year}.csv", columns={
            "order": "sale_no", "date": "sold_on", "buyer": "contact_mail", "buyer_name": "client", "product": "article",
            "quantity": "pieces", "amount": "sum", "city": "town"}),
        catalogue=Table(file="price_list.csv", columns={"name": "article", "price": "price", "category": "group"}),
        date_format="%d.%m.%Y", delimiter=";", encoding="utf-8-sig", order_number="S-{n}",
        mail_folder="correspondence", mail_name="{date}_{n}.eml",
    ),
    Layout(
        orders=Table(file="order_headers.csv", columns={
            "order": "order_no", "date": "placed", "buyer": "client_email", "amount": "grand_total", "status": "state"}),
        items=Table(file="order_items.csv", columns={
            "order": "order_no", "product": "sku", "quantity": "units", "price": "price_each"}),
        catalogue=Table(file="stock_list.csv", columns={
            "code": "sku", "name": "title", "stock": "on_hand", "price": "retail_price"}),
        product_is_code=True, order_number="{n}", code="K-{n:02d}-{n:02d}",
    ),
    Layout(
        orders=Table(file="orders.csv", columns={
            "order": "id", "buyer": "customer_id", "date": "created", "product": "product_name", "quantity": "count",
            "amount": "value", "status": "stage"}),
        customers=Table(file="clients.csv", columns={
            "number": "customer_id", "name": "full_name", "email": "email_address", "phone": "telephone",
            "city": "city"}),
        catalogue=Table(file="products.csv", columns={
            "name": "product_name", "price": "price", "category": "kind", "code": "code"}),
        buyer_is_number=True, order_number="{n}", code="{n:04d}", customer_number="{n}", mail_folder="customer mail",
    ),
    Layout(
        orders=Table(file="order_history.csv", columns={
            "order": "Invoice", "date": "Date", "buyer": "E-mail", "buyer_name": "Name", "product": "Product",
            "quantity": "Qty", "amount": "Amount"}),
        catalogue=Table(file="Price list.csv", columns={"code": "Article no", "name": "Product", "price": "Price"}),
        date_format="%d %b %Y", order_number="INV{n}", code="{n}-B", newline="\r\n", mail_folder="mails",
        mail_name="mail {n}.eml",
    ),
    Layout(
        orders=Table(file="bookings.csv", columns={
            "order": "booking", "date": "day", "buyer": "ordered_by", "status": "status", "city": "ship_to_city"}),
        items=Table(file="booking_lines.csv", columns={
            "order": "booking", "product": "article_name", "quantity": "number", "price": "line_price"}),
        catalogue=Table(file="articles.csv", columns={
            "code": "article_code", "name": "article_name", "category": "section", "price": "price", "stock": "stock"}),
        customers=Table(file="people.csv", columns={
            "name": "name", "email": "mail", "phone": "phone", "city": "home_city"}),
        date_format="%d-%m-%Y", order_number="B/{n}", code="AR{n:04d}",
    ),
    Layout(
        orders=Table(file="web_orders.csv", columns={
            "order": "order_number", "date": "order_date", "buyer": "buyer_email", "product": "product_code",
            "quantity": "qty", "amount": "line_total", "status": "fulfilment"}),
        customers=Table(file="accounts.csv", columns={
            "number": "account", "first": "first_name", "last": "last_name", "email": "email", "city": "city"}),
        catalogue=Table(file="assortment.csv", columns={
            "code": "product_code", "name": "description", "price": "price_eur", "category": "category"}),
        product_is_code=True, order_number="W{n}", code="{n:03d}-{n:03d}", mail_folder="post/in",
        mail_name="{date} {n}.eml",
    ),
    Layout(
        orders=Table(file="transactions.csv", columns={
            "order": "receipt", "date": "timestamp", "buyer": "member", "product": "goods", "quantity": "amount",
            "amount": "gross"}),
        customers=Table(file="members.csv", columns={
            "number": "member", "name": "member_name", "email": "e_mail", "city": "place"}),
        catalogue=Table(file="goods.csv", columns={"code": "nr", "name": "goods", "price": "price", "stock": "left"}),
        buyer_is_number=True, date_format="%Y-%m-%d %H:%M", delimiter=";", order_number="R-{n}", code="{n}",
        customer_number="M-10{n:02d}",
    ),
    Layout(
        orders=Table(file="shop_orders.csv", columns={
            "order": "ref", "date": "date", "buyer": "customer", "amount": "total", "status": "status"}),
        items=Table(file="shop_order_lines.csv", columns={
            "order": "order_ref", "product": "product_ref", "quantity": "quantity"}),
        catalogue=Table(file="shop_products.csv", columns={
            "code": "ref", "name": "label", "category": "family", "price": "price"}),
        product_is_code=True, date_format="%d/%m/%Y", order_number="ORD-{n}", code="PRD-{n}", mail_folder="support",
        mail_name="ticket_{n}.eml",
    ),
)  # fmt: skip
