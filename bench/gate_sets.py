"""The labelled questions that the relevance gate is calibrated on: read from ``bench/gate`` and the tests' own sets.

Three sets of questions written for this, each half answerable and half not: about chats of a bakery (``chats.txt``,
written for this too), the sample business, and a third party's shop (its documents are read from RAGLEAP_DATA). The
unanswerable ones ask for a detail that documents on the very topic leave out, or suppose what never was. None of it is
lihua_world's, which measures the gate and must not teach it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from retrieval_sets import Question, QuestionSet
from sample_source import policies
from sample_source.mails import mails

_ROOT = Path(__file__).resolve().parents[1]
_OURS = _ROOT / "bench" / "gate"


def calibration_sets(data: Path) -> list[QuestionSet]:
    """Of each question only whether it can be answered is known; its kind is "tested" where the answers' tests ask it.

    A set whose documents are absent is left out.
    """
    sample = json.loads((_ROOT / "cluster" / "sample_business" / "questions.json").read_text())
    techhub = json.loads((_ROOT / "tests/integration/answers/data/techhub_questions.json").read_text())
    chats = (_OURS / "chats.txt").read_text().split("\n\n")
    declined = [each["question"] for each in sample["declined"]]
    sets = [
        _labelled("chats", {f"chat-{number:02d}": text.strip() for number, text in enumerate(chats)}, {}),
        _labelled("sample", dict(_sample()), _tested(sample["document_questions"], declined)),
    ]
    documents = {path.stem: path.read_text() for path in sorted((data / "techhub/data/documents").glob("*/*.md"))}
    if documents:
        sets.append(_labelled("techhub", documents, _tested(techhub["questions"], techhub["declined"])))
    return sets


def _labelled(name: str, documents: Mapping[str, str], tested: Mapping[str, bool]) -> QuestionSet:
    labels = dict(tested)
    for line in (_OURS / f"{name}.tsv").read_text().splitlines():
        label, question = line.split("\t")
        labels[question] = label == "y"
    questions = [
        Question(
            text=text,
            kind="tested" if text in tested else "labelled",
            gold="",
            recall=(lambda results: float(bool(results))) if can else None,
        )
        for text, can in labels.items()
    ]
    return QuestionSet(name=name, documents=documents, questions=questions)


def _tested(answerable: list[dict[str, object]], declined: list[str]) -> dict[str, bool]:
    return {**{str(each["question"]): True for each in answerable}, **dict.fromkeys(declined, False)}


def _sample() -> Iterator[tuple[str, str]]:
    for name, text in policies.MARKDOWN.items():
        yield name.removesuffix(".md"), text
    for name in ("SHIPPING", "WARRANTY", "RETURNS", "GIFT_CARDS"):
        title, sections = getattr(policies, name)
        parts = [f"## {heading}\n\n" + "\n\n".join(paragraphs) for heading, paragraphs in sections]
        yield name.lower(), "\n\n".join([f"# {title}", *parts])
    for mail in mails():
        head = f"From: {mail.sender} <{mail.address}>\nDate: {mail.date}\nSubject: {mail.subject}"
        yield mail.file.removesuffix(".eml"), f"{head}\n\n{mail.text}"
