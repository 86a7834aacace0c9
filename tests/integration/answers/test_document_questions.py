"""Questions that a document answers: the right file is cited, in words that stand in it; nothing relevant declines."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from workbench import Workbench

from actors.messages import Status

pytestmark = pytest.mark.timeout(900)

OURS = json.loads((Path(__file__).parent / "data" / "techhub_questions.json").read_text())
SAMPLE = Path(__file__).resolve().parents[3] / "cluster" / "sample_business"
GOLD = json.loads((SAMPLE / "questions.json").read_text())


@pytest.fixture(scope="module")
async def techhub(workbench: Workbench, third_party: Path) -> str:
    tenant = await workbench.tenant("A third party's documents")
    folder = third_party / "techhub" / "data" / "documents"
    await workbench.submit(tenant, folder, sorted(p for p in folder.glob("*/*.md")))
    await workbench.ingest()
    return tenant


@pytest.mark.parametrize("asked", OURS["questions"], ids=lambda q: q["question"])
async def test_a_question_about_a_third_partys_documents_cites_the_right_file(
    asked: dict[str, Any], workbench: Workbench, techhub: str
) -> None:
    answer = await workbench.compose(techhub, asked["question"])
    assert answer.status is Status.ANSWERED
    cited = workbench.cited(techhub, answer)
    assert set(cited) & set(asked["files"]), (cited, answer.text)


@pytest.mark.parametrize("question", OURS["declined"])
async def test_a_question_that_a_third_partys_documents_cannot_answer_is_declined(
    question: str, workbench: Workbench, techhub: str
) -> None:
    answer = await workbench.compose(techhub, question)
    assert answer.status is Status.DECLINED, answer.text
    assert not answer.citations


@pytest.mark.parametrize(
    "question", ["Why did you end the Neem Circle programme?", "Why did you stop the return of rugs?"]
)
async def test_why_something_happened_that_did_not_is_declined(
    question: str, workbench: Workbench, sample: str
) -> None:
    answer = await workbench.compose(sample, question, GOLD["as_of"])
    assert answer.status is Status.DECLINED, answer.text


@pytest.mark.parametrize("asked", GOLD["document_questions"], ids=lambda q: q["question"])
async def test_a_question_about_the_sample_business_cites_the_right_file_and_holds_the_answer(
    asked: dict[str, Any], workbench: Workbench, sample: str
) -> None:
    answer = await workbench.compose(sample, asked["question"], GOLD["as_of"])
    assert answer.status is Status.ANSWERED
    cited = workbench.cited(sample, answer)
    assert asked["file"] in cited, (cited, answer.text)
    assert all(word in answer.text for word in asked["answer_contains"]), answer.text


@pytest.mark.parametrize("asked", GOLD["declined"], ids=lambda q: q["question"])
async def test_a_question_that_the_sample_business_cannot_answer_is_declined(
    asked: dict[str, Any], workbench: Workbench, sample: str
) -> None:
    answer = await workbench.compose(sample, asked["question"], GOLD["as_of"])
    assert answer.status is Status.DECLINED, answer.text
    assert not answer.citations
