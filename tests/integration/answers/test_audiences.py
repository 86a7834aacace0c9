"""Customers and visitors are never given a word of a mail or of a table of people, in any mode; the owner is."""

from __future__ import annotations

import csv
from dataclasses import asdict
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from workbench import Workbench

from actors.audience import Audience
from actors.messages import Mode, Search, Status

pytestmark = pytest.mark.timeout(900)

SAMPLE = Path(__file__).resolve().parents[3] / "cluster" / "sample_business"
QUESTIONS = (
    "Who complained about late delivery?",
    "What did Thomas say about his parcel?",
    "Where does Ananya Raghavan live?",
    "What is in order NL-2040?",
    "elena.dsouza@example.com",
    "Ananya Bose Kolkata",
    "Firefly String Lights",
    "Balcony Bird Feeder orders",
)


def staff_words() -> set[str]:
    """Names, addresses and numbers that stand in mails and tables of people, and in nothing that is public."""
    words: set[str] = set()
    for name in ("customers.csv", "orders.csv"):
        with (SAMPLE / "data" / name).open(newline="") as rows:
            for row in csv.DictReader(rows):
                words |= {row[column] for column in row if column in ("name", "email", "customer_email", "order_id")}
    for file in (SAMPLE / "mail").iterdir():
        words.add(str(message_from_bytes(file.read_bytes(), policy=policy.default)["subject"]))
    return words


@pytest.mark.parametrize("mode", Mode)
async def test_a_customers_search_finds_only_what_is_public(mode: Mode, workbench: Workbench, sample: str) -> None:
    words = staff_words()
    for question in (*QUESTIONS, *sorted(words)[:20]):
        found = await workbench.search(sample, Search(query=question, mode=mode, k=50), Audience.PUBLIC)
        files = {workbench.files[sample][result.document_id] for result in found.results}
        assert not [f for f in files if not f.startswith("policies/") and f != "data/products.csv"], (question, files)
        told = " ".join(str(asdict(result)) for result in found.results)
        assert not [word for word in words if word in told]
        assert all(not result.path for result in found.results)


@pytest.mark.parametrize("mode", Mode)
async def test_the_owners_search_finds_mails_and_customers(mode: Mode, workbench: Workbench, sample: str) -> None:
    files = set()
    for question in QUESTIONS:
        found = await workbench.search(sample, Search(query=question, mode=mode, k=50), Audience.STAFF)
        files |= {workbench.files[sample][result.document_id] for result in found.results}
    assert any(file.startswith("mail/") for file in files)
    assert {"data/customers.csv", "data/orders.csv"} & files


@pytest.mark.parametrize("question", QUESTIONS[:6])
async def test_a_customer_is_told_nothing_of_other_people(question: str, workbench: Workbench, sample: str) -> None:
    answer = await workbench.compose_for_customer(sample, question)
    told = answer.text + "".join(citation.quote + citation.title for citation in answer.citations)
    assert not [word for word in staff_words() if word in told]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("How much does express shipping cost?", "240"),
        ("How long is a gift card valid?", "18 months"),
        ("What does the Madras Filter Coffee Set cost?", "1450"),
    ],
)
async def test_a_customer_is_answered_from_policies_and_the_catalogue(
    question: str, words: str, workbench: Workbench, sample: str
) -> None:
    answer = await workbench.compose_for_customer(sample, question)
    assert answer.status is Status.ANSWERED
    assert words in answer.text
