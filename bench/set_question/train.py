"""Fits the network of ``actors/retrieval/set_question/net.py`` on labelled mails: Adam on the soft maximum of units.

Owns the fitting only; pure numpy, the same result for the same seed and vectors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from actors.retrieval.set_question.net import Net
from actors.retrieval.set_question.wording import Array, Wording, grams_of

HIDDEN = 96
MEMBERS = 8
EPOCHS = 20
BATCH = 64
RATE = 3e-3
DECAY = 1e-3
DROP = 0.3
POSITIVE = 2.0
AXES = 64
COMMON = 4  # mails that must have a word before it counts


@dataclass
class _Adam:
    values: dict[str, Array]
    moments: dict[str, tuple[Array, Array]] = field(default_factory=dict)
    steps: int = 0

    def step(self, slopes: dict[str, Array], rate: float) -> None:
        self.steps += 1
        for name, slope in slopes.items():
            first, second = self.moments.get(name, (np.zeros_like(slope), np.zeros_like(slope)))
            first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
            self.moments[name] = (first, second)
            pace = rate / (1 - 0.9**self.steps)
            self.values[name] -= pace * first / (np.sqrt(second / (1 - 0.999**self.steps)) + 1e-8)


def fit(
    vectors: Sequence[Array], targets: Array, counts: Array, labels: Sequence[str], probe: Array, wording: Wording
) -> Net:
    """``vectors``: one (units + whole, d) a mail, ``wording`` in them.

    ``targets``, ``counts`` (mails, k): what fits, and what may be judged.
    """
    mean = np.concatenate(vectors).mean(axis=0)
    bare = Net(labels=tuple(labels), mean=mean, into=np.zeros((1, 1, 1)), at=np.zeros((1, 1)), out=np.zeros((1, 1, 1)),
               bias=np.zeros((1, 1)), open=np.zeros(6), probe=probe, wording=wording)  # fmt: skip
    rows = [bare.spread(each).astype(np.float32) for each in vectors]
    shares, targets, counts = (each.astype(np.float32) for each in (sharing(labels), targets, counts))
    members = [_member(rows, targets, counts, shares, seed) for seed in range(MEMBERS)]
    stacked = {name: np.stack([member[name] for member in members]) for name in members[0]}
    return Net(labels=tuple(labels), mean=mean, open=np.zeros(6), probe=probe, wording=wording, **stacked)


def wording_of(mails: Sequence[Sequence[str]]) -> Wording:
    """The axes along which the words of these mails, given as their units, differ most."""
    counted = Counter(gram for units in mails for gram in sorted(set[str]().union(*map(grams_of, units))))
    grams = sorted(gram for gram, n in counted.items() if n >= COMMON)
    weights = np.log(len(mails) / np.array([counted[gram] for gram in grams]))
    bare = Wording(grams=tuple(grams), weights=weights, axes=np.zeros((len(grams), 0)))
    texts = [text for units in mails for text in units]
    rows = np.zeros((len(texts), len(grams)), dtype=np.float32)
    for row, text in zip(rows, texts, strict=True):
        has, row_weights = bare.counted(text)
        row[has] = row_weights
    span = np.random.default_rng(0).normal(size=(len(grams), AXES + 16)).astype(np.float32)
    for _ in range(6):  # subspace iteration (Halko, Martinsson and Tropp 2011): seconds, where all axes take a minute
        span, _ = np.linalg.qr(rows.T @ (rows @ span))
    seen = rows @ span
    _, turned = np.linalg.eigh(np.asarray(seen.T @ seen, dtype=np.float64))
    axes = span.astype(np.float64) @ turned
    return Wording(grams=tuple(grams), weights=weights, axes=axes[:, -AXES:])


def sharing(labels: Sequence[str]) -> Array:
    """What labels have in common, (parts, labels): each its own part, and those of its intent and of its topic."""
    parts = list(dict.fromkeys([*labels, *(f"{part}" for name in labels if ":" in name for part in name.split(":"))]))
    return np.array([[float(part == name or part in name.split(":")) for name in labels] for part in parts])


def _member(rows: Sequence[Array], targets: Array, counts: Array, shares: Array, seed: int) -> dict[str, Array]:
    random, width = np.random.default_rng(seed), rows[0].shape[1]
    k = len(shares)
    values = {
        "into": random.normal(0, 1 / np.sqrt(2 * width), (2 * width, HIDDEN)),
        "at": np.zeros(HIDDEN),
        "out": random.normal(0, 0.5 / np.sqrt(HIDDEN), (HIDDEN, k)),
        "bias": np.full(targets.shape[1], -3.0),
    }
    values = {name: each.astype(np.float32) for name, each in values.items()}  # half the time of double precision
    adam = _Adam(values)
    for epoch in range(EPOCHS):
        order, rate = random.permutation(len(rows)), RATE * 0.5 * (1 + np.cos(np.pi * epoch / EPOCHS))
        for at in range(0, len(order), BATCH):
            batch = order[at : at + BATCH]
            slopes = _slopes(values, shares, [rows[i] for i in batch], targets[batch], counts[batch], random)
            adam.step(slopes, rate)
    return {**values, "out": values["out"] @ shares}


def _slopes(
    values: dict[str, Array],
    shares: Array,
    rows: Sequence[Array],
    targets: Array,
    counts: Array,
    random: np.random.Generator,
) -> dict[str, Array]:
    mail = np.concatenate([np.full(len(each), i) for i, each in enumerate(rows)])
    wholes = np.stack([each[-1] for each in rows])
    read = np.concatenate([np.concatenate(rows), wholes[mail]], axis=1)
    read = read * _kept(random, read.shape, DROP / 2)
    kept = _kept(random, (len(read), values["at"].size), DROP)
    hidden = np.maximum(read @ values["into"] + values["at"], 0.0) * kept
    out = values["out"] @ shares
    scores = hidden @ out
    starts = np.flatnonzero(np.diff(mail, prepend=-1))
    most = np.maximum.reduceat(scores, starts)
    powers = np.exp(scores - most[mail])
    sums = np.add.reduceat(powers, starts)
    odds = most + np.log(sums) + values["bias"]
    weight = np.where(targets > 0, np.float32(POSITIVE), np.float32(1)) * counts / np.float32(len(rows))
    error = (1 / (1 + np.exp(-odds)) - targets) * weight
    on_scores = powers / sums[mail] * error[mail]
    on_hidden = on_scores @ out.T * (hidden > 0) * kept
    return {
        "into": read.T @ on_hidden + DECAY * values["into"],
        "at": on_hidden.sum(axis=0),
        "out": hidden.T @ on_scores @ shares.T + DECAY * values["out"],
        "bias": error.sum(axis=0),
    }


def _kept(random: np.random.Generator, shape: tuple[int, ...], drop: float) -> Array:
    """What dropout leaves, scaled so that its mean is one."""
    return (random.random(shape, dtype=np.float32) > drop) / np.float32(1 - drop)


def logistic(features: Array, fits: Array, positive: float) -> Array:
    """Weights and bias (last) of a logistic regression in which rows that fit count ``positive`` times."""
    weight = np.where(fits > 0, positive, 1.0)
    weight = weight / weight.sum()
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-6
    rows = (features - mean) / spread
    found, bias = np.zeros(rows.shape[1]), 0.0
    for _ in range(4_000):
        error = (1 / (1 + np.exp(-(rows @ found + bias))) - fits) * weight
        found -= 0.5 * (rows.T @ error + 0.002 * found)
        bias -= 0.5 * float(error.sum())
    return np.append(found / spread, bias - float((found * mean / spread).sum()))
