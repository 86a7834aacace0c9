"""How owners ask, and what "last month" then means."""

from __future__ import annotations

import calendar
import random
from dataclasses import dataclass
from datetime import date

from businesses.business import Topic

DELIVERY: tuple[str, ...] = (
    "Which customers complained about delivery {when} and what products did they order?",
    "Which clients were unhappy with shipping {when} and which items did they order?",
    "List customers who complained about delivery {when} and the products they purchased.",
    "Who wrote to us {when} to complain about the courier or the delivery, and what did they buy?",
    "Show me everyone who had a delivery complaint {when}, with the products from their orders.",
    "{When}, which buyers were dissatisfied with how their parcels were delivered, and what have they ordered from us?",
    "Give me the names of people complaining about deliveries {when} plus everything they ordered.",
    "which customers had complaints about shipping {when}? what did they purchase?",
    "What had the customers ordered who complained about delivery {when}?",
    "Customers with delivery complaints {when}: who are they and what have they bought?",
    "I need a list of customers who were angry about the delivery {when} and the articles they ordered.",
    "Tell me who complained about parcel delivery {when} and which products are in their orders.",
    "Did anyone complain about shipping {when}? Who, and what did they order?",
)

LATE: tuple[str, ...] = (
    "Who complained about late deliveries {when}, and what had they bought?",
    "Which customers wrote {when} that their order was late, and which products did they order?",
    "List the customers who complained about delays in delivery {when} and what they purchased.",
    "Which buyers were upset {when} because of slow delivery, and what did they order?",
)

QUALITY: tuple[str, ...] = (
    "Which customers complained about product quality {when} and what did they order?",
    "Who was unhappy with the quality of our goods {when}, and which products had they bought?",
    "List everybody who complained {when} about the quality of what we sold them, with the products in their orders.",
    "Which clients complained about poor quality {when}? Show what they purchased too.",
    "{When}, who wrote in about bad quality and what items had they ordered?",
)

BILLING: tuple[str, ...] = (
    "Which customers complained about billing {when} and what products did they order?",
    "Who complained about payments or invoices {when}, and what had they bought?",
    "List the clients who were unhappy with our billing {when} and the items they ordered.",
    "Which buyers had complaints about billing {when}, and what have they ordered from us?",
    "Who wrote to complain about wrong charges, invoices or refunds {when}, and what did they buy?",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question with the month that it means. ``only_late``: other trouble with delivery does not count."""

    topic: Topic
    only_late: bool
    year: int
    month: int
    as_of: date
    text: str


def ask(seed: int, rng: random.Random) -> Asked:
    """The question of one business. Three of twenty ask about quality and three about billing."""
    topic: Topic = "quality" if seed % 7 == 3 else "billing" if seed % 7 == 5 else "delivery"
    only_late = topic == "delivery" and seed % 4 == 2
    pool = {"quality": QUALITY, "billing": BILLING, "delivery": LATE if only_late else DELIVERY}[topic]
    template = pool[(seed + seed // len(pool)) % len(pool)]
    year, month = rng.choice((2023, 2024, 2025, 2026)), rng.randrange(1, 13)
    name = calendar.month_name[month]
    style = seed % 5
    if style in (0, 2):
        when, as_of = "last month", _day(rng, year, month, 1)
    elif style == 1:
        when, as_of = f"in {name}", _day(rng, year, month, rng.choice((1, 2, 3)))
    elif style == 3:
        when, as_of = f"in {name} {year}", _day(rng, year, month, rng.choice((1, 2, 4)))
    elif seed % 2:
        when, as_of = "this month", date(year, month, 28)
    else:
        when, as_of = f"during {name}", _day(rng, year, month, rng.choice((1, 2)))
    text = template.format(when=when, When=when[0].upper() + when[1:])
    return Asked(topic=topic, only_late=only_late, year=year, month=month, as_of=as_of, text=text)


def _day(rng: random.Random, year: int, month: int, later: int) -> date:
    """A day in the middle of the month that is ``later`` months after."""
    months = year * 12 + month - 1 + later
    return date(months // 12, months % 12 + 1, rng.randrange(4, 24))
