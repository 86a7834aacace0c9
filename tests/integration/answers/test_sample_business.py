"""The sample business's set questions get their known answers: customers with products and marks, orders, counts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from workbench import Workbench

from actors.messages import SetAnswer, Status

pytestmark = pytest.mark.timeout(900)

SAMPLE = Path(__file__).resolve().parents[3] / "cluster" / "sample_business"
QUESTIONS = json.loads((SAMPLE / "questions.json").read_text())["set_questions"]


def _with(key: str) -> list[dict[str, Any]]:
    return [q for q in QUESTIONS if key in q]


@pytest.mark.parametrize("asked", _with("customers"), ids=lambda q: q["id"])
async def test_a_question_for_customers_names_them_all_with_their_products_and_marks(
    asked: dict[str, Any], workbench: Workbench, sample: str
) -> None:
    got = await _asked(asked, workbench, sample)
    rows = {row.identity.lower() or row.name: row for row in got.rows}
    assert set(rows) == {c["email"] for c in asked["customers"]}, got.answer
    for customer in asked["customers"]:
        row = rows[customer["email"]]
        assert row.name == customer["name"]
        if "products" in customer:
            assert set(row.products) == set(customer["products"])
            assert set(row.named) == set(customer["named"])


@pytest.mark.parametrize("asked", [q for q in _with("orders") if "count" not in q], ids=lambda q: q["id"])
async def test_a_question_for_orders_names_each_order_once(
    asked: dict[str, Any], workbench: Workbench, sample: str
) -> None:
    got = await _asked(asked, workbench, sample)
    named = [row.identity if row.identity in asked["orders"] else row.name for row in got.rows]
    assert sorted(named) == sorted(asked["orders"]), got.answer


@pytest.mark.parametrize("asked", _with("count"), ids=lambda q: q["id"])
async def test_a_question_how_many_is_answered_with_the_number(
    asked: dict[str, Any], workbench: Workbench, sample: str
) -> None:
    got = await _asked(asked, workbench, sample)
    assert got.answer is not None
    first_number = re.search(r"\d+", got.answer.text)
    assert first_number is not None, got.answer.text
    assert int(first_number[0]) == asked["count"], got.answer.text


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda q: q["id"])
async def test_a_conversation_gives_the_planned_answer_with_citations(
    asked: dict[str, Any], workbench: Workbench, sample: str
) -> None:
    answer = await workbench.compose(sample, asked["question"], asked["as_of"])
    planned = await _asked(asked, workbench, sample)
    assert answer == planned.answer
    assert answer.citations


async def _asked(asked: dict[str, Any], workbench: Workbench, tenant: str) -> SetAnswer:
    got = await workbench.ask_set(tenant, asked["question"], asked["as_of"])
    assert got.planned, asked["question"]
    assert got.answer is not None
    assert got.answer.status is Status.ANSWERED, got.answer.text
    return got
