"""The generated businesses: deterministic, different from one another, and right about themselves.

The gold is recomputed here from the files alone, with the standard library, as a stranger would read them.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from pathlib import Path
from typing import cast

import pytest
from businesses import Business, generate
from businesses.layouts import LAYOUTS, Layout, Table
from businesses.questions import BILLING, DELIVERY, LATE, QUALITY
from businesses.voices_delivery import LATE as LATE_VOICES
from businesses.voices_delivery import OTHER as OTHER_VOICES
from businesses.voices_goods import BILLING as BILLING_VOICES
from businesses.voices_goods import QUALITY as QUALITY_VOICES
from businesses.voices_goods import QUALITY_EDIBLE

SEEDS = range(20)


@pytest.fixture(scope="module")
def businesses(tmp_path_factory: pytest.TempPathFactory) -> list[Business]:
    return [generate(seed, tmp_path_factory.mktemp(f"business{seed}")) for seed in SEEDS]


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    for seed in (0, 7, 1234):
        first, second = generate(seed, tmp_path / f"a{seed}"), generate(seed, tmp_path / f"b{seed}")
        assert first.expected == second.expected
        assert _contents(first) == _contents(second)


def test_twenty_seeds_differ_in_trade_columns_files_and_phrasing(businesses: list[Business]) -> None:
    assert len({b.trade for b in businesses}) == 20
    assert len({b.question for b in businesses}) == 20
    assert len({_shape(b) for b in businesses}) >= 10
    assert len({f.name for b in businesses for f in b.files if f.suffix == ".csv"}) >= 20
    assert len({(b.as_of.year, b.as_of.month) for b in businesses}) >= 12
    assert {b.topic for b in businesses} == {"delivery", "quality", "billing"}
    assert sum(b.topic == "delivery" for b in businesses) >= 12
    customers = [e.name for b in businesses for e in b.expected.values()]
    assert len(set(customers)) > 0.9 * len(customers)


def test_there_are_many_voices_and_phrasings() -> None:
    voices = [*LATE_VOICES, *OTHER_VOICES, *QUALITY_VOICES, *QUALITY_EDIBLE, *BILLING_VOICES]
    assert len({body for _, body in voices}) >= 60
    assert len({*DELIVERY, *LATE, *QUALITY, *BILLING}) >= 25


def test_every_mail_parses_and_says_who_wrote_when(businesses: list[Business]) -> None:
    for business in businesses:
        for mail in _mails(business):
            assert mail["Date"].datetime.tzinfo is not None
            assert mail["Date"].datetime.date() < business.as_of
            assert "@" in parseaddr(str(mail["From"]))[1]
            assert mail["Message-ID"]
            assert not mail.defects
            assert len(_text(mail)) > 20


def test_every_expected_customer_wrote_in_the_month_and_ordered_exactly_the_expected_products(
    businesses: list[Business],
) -> None:
    for business in businesses:
        bought = _bought(business)
        writers = {parseaddr(str(m["From"]))[1].lower() for m in _mails(business)}
        for email, expected in business.expected.items():
            assert email == expected.email == email.lower()
            assert email in writers
            assert bought[email] == expected.products, (business.seed, email)
            assert expected.named <= expected.products


def test_named_products_are_those_whose_words_stand_in_the_customers_own_lines(businesses: list[Business]) -> None:
    for business in businesses:
        own = defaultdict(str)
        for mail in _mails(business):
            sender = parseaddr(str(mail["From"]))[1].lower()
            lines = [x for x in f"{mail['Subject']}\n{_text(mail)}".splitlines() if not x.startswith(">")]
            own[sender] += " ".join(lines).lower() + "\n"
        for email, expected in business.expected.items():
            named = {p for p in _catalogue(business) if _is_named(p, _catalogue(business), own[email])}
            assert named == expected.named, (business.seed, email)


def _contents(business: Business) -> list[tuple[str, bytes]]:
    return [(f.relative_to(business.folder).as_posix(), f.read_bytes()) for f in business.files]


def _shape(business: Business) -> tuple[str, ...]:
    return tuple(sorted(f.name + f.read_text().split("\n")[0] for f in business.files if f.suffix == ".csv"))


def _mails(business: Business) -> Iterator[EmailMessage]:
    for file in business.files:
        if file.suffix == ".eml":
            yield cast(EmailMessage, message_from_bytes(file.read_bytes(), policy=default))


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain", "html"))
    assert part is not None
    text = str(part.get_content())
    if part.get_content_subtype() == "html":
        text = re.sub(r"<blockquote>.*?</blockquote>|<style>.*?</style>|<[^>]+>", " ", text, flags=re.DOTALL)
    return text


def _is_named(product: str, catalogue: frozenset[str], text: str) -> bool:
    """In full, or with one word left out where that fits no other product."""
    words = product.lower().split()
    if product.lower() in text:
        return True
    shapes = [[*words[:n], *words[n + 1 :]] for n in range(len(words) - 1) if len(words) > 2]
    alone = [s for s in shapes if sum(set(s) <= set(p.lower().split()) for p in catalogue) == 1]
    return any(re.search(rf"\b{re.escape(' '.join(s))}\b", text) for s in alone)


def _catalogue(business: Business) -> frozenset[str]:
    return frozenset(r["name"] for r in _rows(business, _layout(business).catalogue))


def _layout(business: Business) -> Layout:
    names = {f.name for f in business.files}
    year = max(re.findall(r"sales_(\d+)", " ".join(names)), default="")
    return next(
        x
        for x in LAYOUTS
        if {t.file.format(year=year) for t in (x.orders, x.catalogue, x.items, x.customers) if t} <= names
    )


def _rows(business: Business, table: Table) -> list[dict[str, str]]:
    path = next(f for f in business.files if re.fullmatch(table.file.replace("{year}", r"\d+"), f.name))
    text = path.read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";" if text.split("\n")[0].count(";") else ","))
    return [{role: row[column] for role, column in table.columns.items()} for row in rows]


def _bought(business: Business) -> dict[str, frozenset[str]]:
    """E-mail address → names of everything in that person's orders, joined as the column names say."""
    layout = _layout(business)
    emails: dict[str, str] = {}
    if layout.buyer_is_number and layout.customers:
        emails = {r["number"]: r["email"] for r in _rows(business, layout.customers)}
    names = {r.get("code", ""): r["name"] for r in _rows(business, layout.catalogue)}
    buyers: dict[str, str] = {}
    lines: list[tuple[str, str]] = []
    for row in _rows(business, layout.orders):
        buyers[row["order"]] = emails.get(row["buyer"], row["buyer"]).lower()
        if not layout.items:
            lines.append((row["order"], row["product"]))
    if layout.items:
        lines = [(r["order"], r["product"]) for r in _rows(business, layout.items)]
    bought: dict[str, set[str]] = defaultdict(set)
    for order, product in lines:
        bought[buyers[order]].add(names[product] if layout.product_is_code else product)
    return {email: frozenset(products) for email, products in bought.items()}
