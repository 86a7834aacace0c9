"""Who is in a business: its people, its products and their orders, before anybody writes a mail."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from businesses.layouts import Layout
from businesses.questions import Asked
from businesses.tables import Order, Person, Product
from businesses.trades import CITIES, FIRST_NAMES, LAST_NAMES, LINES, Trade

PEOPLE = 24
HISTORY_DAYS = 150
DOMAINS = ("example.com", "example.net", "example.org", "mail.example", "post.example")
STATUSES = ("delivered", "delivered", "delivered", "shipped")


@dataclass(slots=True, kw_only=True)
class Cast:
    """``orders`` grows while the plot is made and gets its numbers by date at the end."""

    rng: random.Random
    layout: Layout
    products: Sequence[Product]
    people: Sequence[Person]
    last_day: date
    orders: list[tuple[date, Person, tuple[tuple[Product, int], ...]]] = field(default_factory=list)

    def place_order(self, person: Person, day: date) -> None:
        """One to three products, once each."""
        wanted = self.rng.sample(self.products, self.rng.choice((1, 1, 2, 3)))
        items = tuple((p, self.rng.choice((1, 1, 1, 2, 3))) for p in wanted)
        self.orders.append((min(day, self.last_day), person, items))

    def numbered_orders(self) -> list[Order]:
        """All orders by date, each with its number."""
        by_date = sorted(self.orders, key=lambda o: (o[0], o[1].email))
        first = self.rng.randrange(1200, 8000)
        return [
            Order(
                number=self.layout.order_number.format(n=first + n),
                day=day,
                buyer=person,
                items=items,
                status=self.rng.choice(STATUSES),
            )
            for n, (day, person, items) in enumerate(by_date)
        ]


def make_cast(rng: random.Random, trade: Trade, layout: Layout, asked: Asked) -> Cast:
    """People and products of a business. The first and the last person share a first name."""
    cast = Cast(
        rng=rng,
        layout=layout,
        products=_products(rng, trade, layout),
        people=_people(rng, layout),
        last_day=asked.as_of - timedelta(days=1),
    )
    for person in cast.people:
        for _ in range(rng.choice((1, 1, 2))):
            cast.place_order(person, cast.last_day - timedelta(days=rng.randrange(HISTORY_DAYS)))
    return cast


def _products(rng: random.Random, trade: Trade, layout: Layout) -> list[Product]:
    lines = rng.sample(LINES, 10)
    names = [f"{rng.choice(lines)} {goods}" for goods in trade.goods]
    for goods in rng.sample(trade.goods, 3):  # the same thing in another line: only the whole name tells them apart
        names.append(f"{rng.choice(lines)} {goods}")
    sized = rng.randrange(len(trade.goods))
    names += [f"{names[sized]} Small", f"{names[sized]} Large"]
    del names[sized]
    unique = list(dict.fromkeys(names))
    rng.shuffle(unique)
    sections = ("Classics", "New", "Gifts", "Basics")
    return [
        Product(
            code=layout.code.format(n=11 + 3 * n),
            name=name,
            category=rng.choice(sections),
            price=rng.randrange(350, 18000, 5) / 100,
        )
        for n, name in enumerate(unique)
    ]


def _people(rng: random.Random, layout: Layout) -> list[Person]:
    firsts, lasts = rng.sample(FIRST_NAMES, PEOPLE), rng.sample(LAST_NAMES, PEOPLE)
    firsts[-1] = firsts[0]
    return [
        Person(
            number=layout.customer_number.format(n=n),
            first=first,
            last=last,
            email=_address(rng, first, last),
            city=rng.choice(CITIES),
        )
        for n, (first, last) in enumerate(zip(firsts, lasts, strict=True), 1)
    ]


def _address(rng: random.Random, first: str, last: str) -> str:
    first, last = _ascii(first), _ascii(last)
    user = rng.choice(
        (
            f"{first}.{last}",
            f"{first[0]}{last}",
            f"{last}.{first}",
            f"{first}_{last[:3]}{rng.randrange(60, 99)}",
            f"{last}{first[0]}",
        )
    )
    return f"{user}@{rng.choice(DOMAINS)}".lower()


def _ascii(name: str) -> str:
    plain = name.replace("Ł", "L").replace("ø", "o").replace("Ø", "O")
    return unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()


def shortened(rng: random.Random, product: Product, products: Sequence[Product]) -> str:
    """The product as a customer may write it: in full, or with a word left out where it stays the only one meant."""
    shapes = [product.name] * 2 + list(_shorter(product, products))
    chosen = rng.choice(shapes)
    return chosen.lower() if rng.random() < 0.25 else chosen


def _shorter(product: Product, products: Sequence[Product]) -> Iterator[str]:
    words = product.name.split()
    for leave_out in range(len(words)):
        kept = words[:leave_out] + words[leave_out + 1 :]
        meant = [p for p in products if set(kept) <= set(p.name.split())]
        # Without its last word a thing may turn into another thing ("Cake Tin", "Cake"): the head noun stays.
        if len(kept) >= 2 and meant == [product] and leave_out != len(words) - 1:
            yield " ".join(kept)
