"""The question sets that retrieval is measured on, read from RAGLEAP_DATA: documents, questions, and what counts."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from actors.messages import Evidence

_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """``recall`` of the first k results, 0..1; None where the question has no answer. ``gold`` is the answer's text."""

    text: str
    kind: str
    gold: str
    recall: Callable[[Sequence[Evidence]], float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionSet:
    name: str
    documents: Mapping[str, str]  # document id → text
    questions: Sequence[Question]


def data_folder() -> Path:
    return Path(os.environ.get("RAGLEAP_DATA", _ROOT.parent / "shared" / "data"))


def lihua_world(data: Path) -> QuestionSet:
    """442 chat logs; recall by the times of the chats that hold the evidence."""
    base = data / "lihua_world" / "dataset" / "LiHua-World"
    documents = {path.stem: path.read_text() for path in sorted(base.glob("data/LiHua-World/*/*.txt"))}
    times = {document: _time(text.split("\n", 1)[0]) for document, text in documents.items()}
    questions = []
    for item in json.loads((base / "qa" / "query_set.json").read_text()).values():
        wanted = frozenset(_time(part) for part in re.split(r"<and>|<or>", item["evidence"]) if part.strip())
        recall = None if item["type"] == "Null" else _by_time(wanted, times)
        questions.append(Question(text=item["question"], kind=item["type"], gold=item["answer"], recall=recall))
    return QuestionSet(name="lihua", documents=documents, questions=questions)


def hotpot(data: Path) -> QuestionSet:
    """500 paragraphs; the answer's string must stand in one of the results (questions with yes or no left out)."""
    base = data / "qa_hotpot50"
    paragraphs = json.loads((base / "hotpot_50_corpus.json").read_text())
    pairs = json.loads((base / "hotpot_50_qa_pairs.json").read_text())
    questions = [
        Question(text=pair["question"], kind="Answer", gold=pair["answer"], recall=_by_answer(pair["answer"]))
        for pair in pairs
        if plain(pair["answer"]) not in ("yes", "no")
    ]
    documents = {f"paragraph-{number:03d}": text for number, text in enumerate(paragraphs)}
    return QuestionSet(name="hotpot", documents=documents, questions=questions)


def plain(text: str) -> str:
    return re.sub(r"\W+", " ", text.lower()).strip()


def _time(raw: str) -> str:
    """``20260426_1330`` and ``Time: 20260426_13:30`` are one time."""
    return re.sub(r"_(\d\d)(\d\d)$", r"_\1:\2", raw.strip().removeprefix("Time:").strip())


def _by_time(wanted: frozenset[str], times: Mapping[str, str]) -> Callable[[Sequence[Evidence]], float]:
    return lambda results: len(wanted & {times[each.document_id] for each in results}) / len(wanted)


def _by_answer(answer: str) -> Callable[[Sequence[Evidence]], float]:
    return lambda results: float(any(plain(answer) in plain(each.text) for each in results))
