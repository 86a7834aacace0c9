"""The words of a text as a few numbers beside its vector: "not", "again" and "?" weigh what a sentence vector blurs.

Owns the words and pairs of words that count, and the axes onto which they fall; both are fitted with the network
(``bench/set_question/calibrate.py``). A text with none of these words has zeros. Behind them stand :mod:`cues`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from actors.retrieval.set_question.cues import CUES, cues

Array = npt.NDArray[np.float64]

_WORD = re.compile(r"[a-z']+|[?!]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """``grams`` (g,): words and pairs of words; ``weights`` (g,): rare ones weigh more; ``axes`` (g, k)."""

    grams: tuple[str, ...]
    weights: Array
    axes: Array

    def beside(self, texts: Sequence[str], vectors: Array) -> Array:
        """Each text's vector, (texts, d), with its words and its cues as numbers behind: (texts, d + k + CUES)."""
        placed = [self.axes[has].T @ weights for has, weights in map(self.counted, texts)]
        turned = np.reshape([cues(text) for text in texts], (len(texts), CUES))
        return np.concatenate([vectors, np.reshape(placed, (len(texts), -1)), turned], axis=1)

    def counted(self, text: str) -> tuple[list[int], Array]:
        """The places of the words that a text has, and their weights as a unit vector."""
        at = _places(self.grams)
        has = sorted(at[gram] for gram in grams_of(text) if gram in at)
        weights = self.weights[has]
        unit: Array = weights / (np.linalg.norm(weights) + 1e-9)
        return has, unit


@lru_cache(maxsize=4)
def _places(grams: tuple[str, ...]) -> dict[str, int]:
    return {gram: number for number, gram in enumerate(grams)}


def grams_of(text: str) -> set[str]:
    """Words, question and exclamation marks, and pairs of neighbours."""
    words = _WORD.findall(text.lower())
    return {*words, *(f"{first} {second}" for first, second in pairwise(words))}
