"""A little prose that speaks of complaints and delivery, as every shop's pages do, and answers no set question."""

from __future__ import annotations

import random
from pathlib import Path

from businesses.trades import Trade

SHIPPING = """\
# {title}

{shop} sends parcels on every working day. Delivery takes {days} working days. If a delivery is late or a parcel is
lost, tell us at once: customers who complain about a late delivery within {claim} days get the shipping costs back.

## Complaints

Complaints about quality are looked at by our workshop, complaints about invoices and payments by our bookkeeping. Every
complaint is answered within {answer} working days.
"""

ABOUT = """\
# About {shop}

We are a {trade} with {staff} people. The house was founded in {year}. Last year fewer than one customer in {share}
complained about anything, and most of those wrote again to say thank you.
"""


def write_prose(folder: Path, rng: random.Random, trade: Trade) -> list[Path]:
    """One page on shipping and complaints, one about the house."""
    shipping = SHIPPING.format(
        title=rng.choice(("Delivery and complaints", "Shipping", "How we deliver", "Terms of delivery")),
        shop=trade.shop,
        days=rng.randrange(2, 7),
        claim=rng.randrange(7, 31),
        answer=rng.randrange(1, 5),
    )
    about = ABOUT.format(
        shop=trade.shop,
        trade=trade.name,
        staff=rng.randrange(3, 30),
        year=rng.randrange(1890, 2015),
        share=rng.randrange(40, 400),
    )
    pages = {rng.choice(("delivery.md", "shipping.md", "terms.md")): shipping, "about.md": about}
    paths = []
    for name, text in pages.items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths
