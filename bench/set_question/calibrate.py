"""Fits and calibrates the judge of set questions on labelled mails, and reports what it reaches on mails held out.

``mails.tsv`` was written for this. Every mail is judged by heads that did not learn from it (two folds: even and odd
rows); the weights that are reported on the odd rows come from the even ones. ``--write`` then fits the heads on all
of it, writes ``actors/retrieval/set_question/fitted.py`` and prints the weights for ``judge.py``.

Run: ``python -m bench.set_question.calibrate [--write] [--json FILE]``.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import textwrap
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from actors.models.onnx_embedder import OnnxEmbedder
from actors.ports import Embedder
from actors.retrieval.set_question import fitted
from actors.retrieval.set_question.heads import Head, anchors, fit, pack, pack_vector
from actors.retrieval.set_question.judge import CALIBRATED, Claim, Judge, calibration
from actors.retrieval.set_question.mail_text import read

MAILS = Path(__file__).parent / "mails.tsv"
FITTED = Path(fitted.__file__)
INTENTS = {"c": "complain", "p": "praise", "q": "ask", "r": "request"}
NAMES = {"cancel": "cancellation"}
COMPLAINTS = ("delivery", "quality", "service", "billing", "price", "returns", "packaging", "website", "size", "noise",
              "booking", "cleanliness", "food")  # fmt: skip
CLAIMS = {
    "complain": [Claim(intent="complain", topic=t) for t in COMPLAINTS],
    "known": [
        *[Claim(intent="praise", topic=t) for t in ("delivery", "quality", "service")],
        *[Claim(intent="ask", topic=t) for t in ("delivery", "billing", "price")],
        *[Claim(intent="request", topic=t) for t in ("refund", "cancellation", "exchange", "return")],
    ],
    "open": [Claim(intent="complain", topic=t) for t in COMPLAINTS],
    "any": [Claim(intent="complain")],
}
POSITIVE = 3.0  # how much heavier a mail that fits counts: there are few


@dataclass(frozen=True)
class Mail:
    sure: frozenset[tuple[str, str]]
    maybe: frozenset[tuple[str, str]]
    subject: str
    body: str

    def fits(self, claim: Claim) -> bool:
        return any(i == claim.intent and claim.topic in ("", t) for i, t in self.sure)


@dataclass(frozen=True)
class Row:
    number: int
    claim: Claim
    fits: bool
    features: np.ndarray


def load() -> list[Mail]:
    found = []
    with MAILS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            sure, maybe = set(), set()
            for label in row["labels"].split():
                if label != "n":
                    intent, topic = label.lstrip("?").split(":")
                    (maybe if label[0] == "?" else sure).add((INTENTS[intent], NAMES.get(topic, topic)))
            found.append(Mail(frozenset(sure), frozenset(maybe), row["subject"], row["body"]))
    return found


async def heads(embedder: Embedder, mails: list[Mail]) -> tuple[Head, Head]:
    """Both heads from the anchors and these mails."""
    known = anchors()
    texts = [a.text for a in known] + [read(m.subject, m.body).whole for m in mails]
    intents = [a.intent for a in known]
    topics = [a.topic for a in known]
    for mail in mails:
        said = {i for i, _ in mail.sure}
        about = {t for _, t in mail.sure} - {"general"}
        single = len(said) < 2 and not mail.maybe
        intents.append(next(iter(said), "none") if single else "")
        topics.append(next(iter(about)) if len(about) == 1 and not mail.maybe else "")
    matrix = np.asarray(await embedder.embed_passages(texts), dtype=np.float64)
    mean = matrix[: len(known)].mean(axis=0)
    names = {a.topic for a in known}
    on_intent = [i for i, intent in enumerate(intents) if intent]
    on_topic = [i for i, topic in enumerate(topics) if topic and topic in names]
    return (
        fit(matrix[on_intent], [intents[i] for i in on_intent], mean),
        fit(matrix[on_topic], [topics[i] for i in on_topic], mean),
    )


async def rows(embedder: Embedder, mails: list[Mail], mode: str) -> list[Row]:
    out = []
    for fold in (0, 1):
        taught = [m for i, m in enumerate(mails) if i % 2 != fold]
        intents, topics = await heads(embedder, taught)
        for claim in CLAIMS[mode]:
            judge = Judge(embedder, intents=intents, topics=topics, open_topics=mode == "open")
            numbers = await judge.features(claim, [(m.subject, m.body) for m in mails])
            for i, mail in enumerate(mails):
                if i % 2 == fold and (claim.intent, claim.topic) not in mail.maybe:
                    out.append(Row(i, claim, mail.fits(claim), numbers[i]))
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


def report(name: str, part: list[Row], w: np.ndarray, b: float, yes: float, unsure: float) -> dict[str, object]:
    p, y = probabilities(part, w, b), np.array([r.fits for r in part])
    hit, likely, between = (p >= yes) & y, (p >= unsure) & y, (p >= unsure) & (p < yes)
    told = {
        "name": name,
        "positives": int(y.sum()),
        "precision": round(float(hit.sum() / max(1, (p >= yes).sum())), 3),
        "recall": round(float(hit.sum() / max(1, y.sum())), 3),
        "recall_with_unsure": round(float(likely.sum() / max(1, y.sum())), 3),
        "unsure": int(between.sum()),
    }
    print("  ".join(f"{k} {v}" for k, v in told.items()), flush=True)
    return told


def probabilities(part: list[Row], w: np.ndarray, b: float) -> np.ndarray:
    return 1 / (1 + np.exp(-(np.stack([r.features for r in part]) @ w + b)))


def weigh(part: list[Row]) -> tuple[np.ndarray, float]:
    return logistic(np.stack([r.features for r in part]), np.array([float(r.fits) for r in part]))


async def module(embedder: Embedder, mails: list[Mail]) -> str:
    intents, topics = await heads(embedder, mails)
    [probe] = await embedder.embed_passages([fitted.PROBE])
    lines = [
        '"""The judge\'s heads, fitted beforehand for bge-small-en-v1.5 (made by bench/set_question/calibrate.py)."""',
        "",
        f'PROBE = "{fitted.PROBE}"  # an embedder that gives PROBE_VECTOR for it is the one these were fitted for',
        _text("PROBE_VECTOR", pack_vector(np.asarray(probe))),
        f"INTENT_CLASSES: tuple[str, ...] = {intents.classes!r}".replace("'", '"'),
        _text("INTENT_HEAD", pack(intents)),
        "TOPIC_CLASSES: tuple[str, ...] = (",
        *[f'    "{name}",' for name in topics.classes],
        ")",
        _text("TOPIC_HEAD", pack(topics)),
    ]
    return "\n".join(lines) + "\n"


def _text(name: str, value: str) -> str:
    pieces = "\n".join(f'    "{piece}"' for piece in textwrap.wrap(value, 110))
    return f"{name} = (\n{pieces}\n)"


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--models", type=Path, default=Path.home() / ".cache" / "ragleap" / "models")
    options = parser.parse_args()
    embedder = OnnxEmbedder(options.models / "bge-small-en-v1.5")
    mails, tables = load(), []
    for mode in CLAIMS:
        found, old = await rows(embedder, mails, mode), CALIBRATED[mode]
        taught, held = [r for r in found if r.number % 2 == 0], [r for r in found if r.number % 2]
        w, b = weigh(taught)
        tables.append(report(f"{mode}, held out", held, w, b, old.yes, old.unsure))
        for topic in ("delivery", "quality", "billing", "service"):
            part = [r for r in held if r.claim.topic == topic]
            if part and mode in ("complain", "open"):
                tables.append(report(f"{mode} {topic}, held out", part, w, b, old.yes, old.unsure))
        if mode == "complain":
            for row, p in zip(held, probabilities(held, w, b), strict=True):
                if row.claim.topic == "delivery" and (p >= old.yes) != row.fits:
                    print("    ", f"{p:.2f}", "missed" if row.fits else "wrong", mails[row.number].body)
        w, b = weigh(found)
        print(f'    "{mode}": Weights({b:.2f}, ({", ".join(f"{v:.2f}" for v in w)}), {old.yes}, {old.unsure}),')
        assert all(calibration(c) == mode for c in CLAIMS[mode]) or mode == "open"
    if options.write:
        await asyncio.to_thread(FITTED.write_text, await module(embedder, mails))
    if options.json:
        await asyncio.to_thread(options.json.write_text, json.dumps(tables, indent=1))


if __name__ == "__main__":
    asyncio.run(main())
