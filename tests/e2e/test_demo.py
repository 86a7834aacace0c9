"""The sample business on the running stack: taken in by the command line, the right file cited, sets complete."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from running_stack import RunningStack, TenantAccess, as_json

SAMPLE = Path(__file__).resolve().parents[2] / "cluster" / "sample_business"
GOLD = json.loads((SAMPLE / "questions.json").read_text())
FOLDERS = [SAMPLE / name for name in ("policies", "data", "mail")]
SETS = {asked["id"]: asked for asked in GOLD["set_questions"]}


@dataclass(frozen=True, slots=True)
class Sample:
    """The tenant with the sample business in it; ``files``: document id → the file, relative to the sample."""

    stack: RunningStack
    access: TenantAccess
    files: Mapping[str, str]

    def ask(self, question: str, as_of: str = GOLD["as_of"]) -> dict[str, Any]:
        body = {"message": question, "as_of": as_of}
        answer = httpx.post(f"{self.stack.url}/v1/chat", json=body, headers=self.access.headers, timeout=120)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def cited(self, answer: Mapping[str, Any]) -> list[str]:
        return list(dict.fromkeys(self.files[citation["document_id"]] for citation in answer["citations"]))


@pytest.fixture(scope="module")
def sample(stack: RunningStack) -> Sample:
    access = stack.create_tenant("the sample business")
    done = stack.ragleap("ingest", *map(str, FOLDERS), "--tenant", access.tenant, "--json", timeout_s=600)
    rows = as_json(done)["documents"]
    assert done.returncode == 0, [row for row in rows if row["state"] != "done"]
    files = {row["document_id"]: Path(row["file"]).relative_to(SAMPLE).as_posix() for row in rows}
    assert sorted(files.values()) == sorted(
        file.relative_to(SAMPLE).as_posix() for folder in FOLDERS for file in folder.iterdir()
    )
    return Sample(stack, access, files)


pytestmark = pytest.mark.timeout(900)


@pytest.mark.parametrize("asked", GOLD["document_questions"], ids=lambda asked: asked["question"])
def test_a_question_cites_the_file_that_answers_it(asked: dict[str, Any], sample: Sample) -> None:
    answer = sample.ask(asked["question"])
    assert answer["status"] == "answered"
    assert asked["file"] in sample.cited(answer), answer
    assert all(words in answer["answer"] for words in asked["answer_contains"]), answer["answer"]


@pytest.mark.parametrize("asked", GOLD["declined"], ids=lambda asked: asked["question"])
def test_a_question_that_nothing_answers_is_declined(asked: dict[str, Any], sample: Sample) -> None:
    answer = sample.ask(asked["question"])
    assert (answer["status"], answer["citations"]) == ("declined", []), answer["answer"]


@pytest.mark.parametrize("name", [name for name, asked in SETS.items() if "customers" in asked])
def test_a_question_for_customers_lists_exactly_those_with_exactly_their_products(name: str, sample: Sample) -> None:
    asked = SETS[name]
    answer = sample.ask(asked["question"], asked["as_of"])
    assert answer["status"] == "answered"
    lines = _counted(answer["answer"])
    expected = {customer["email"]: customer for customer in asked["customers"]}
    told = {email: line for line in lines for email in _column("customers.csv", "email") if email in line}
    assert told.keys() == expected.keys(), answer["answer"]
    assert len(lines) == len(expected), answer["answer"]
    for email, line in told.items():
        assert expected[email]["name"] in line
        if "products" in expected[email]:
            products = {product for product in _column("products.csv", "name") if product in line}
            assert products == set(expected[email]["products"])
            assert _marked(line) == set(expected[email]["named"])
    mails = [file for file in sample.cited(answer) if file.startswith("mail/")]
    assert {expected_mail for expected_mail in expected if any(expected_mail in _sender(m) for m in mails)} == set(told)


@pytest.mark.parametrize("name", [name for name, asked in SETS.items() if "orders" in asked and "count" not in asked])
def test_a_question_for_orders_lists_exactly_those(name: str, sample: Sample) -> None:
    answer = sample.ask(SETS[name]["question"], SETS[name]["as_of"])
    assert sorted(_orders_in(answer["answer"])) == SETS[name]["orders"], answer["answer"]


@pytest.mark.parametrize("name", [name for name, asked in SETS.items() if "count" in asked])
def test_a_question_how_many_is_answered_with_the_number(name: str, sample: Sample) -> None:
    answer = sample.ask(SETS[name]["question"], SETS[name]["as_of"])
    number = re.search(r"\d+", answer["answer"])
    assert number is not None, answer["answer"]
    assert int(number[0]) == SETS[name]["count"], answer["answer"]
    assert answer["citations"]


def test_another_as_of_is_another_last_month(sample: Sample) -> None:
    asked = SETS["set-delivery"]
    june, may = (sample.ask(asked["question"], day)["answer"] for day in ("2026-07-15", "2026-06-15"))
    assert "June 2026" in june.splitlines()[0]
    assert "May 2026" in may.splitlines()[0]
    assert _counted(june) != _counted(may)


def test_the_command_line_asks_and_searches(sample: Sample) -> None:
    tenant = ("--tenant", sample.access.tenant)
    asked = GOLD["document_questions"][0]
    done = sample.stack.ragleap("ask", asked["question"], *tenant)
    assert done.returncode == 0
    assert asked["answer_contains"][0] in done.stdout
    assert "  [1] " in done.stdout
    wanted = SETS["set-delivery"]
    planned = as_json(sample.stack.ragleap("ask", wanted["question"], *tenant, "--as-of", wanted["as_of"], "--json"))
    assert planned["answer"] == sample.ask(wanted["question"], wanted["as_of"])["answer"]
    found = as_json(sample.stack.ragleap("search", asked["question"], *tenant, "-k", "5", "--json"))
    assert asked["file"] in {sample.files[result["document_id"]] for result in found["results"]}


def _counted(answer: str) -> list[str]:
    """The lines of those whom the answer counts: what is unsure stands apart, below."""
    counted = re.split(r"(?m)^(?=Unsure|Also )", answer)[0]
    return [line for line in counted.splitlines() if line.startswith("- ")]


def _marked(line: str) -> set[str]:
    return {product for product in _column("products.csv", "name") if f"{product} (named" in line}


def _orders_in(answer: str) -> set[str]:
    return {order for order in _column("orders.csv", "order_id") if order in "\n".join(_counted(answer))}


def _column(file: str, name: str) -> set[str]:
    with (SAMPLE / "data" / file).open(newline="") as rows:
        return {row[name] for row in csv.DictReader(rows)}


def _sender(file: str) -> str:
    return next(line for line in (SAMPLE / file).read_text().splitlines() if line.startswith("From:")).lower()
