"""Makes a whole business from a seed: tables, mails, a little prose, the question and its right answer.

The examiner's rule: a person who reads the files must come to the same answer. So mails stay clear of the month's
edges, products are shortened only where one product remains possible, and nobody without an order counts as customer.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from businesses.business import Business, Expected
from businesses.cast import make_cast
from businesses.layouts import LAYOUTS
from businesses.mailbox import Mailbox
from businesses.plot import Plot
from businesses.prose import write_prose
from businesses.questions import ask
from businesses.tables import Order, Person, write_tables
from businesses.trades import TRADES


def generate(seed: int, folder: Path) -> Business:
    """Write business number ``seed`` below ``folder`` (made if absent). The same seed writes the same bytes."""
    rng = random.Random(f"business {seed}")
    trade, layout = TRADES[seed % len(TRADES)], LAYOUTS[(seed * 3 + seed // 10) % len(LAYOUTS)]
    asked = ask(seed, rng)
    cast = make_cast(rng, trade, layout, asked)
    address = f"{rng.choice(('hello', 'shop', 'service', 'info'))}@{_domain(trade.shop)}"
    mailbox = Mailbox(shop=trade.shop, address=address, rng=rng)
    plot = Plot(rng=rng, trade=trade, asked=asked, cast=cast, mailbox=mailbox)
    plot.plan()
    orders = cast.numbered_orders()
    plot.write(orders)
    folder.mkdir(parents=True, exist_ok=True)
    files = write_tables(folder, layout, rng, cast.products, cast.people, orders)
    files += mailbox.write(folder, layout)
    files += write_prose(folder, rng, trade)
    return Business(
        seed=seed,
        trade=trade.name,
        shop=trade.shop,
        folder=folder,
        files=tuple(files),
        as_of=asked.as_of,
        topic=asked.topic,
        question=asked.text,
        expected={p.email: _expected(p, orders, plot.named[p.email]) for p in plot.complainers},
    )


def _expected(person: Person, orders: Sequence[Order], named: set[str]) -> Expected:
    bought = {product.name for order in orders if order.buyer == person for product, _ in order.items}
    return Expected(name=person.name, email=person.email, products=frozenset(bought), named=frozenset(named))


def _domain(shop: str) -> str:
    return "".join(c for c in shop.lower() if c.isalnum()) + ".example"
