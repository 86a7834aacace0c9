"""The whole stack through its own door: start, memory by process, ingest rate, search and chat latency.

``python bench/bench_stack.py [--chunks 5000] [--quick]``. Each rate stands beside the embedder's raw rate, measured in
this process just before and just after, on the same cores.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "bench")]

from first_run import FirstRun  # noqa: E402
from report import Row, publish  # noqa: E402
from running_stack import RunningStack, TenantAccess  # noqa: E402

from actors.models.names import EMBEDDER  # noqa: E402
from actors.models.onnx_embedder import OnnxEmbedder  # noqa: E402
from cluster import memory  # noqa: E402
from runtime.config import Settings  # noqa: E402

DATA = Path(os.environ.get("RAGLEAP_DATA", ROOT.parent / "shared" / "data"))
SENTENCES_A_DOCUMENT = 610  # some 50 chunks of 512 tokens
RAW_PASSAGES = 96


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--chunks", type=int, default=5_000)
    arguments.add_argument("--questions", type=int, default=200)
    options = arguments.parse_args()
    sentences, questions = corpus()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="ragleap-bench-") as folder:
        rows += first_answer(Path(folder) / "newcomer")
        with running(Path(folder) / "data", "--demo") as stack:
            rows += at_rest(stack)
            tenant = stack.create_tenant("bench")
            documents = made_documents(sentences, options.chunks)
            rows += ingest(stack, tenant, documents, "with the graph", ">= 0.65")
            rows += latencies(stack, tenant, questions[: options.questions])
        with running(Path(folder) / "bare", extraction="off") as stack:
            tenant = stack.create_tenant("bench")
            rows += ingest(stack, tenant, documents[: max(4, len(documents) // 5)], "without the graph", ">= 0.85")
    publish("stack", "make bench-stack", rows)


# ---------------------------------------------------------------------------------------------- material


def corpus() -> tuple[list[str], list[str]]:
    """Sentences to write documents with, and questions to ask of them (third-party material, read only)."""
    paragraphs = json.loads((DATA / "qa_hotpot50" / "hotpot_50_corpus.json").read_text())
    logs = [p.read_text(errors="replace") for p in sorted((DATA / "lihua_world").rglob("*.txt"))]
    sentences = [s.strip() + "." for text in [*paragraphs, *logs] for s in text.split(". ") if 20 < len(s) < 400]
    pairs = json.loads((DATA / "qa_hotpot50" / "hotpot_50_qa_pairs.json").read_text())
    questions = [pair["question"] for pair in pairs]
    chosen = random.Random(7)
    while len(questions) < 400:
        questions.append("What is known about " + " ".join(chosen.choice(sentences).split()[:6]) + "?")
    return sentences, questions


def made_documents(sentences: Sequence[str], chunks: int) -> list[bytes]:
    """Text documents of about 50 chunks each, sentences in random order (seeded)."""
    chosen = random.Random(11)
    documents = []
    for number in range(max(1, chunks // 50)):
        lines = [chosen.choice(sentences) for _ in range(SENTENCES_A_DOCUMENT)]
        paragraphs = [" ".join(lines[at : at + 6]) for at in range(0, len(lines), 6)]
        documents.append((f"Collected notes {number}\n\n" + "\n\n".join(paragraphs)).encode())
    return documents


# ---------------------------------------------------------------------------------------------- measurements


@contextmanager
def running(data_dir: Path, *arguments: str, extraction: str = "on") -> Iterator[RunningStack]:
    stack = RunningStack(data_dir, arguments=arguments, settings={"RAGLEAP_GRAPH_EXTRACTION": extraction})
    try:
        stack.start()
        yield stack
        stack.stop(signal.SIGINT)
    finally:
        stack.kill()


def first_answer(folder: Path) -> list[Row]:
    """`make run` in a fresh clone until the first question is answered from a document."""
    folder.mkdir()
    found = FirstRun(folder).measure()
    assert "[1]" in found.answer, found.answer
    return [
        Row(figure="`make run`, warm package cache, to the first answer", value=round(found.answered, 1), unit="s",
            bar="<= 90"),
        Row(figure="  of that until the packages and models are there", value=round(found.installed, 1), unit="s"),
        Row(figure="  of that until it says that it runs, demo ingested", value=round(found.running, 1), unit="s"),
    ]  # fmt: skip


def at_rest(stack: RunningStack) -> list[Row]:
    """From the command to the first answer, then memory once nothing works any more."""
    rows = [Row(figure="`ragleap up --demo` until it says that it runs", value=round(stack.started_s, 1), unit="s")]
    settle(lambda: "ingest worker" not in stack.processes())
    found = memory.of_stack(stack.pid)
    total = sum(row.pss_kb for row in found) / 1024 / 1000
    rows.append(Row(figure="whole stack at rest, demo loaded (PSS)", value=round(total, 3), unit="GB", bar="<= 1.8"))
    rows += [Row(figure=f"  {row.name}", value=round(row.pss_kb / 1024), unit="MB") for row in found]
    return rows


def ingest(stack: RunningStack, tenant: TenantAccess, documents: Sequence[bytes], what: str, bar: str) -> list[Row]:
    """Chunks per second from the first upload to the last document's readiness, beside the embedder's raw rate."""
    before = raw_rate(documents)
    with Peak(stack) as peak:
        began = time.perf_counter()
        asyncio.run(upload(stack, tenant, documents))
        chunks = wait_ready(stack, tenant, len(documents))
        rate = chunks / (time.perf_counter() - began)
    after = raw_rate(documents)
    raw = (before + after) / 2
    return [
        Row(figure=f"chunks ingested {what}", value=chunks),
        Row(figure=f"ingest {what} over the embedder's raw rate", value=round(rate / raw, 3), bar=bar,
            baseline=f"{raw:.1f} chunks/s raw, {rate:.1f} ingested", ratio=rate / raw),
        Row(figure=f"whole stack at the peak of ingest {what} (PSS)", value=round(peak.most / 1024 / 1000, 3),
            unit="GB", bar="<= 2.2"),
        *(Row(figure=f"  {name}", value=round(kb / 1024), unit="MB") for name, kb in peak.parts),
    ]  # fmt: skip


def raw_rate(documents: Sequence[bytes]) -> float:
    """Passages of 512 tokens per second through the embedder alone, with the product's own settings."""
    settings = Settings()
    embedder = OnnxEmbedder(settings.models_dir / EMBEDDER, threads=settings.model_threads)
    words = " ".join(document.decode() for document in documents[:3]).split()
    passages = [" ".join(words[at : at + 380]) for at in range(0, len(words) - 380, 380)][:RAW_PASSAGES]
    embedder.embed(passages[:8])
    began = time.perf_counter()
    embedder.embed(passages)
    rate = len(passages) / (time.perf_counter() - began)
    embedder.close()
    return rate


