"""Writes a business's tables as one layout wants them."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from businesses.layouts import Layout, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    code: str
    name: str
    category: str
    price: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    number: str
    first: str
    last: str
    email: str
    city: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    number: str
    day: date
    buyer: Person
    items: tuple[tuple[Product, int], ...]
    status: str


def write_tables(
    folder: Path,
    layout: Layout,
    rng: random.Random,
    products: Sequence[Product],
    people: Sequence[Person],
    orders: Sequence[Order],
) -> list[Path]:
    """Write orders, catalogue and, where the layout has them, order items and customers."""
    writer = _Writer(folder, layout, rng)
    order_rows, item_rows = [], []
    for order in orders:
        head = _order_cells(layout, order)
        if layout.items:
            order_rows.append(head | {"amount": writer.money(sum(p.price * n for p, n in order.items))})
        for product, quantity in order.items:
            line = {
                "order": order.number,
                "product": product.code if layout.product_is_code else product.name,
                "quantity": str(quantity),
                "price": writer.money(product.price),
                "amount": writer.money(product.price * quantity),
            }
            item_rows.append(line if layout.items else head | line)
    paths = [writer.write(layout.orders, order_rows or item_rows, {"year": str(orders[-1].day.year)})]
    if layout.items:
        paths.append(writer.write(layout.items, item_rows))
    goods = [
        {
            "code": p.code,
            "name": p.name,
            "category": p.category,
            "price": writer.money(p.price),
            "stock": str(7 + n * 3),
        }
        for n, p in enumerate(products)
    ]
    paths.append(writer.write(layout.catalogue, goods))
    if layout.customers:
        paths.append(writer.write(layout.customers, [_person_cells(n, p) for n, p in enumerate(people)]))
    return paths


def _order_cells(layout: Layout, order: Order) -> dict[str, str]:
    moment = datetime.combine(order.day, time(10 + order.day.day % 9, order.day.day))
    return {
        "order": order.number,
        "date": moment.strftime(layout.date_format),
        "buyer": order.buyer.number if layout.buyer_is_number else order.buyer.email,
        "buyer_name": order.buyer.name,
        "status": order.status,
        "city": order.buyer.city,
    }


def _person_cells(n: int, person: Person) -> dict[str, str]:
    return {
        "number": person.number,
        "name": person.name,
        "first": person.first,
        "last": person.last,
        "email": person.email,
        "city": person.city,
        "phone": f"0{300 + n * 7} {551000 + n * 137}",
    }


class _Writer:
    """One business's hand: its separator, its decimals, and an order of columns that varies by seed."""

    def __init__(self, folder: Path, layout: Layout, rng: random.Random) -> None:
        self._folder = folder
        self._layout = layout
        self._rng = rng

    def money(self, amount: float) -> str:
        text = f"{amount:.2f}"
        return text.replace(".", ",") if self._layout.decimal_comma else text

    def write(self, table: Table, rows: Sequence[Mapping[str, str]], names: Mapping[str, str] | None = None) -> Path:
        roles = list(table.columns)
        self._rng.shuffle(roles)
        text = io.StringIO()
        out = csv.writer(text, delimiter=self._layout.delimiter, lineterminator=self._layout.newline)
        out.writerow([table.columns[r] for r in roles])
        out.writerows([[row[r] for r in roles] for row in rows])
        path = self._folder / table.file.format(**(names or {}))
        path.write_bytes(text.getvalue().encode(self._layout.encoding))
        return path
