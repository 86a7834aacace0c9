"""Recall@5 of each part of retrieval and of their sum, on real stores: ``make bench-retrieval``. And what the relevance
gate declines, of questions that have no answer and of those that have one.

Prints the vector-only, keyword-only and graph-only rows beside the hybrid ones, for without them a hybrid's figure
says nothing. Times are shown and not kept: the stack's benchmark measures those. ``--data-dir`` keeps the loaded
stores for the next run.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from report import Row, publish
from retrieval_rig import Rig, rig
from retrieval_sets import QuestionSet, data_folder, hotpot, lihua_world

from actors.compose.gate import Gate, GateSettings
from actors.messages import Mode, Search
from runtime import telemetry
from runtime.config import Settings

MODES = (
    ("vector", Mode.VECTOR, False),
    ("keyword", Mode.KEYWORD, False),
    ("graph", Mode.GRAPH, False),
    ("hybrid, not reranked", Mode.HYBRID, False),
    ("hybrid", Mode.HYBRID, True),  # what /v1/search and answers use
)
BARS = {"Single": ">= 0.93", "Multi": ">= 0.66", "Answer": ">= 0.82"}
SINGLE_PARTS = ("vector", "keyword", "graph")
K = 5
ANSWERED_FROM = 8  # results that the composer asks for
DECLINED, REFUSED = ">= 0.85", "<= 0.08"


@dataclass
class Measured:
    """Recalls by kind of question, and seconds per search."""

    recalls: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    seconds: list[float] = field(default_factory=list)

    def recall(self, kind: str) -> float:
        return sum(self.recalls[kind]) / len(self.recalls[kind])

    def percentile(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]


async def measure(made: Rig, questions: QuestionSet, mode: Mode, rerank: bool) -> Measured:
    search, found = made.search(questions), Measured()
    for question in questions.questions:
        if question.recall is None:
            continue
        started = time.perf_counter()
        answer = await search.search(Search(query=question.text, k=K, mode=mode, rerank=rerank))
        found.seconds.append(time.perf_counter() - started)
        found.recalls[question.kind].append(question.recall(answer.results))
    return found


async def gate_rows(made: Rig, questions: QuestionSet) -> list[Row]:
    """Shares of the unanswerable questions that the gate declines, and of the answerable ones that it refuses."""
    settings = Settings()
    line = GateSettings(chance=settings.gate_chance, logit=settings.gate_logit, deadline_s=30.0)
    gate, search = Gate(made.reranker, line, made.embedder), made.search(questions)
    refused: dict[bool, list[bool]] = {True: [], False: []}  # by whether there is an answer
    for question in questions.questions:
        results = (await search.search(Search(query=question.text, k=ANSWERED_FROM))).results
        refused[question.recall is not None].append(not await gate.relevant(question.text, results))
    return [
        Row(
            figure=f"{questions.name} {figure} (n={len(found)})",
            value=round(sum(found) / len(found), 4),
            bar=bar if refused[False] else "",
        )
        for figure, found, bar in (
            ("unanswerable questions declined", refused[False], DECLINED),
            ("answerable questions refused", refused[True], REFUSED),
        )
        if found
    ]


def rows_of(questions: QuestionSet, measured: dict[str, Measured]) -> list[Row]:
    rows = []
    for kind in measured["hybrid"].recalls:
        best = max(SINGLE_PARTS, key=lambda part: measured[part].recall(kind))
        count = len(measured["hybrid"].recalls[kind])
        for name, found in measured.items():
            hybrid = name not in SINGLE_PARTS
            floor = measured[best].recall(kind)
            rows.append(
                Row(
                    figure=f"{questions.name} {kind} recall@{K}, {name} (n={count})",
                    value=round(found.recall(kind), 4),
                    bar=BARS[kind] if name == "hybrid" else "",
                    baseline=f"{best} {floor:.4f}" if hybrid else "",
                    ratio=round(found.recall(kind) / floor, 4) if hybrid else None,
                )
            )
            if hybrid:
                behind = (floor - found.recall(kind)) * count
                figure = f"{questions.name} {kind} questions behind the best single part, {name}"
                bar = "<= 1" if name == "hybrid" else ""
                rows.append(Row(figure=figure, value=round(max(behind, 0.0), 2), unit="questions", bar=bar))
    return rows


async def run(folder: Path, names: list[str]) -> list[Row]:
    rows: list[Row] = []
    async with rig(folder) as made:
        for questions in (lihua_world(data_folder()), hotpot(data_folder())):
            if questions.name not in names:
                continue
            seconds = await made.load(questions)
            print(f"{questions.name}: {len(questions.documents)} documents loaded in {seconds:.0f} s", flush=True)
            measured = {}
            for name, mode, rerank in MODES:
                measured[name] = await measure(made, questions, mode, rerank)
                shown = {kind: round(measured[name].recall(kind), 4) for kind in measured[name].recalls}
                print(f"  {name:20} {shown}  p95 {measured[name].percentile(0.95):.0f} ms", flush=True)
            rows.extend(rows_of(questions, measured))
            gated = await gate_rows(made, questions)
            for row in gated:
                print(f"  {row.figure}: {row.value}", flush=True)
            rows.extend(gated)
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, help="keep the loaded stores here")
    parser.add_argument("--sets", nargs="+", default=["lihua", "hotpot"])
    parser.add_argument("--no-results", action="store_true", help="print only, leave bench/results alone")
    options = parser.parse_args()
    telemetry.configure("WARNING")
    if not data_folder().is_dir():
        print("third-party material is absent: set RAGLEAP_DATA")
        return 0
    if options.data_dir:
        options.data_dir.mkdir(parents=True, exist_ok=True)
        rows = asyncio.run(run(options.data_dir, options.sets))
    else:
        with tempfile.TemporaryDirectory(prefix="ragleap-bench-") as folder:
            rows = asyncio.run(run(Path(folder), options.sets))
    if not options.no_results:
        publish("retrieval", "make bench-retrieval", rows)
    return 0 if all(row.reached() is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
