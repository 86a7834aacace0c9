"""Calibrates the judge of set questions on labelled mails and reports precision and recall on the half held out.

Prints the weights to put into ``actors/retrieval/set_question/judge.py`` and one table; writes JSON with ``--json``.
Even rows teach, odd rows are held out. Run: ``python -m bench.set_question.calibrate``.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
from pathlib import Path

import numpy as np

from actors.retrieval.set_question import judge as judge_module
from actors.retrieval.set_question.judge import CALIBRATED, Claim, Judge

MAILS = Path(__file__).parent / "mails.tsv"
INTENTS = {"c": "complain", "p": "praise", "q": "ask", "r": "request"}
NAMES = {"cancel": "cancellation"}
CLAIMS = [
    *[("complain", t) for t in ("delivery", "quality", "service", "billing", "price", "returns", "packaging")],
    *[("complain", t) for t in ("website", "size", "noise", "booking", "cleanliness", "food")],
    *[("praise", t) for t in ("delivery", "quality", "service")],
    *[("ask", t) for t in ("delivery", "billing", "price")],
    *[("request", t) for t in ("refund", "cancellation", "exchange", "return")],
]
POSITIVE = 3.0  # a missed yes costs this many wrong ones


def load() -> list[tuple[set[tuple[str, str]], set[tuple[str, str]], str, str]]:
    rows = []
    with MAILS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            sure, maybe = set(), set()
            for label in row["labels"].split():
                if label != "n":
                    intent, topic = label.lstrip("?").split(":")
                    (maybe if label[0] == "?" else sure).add((INTENTS[intent], NAMES.get(topic, topic)))
            rows.append((sure, maybe, row["subject"], row["body"]))
    return rows


async def gather(judge: Judge, mode: str) -> list[tuple[str, str, int, int, np.ndarray]]:
    mails = load()
    texts = [(subject, body) for _, _, subject, body in mails]
    out = []
    claims = sorted({(intent, "") for intent, _ in CLAIMS}) if mode == "any" else CLAIMS
    for intent, topic in claims:
        numbers = await judge.features(Claim(intent=intent, topic=topic), texts)
        for i, (sure, maybe, _, _) in enumerate(mails):
            if mode == "any":
                wanted = int(any(s[0] == intent for s in sure))
            elif (intent, topic) in maybe:
                continue
            else:
                wanted = int((intent, topic) in sure)
            out.append((intent, topic, i, wanted, numbers[i]))
    return out


def logistic(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float]:
    weight = np.where(y == 1, POSITIVE, 1.0)
    weight = weight / weight.sum()
    mean, spread = x.mean(0), x.std(0) + 1e-6
    z = (x - mean) / spread
    w, b = np.zeros(x.shape[1]), 0.0
    for _ in range(4000):
        error = (1 / (1 + np.exp(-(z @ w + b))) - y) * weight
        w -= 0.5 * (z.T @ error + 0.002 * w)
        b -= 0.5 * error.sum()
    return w / spread, float(b - (w * mean / spread).sum())


def table(name: str, p: np.ndarray, y: np.ndarray, yes: float, unsure: float) -> dict[str, object]:
    def rates(at: float) -> tuple[float, float]:
        hit = ((p >= at) & (y == 1)).sum()
        return float(hit / max(1, (p >= at).sum())), float(hit / max(1, y.sum()))

    (p1, r1), (p2, r2) = rates(yes), rates(unsure)
    between = (p >= unsure) & (p < yes)
    print(
        f"{name:34s} n+ {int(y.sum()):3d}  yes: P {p1:.3f} R {r1:.3f}   yes+unsure: P {p2:.3f} R {r2:.3f}  "
        f"unsure {int(between.sum())} ({int((between & (y == 1)).sum())} true)"
    )
    return {"name": name, "precision": p1, "recall": r1, "recall_with_unsure": r2, "positives": int(y.sum())}


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path)
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache" / "ragleap" / "models")
    options = parser.parse_args()
    judge = Judge(embedder(options.models))
    report = []
    for mode in ("known", "open", "any"):
        if mode == "open":
            judge_module.known_topics = lambda topic: ()  # as if no anchor knew the topic
            judge = without_topic(options.models)
        else:
            judge_module.known_topics = KNOWN
        rows = await gather(judge, mode)
        teach = [r for r in rows if r[2] % 2 == 0]
        w, b = logistic(np.stack([r[4] for r in teach]), np.array([r[3] for r in teach]))
        old = CALIBRATED[mode]
        print(f'    "{mode}": Weights({b:.2f}, ({", ".join(f"{v:.2f}" for v in w)}), {old.yes}, {old.unsure}),')
        for half, label in ((0, "taught"), (1, "held out")):
            part = [r for r in rows if r[2] % 2 == half]
            p = 1 / (1 + np.exp(-(np.stack([r[4] for r in part]) @ w + b)))
            y = np.array([r[3] for r in part])
            report.append(table(f"{mode} {label} all claims", p, y, old.yes, old.unsure))
            for claim in (("complain", None), ("complain", "delivery"), ("complain", "quality")):
                pick = np.array([r[0] == claim[0] and claim[1] in (None, r[1]) for r in part])
                if mode != "any" or claim[1] is None:
                    name = f"{mode} {label} {claim[0]} {claim[1] or '*'}"
                    report.append(table(name, p[pick], y[pick], old.yes, old.unsure))
            if half == 1 and mode == "known":
                for r, prob in zip(part, p, strict=True):
                    if r[1] == "delivery" and r[0] == "complain" and (prob >= old.yes) != bool(r[3]):
                        print("      ", f"{prob:.2f}", "missed" if r[3] else "wrong", load()[r[2]][2:])
    if options.json:
        options.json.write_text(json.dumps(report, indent=1))


KNOWN = judge_module.known_topics


def embedder(models: Path):  # type: ignore[no-untyped-def]
    from actors.models.onnx_embedder import OnnxEmbedder

    return OnnxEmbedder(models / "bge-small-en-v1.5")


def without_topic(models: Path) -> Judge:
    return Judge(embedder(models))


if __name__ == "__main__":
    asyncio.run(main())
