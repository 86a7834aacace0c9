"""A small network over sentences: what a mail says and about what ("c:delivery": complains about delivery).

Owns the arithmetic and the file of fitted numbers (``net.npz``, made by ``bench/set_question/calibrate.py``). Every
sentence, its vector and its words, is read beside the whole mail: "I expected trouble" means the opposite once the
mail goes on. What any sentence says, the mail says (a soft maximum). Pure numpy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from actors.retrieval.set_question.cues import CUES
from actors.retrieval.set_question.wording import Array, Wording

FITTED = Path(__file__).with_name("net.npz")
_SCALE = 8.0  # unit vectors are close together: spread them
_PROBE = "My parcel has not arrived."  # an embedder that gives the stored vector for it is the one fitted for


@dataclass(frozen=True, slots=True, kw_only=True)
class Net:
    """``labels`` (k,); the ensemble along the first axis: into (n, 2d, h), at (n, h), out (n, h, k), bias (n, k).

    ``d`` counts a text's numbers: the embedder's, then those of ``wording``, its cues last. ``mean`` (d,) is taken
    from each; ``open`` weighs :func:`open_features`, its bias last; ``probe`` is the embedder's vector of
    :func:`probe_text`.
    """

    labels: tuple[str, ...]
    mean: Array
    into: Array
    at: Array
    out: Array
    bias: Array
    open: Array
    probe: Array
    wording: Wording

    def spread(self, vectors: Array) -> Array:
        """Vectors as the network reads them."""
        return (vectors - self.mean) * _SCALE

    def content(self, vectors: Array) -> Array:
        """The same without the cues: what two texts that are about one thing share."""
        return self.spread(vectors)[..., :-CUES]

    def say(self, vectors: Array) -> tuple[Array, Array]:
        """A mail's vectors (its units, the whole last) → log odds of each label (k,), and each unit's share (m, k)."""
        rows = self.spread(vectors)
        read = np.concatenate([rows, np.repeat(rows[-1:], len(rows), axis=0)], axis=1)
        hidden = np.maximum(read @ self.into + self.at[:, None], 0.0)
        scores = hidden @ self.out
        most = scores.max(axis=1, keepdims=True)
        soft = most[:, 0] + np.log(np.exp(scores - most).sum(axis=1))
        odds: Array = (soft + self.bias).mean(axis=0)
        shares: Array = scores.mean(axis=0)
        return odds, shares

    def index(self, wanted: Sequence[str]) -> list[int]:
        """Where those of these labels stand that the network knows."""
        return [self.labels.index(label) for label in wanted if label in self.labels]


def probe_text() -> str:
    return _PROBE


def save(net: Net, file: Path = FITTED) -> None:
    """Half precision: the fits differ by far more than it loses."""
    numbers = {
        name: getattr(net, name).astype("<f2") for name in ("mean", "into", "at", "out", "bias", "open", "probe")
    }
    wording = {name: getattr(net.wording, name).astype("<f2") for name in ("weights", "axes")}
    words = "\n".join(net.wording.grams).encode()
    np.savez_compressed(
        file, labels=np.array(net.labels), grams=np.frombuffer(words, dtype=np.uint8), **numbers, **wording
    )


def load(file: Path = FITTED) -> Net:
    with np.load(file, allow_pickle=False) as stored:
        numbers = {n: stored[n].astype(np.float64) for n in stored.files if n not in ("labels", "grams")}
        labels, grams = tuple(str(label) for label in stored["labels"]), stored["grams"].tobytes().decode()
    wording = Wording(grams=tuple(grams.split("\n")), weights=numbers.pop("weights"), axes=numbers.pop("axes"))
    return Net(labels=labels, wording=wording, **numbers)


def open_features(intent: float, vectors: Array, topic: Array, rival: float, named: Sequence[bool]) -> Array:
    """What speaks for a topic that the network does not know, (5,).

    The log odds of the intent about anything; the topic's best likeness to a unit and to the whole mail (spread
    vectors); the log odds of the strongest known topic; whether the mail names the topic.
    """
    like = vectors @ topic / (np.linalg.norm(vectors, axis=1) * np.linalg.norm(topic) + 1e-9)
    return np.array([intent, like[:-1].max(initial=like[-1]), like[-1], rival, float(any(named))])