async def upload(stack: RunningStack, tenant: TenantAccess, documents: Sequence[bytes]) -> None:
    async with httpx.AsyncClient(base_url=stack.url, headers=tenant.headers, timeout=120) as client:
        for number, document in enumerate(documents):
            files = {"file": (f"notes-{number}.txt", document, "text/plain")}
            answer = await client.post("/v1/documents", files=files, data={"document_id": f"notes-{number}"})
            answer.raise_for_status()


def wait_ready(stack: RunningStack, tenant: TenantAccess, expected: int) -> int:
    """Wait until every document is ready; returns their chunks."""
    with httpx.Client(base_url=stack.url, headers=tenant.headers, timeout=60) as client:
        while True:
            found = client.get("/v1/documents", params={"limit": 1000}).json()["documents"]
            failed = [document for document in found if document["state"] == "failed"]
            assert not failed, failed[0]
            if len(found) == expected and all(document["state"] == "ready" for document in found):
                return sum(document["chunks"] for document in found)
            time.sleep(0.5)


def latencies(stack: RunningStack, tenant: TenantAccess, questions: Sequence[str]) -> list[Row]:
    rows: list[Row] = []
    settle(lambda: "ingest worker" not in stack.processes())
    with httpx.Client(base_url=stack.url, headers=tenant.headers, timeout=60) as client:
        for question in questions[:20]:
            search(client, question, rerank=True)
        plain = [search(client, question, rerank=False) for question in questions]
        reranked = [search(client, question, rerank=True) for question in questions]
        first = [first_token(client, question) for question in questions[: len(questions) // 2]]
    rows += percentiles("search without rerank at 5,000 chunks", plain, "<= 150")
    rows += percentiles("search with rerank at 5,000 chunks", reranked, "<= 300")
    rows += percentiles("extractive chat, first token", first, "<= 500")
    return rows


def search(client: httpx.Client, question: str, *, rerank: bool) -> float:
    began = time.perf_counter()
    client.post("/v1/search", json={"query": question, "k": 5, "rerank": rerank}).raise_for_status()
    return (time.perf_counter() - began) * 1000


def first_token(client: httpx.Client, question: str) -> float:
    began = time.perf_counter()
    headers = {"Accept": "text/event-stream"}
    with client.stream("POST", "/v1/chat", json={"message": question}, headers=headers) as answer:
        answer.raise_for_status()
        for line in answer.iter_lines():
            if line.startswith("event: token"):
                return (time.perf_counter() - began) * 1000
    raise AssertionError("no token came")


def percentiles(what: str, values: Sequence[float], bar: str) -> list[Row]:
    cuts = statistics.quantiles(values, n=100)
    return [
        Row(figure=f"{what}, p50", value=round(statistics.median(values), 1), unit="ms"),
        Row(figure=f"{what}, p95", value=round(cuts[94], 1), unit="ms", bar=bar),
    ]


def settle(quiet: Callable[[], bool], *, deadline_s: float = 180.0) -> None:
    """Wait until the ingest worker has left."""
    end = time.monotonic() + deadline_s
    while not quiet() and time.monotonic() < end:
        time.sleep(1)


class Peak:
    """The stack's largest PSS while something runs, looked at every second."""

    def __init__(self, stack: RunningStack) -> None:
        self.most = 0
        self.parts: list[tuple[str, int]] = []  # what each process had at that moment, KB
        self._stack = stack
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(1.0):
            found = memory.of_stack(self._stack.pid)
            total = sum(row.pss_kb for row in found)
            if total > self.most:
                self.most, self.parts = total, [(row.name, row.pss_kb) for row in found]


if __name__ == "__main__":
    main()
