"""The sample business is as its builder builds it, and its questions fit its files."""

from __future__ import annotations

import csv
import json
import sys
from email import message_from_bytes
from email.policy import default
from email.utils import parseaddr
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "cluster" / "sample_business"


def test_a_fresh_build_writes_the_files_that_are_in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "bench"))
    import make_sample_business

    assert make_sample_business.check() == []
    sys.modules.pop("make_sample_business")


def test_the_expected_products_are_those_of_the_orders() -> None:
    lines = _rows("orders.csv")
    questions = json.loads((SAMPLE / "questions.json").read_text())
    for question in questions["set_questions"]:
        for customer in question.get("customers", []):
            bought = {line["product"] for line in lines if line["customer_email"] == customer["email"]}
            assert set(customer.get("products", bought)) == bought
            assert set(customer.get("named", [])) <= bought
    catalogue = {row["name"] for row in _rows("products.csv")}
    assert {line["product"] for line in lines} <= catalogue


def test_every_mail_parses_and_thirty_there_are() -> None:
    files = sorted((SAMPLE / "mail").glob("*.eml"))
    assert len(files) == 30
    for file in files:
        mail = message_from_bytes(file.read_bytes(), policy=default)
        assert not mail.defects
        assert mail["Date"].datetime.strftime("%Y-%m-%d") == file.name[:10]
        assert "@" in parseaddr(str(mail["From"]))[1]


def test_every_question_about_a_document_names_a_file_that_is_there() -> None:
    questions = json.loads((SAMPLE / "questions.json").read_text())
    for question in questions["document_questions"]:
        assert (SAMPLE / question["file"]).is_file()


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((SAMPLE / "data" / name).read_text().splitlines()))
