"""Set questions about businesses that nobody has seen: the customers, their products and the marks must be exact.

Twenty businesses from seeds, each ingested as its owner would upload it, each asked its own question. The answer is
compared as data, and the words that a reader sees must say the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from email.utils import parseaddr

import pytest
from businesses import Business, Expected, generate
from workbench import Workbench

from actors.messages import SetAnswer, SetRow, Status

pytestmark = pytest.mark.timeout(1_800)

SEEDS = range(20)


@dataclass(frozen=True, slots=True)
class Opened:
    business: Business
    tenant: str


@pytest.fixture(scope="module")
async def opened(workbench: Workbench, tmp_path_factory: pytest.TempPathFactory) -> Mapping[int, Opened]:
    """Every business ingested, each in a tenant of its own."""
    found = {}
    for seed in SEEDS:
        business = generate(seed, tmp_path_factory.mktemp(f"business{seed}"))
        tenant = await workbench.tenant(f"{business.shop} {seed}")
        await workbench.submit(tenant, business.folder, business.files)
        found[seed] = Opened(business, tenant)
    await workbench.ingest()
    return found


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_set_question_names_exactly_the_customers_their_products_and_what_they_named(
    seed: int, workbench: Workbench, opened: Mapping[int, Opened]
) -> None:
    business, tenant = opened[seed].business, opened[seed].tenant
    got = await workbench.ask_set(tenant, business.question, business.as_of.isoformat())
    assert got.planned, business.question
    assert got.answer is not None
    assert got.answer.status is Status.ANSWERED, got.answer.text
    rows = _by_customer(got, business)
    assert not _differences(rows, business), f"{business.question}\n{got.plan}\nunsure: {got.unsure}"


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_set_answer_says_in_words_what_it_holds_and_cites_each_customers_own_mail(
    seed: int, workbench: Workbench, opened: Mapping[int, Opened]
) -> None:
    business, tenant = opened[seed].business, opened[seed].tenant
    got = await workbench.ask_set(tenant, business.question, business.as_of.isoformat())
    assert got.answer is not None
    cited = {_sender(business, name) for name in workbench.cited(tenant, got.answer) if name.endswith(".eml")}
    for row in got.rows:
        assert row.name in got.answer.text or row.identity in got.answer.text
        assert all(product in got.answer.text for product in row.products)
        assert row.identity.lower() in cited


def _by_customer(got: SetAnswer, business: Business) -> dict[str, SetRow]:
    """Rows by e-mail address; a row that is nobody expected keeps its own name as key."""
    found: dict[str, SetRow] = {}
    for row in got.rows:
        key = _email_of(row, business.expected)
        assert key not in found, f"{key} stands in the answer twice"
        found[key] = row
    return found


def _differences(rows: Mapping[str, SetRow], business: Business) -> list[str]:
    """What is wrong with an answer, a line each."""
    found = [f"missing {email}" for email in business.expected if email not in rows]
    for email, row in rows.items():
        expected = business.expected.get(email)
        if expected is None:
            found.append(f"not asked for {email} ({row.name})")
            continue
        if set(row.products) != expected.products:
            found.append(f"{email}: products differ by {sorted(set(row.products) ^ expected.products)}")
        if set(row.named) != expected.named:
            found.append(f"{email}: marks differ by {sorted(set(row.named) ^ expected.named)}")
    return found


def _email_of(row: SetRow, expected: Mapping[str, Expected]) -> str:
    if row.identity.lower() in expected:
        return row.identity.lower()
    return next((e.email for e in expected.values() if not row.identity and e.name == row.name), row.name)


def _sender(business: Business, name: str) -> str:
    message = message_from_bytes((business.folder / name).read_bytes(), policy=default)
    return parseaddr(str(message["From"]))[1].lower()
