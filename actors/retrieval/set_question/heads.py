"""Two small classifiers over sentence vectors, taught by the anchors: what a sentence intends and what it is about.

Owns multinomial logistic regression on the embedder's vectors. For the embedder that the project ships, the heads are
fitted beforehand (:mod:`fitted`); for any other they are fitted from the anchors when first used. Pure numpy.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from actors.retrieval.set_question.anchors_more import GENERAL_COMPLAINTS, GENERAL_PRAISE, NOTICES, TOPICS

Array = npt.NDArray[np.float64]

INTENTS = ("complain", "praise", "ask", "request", "none")
_SCALE = 10.0  # unit vectors are close together: spread them so that the penalty below is gentle
_L2 = 1.0
_STEPS = 300

# How a topic that no anchor knows may be spoken of.
_OPEN = (
    "I am unhappy with the {0}.",
    "There is a problem with the {0}.",
    "The {0} was bad.",
    "I complain about the {0}.",
    "The {0} was great.",
    "Thank you for the {0}.",
    "I have a question about the {0}.",
    "What about the {0}?",
    "{0}",
    "It is about the {0}.",
    "I want a {0}.",
)


@dataclass(frozen=True, slots=True)
class Anchor:
    text: str
    intent: str
    topic: str  # "" where it is about nothing in particular


def anchors() -> list[Anchor]:
    """Every anchor with what it teaches."""
    known = [
        Anchor(text, intent, name)
        for name, topic in TOPICS.items()
        for intent in INTENTS[:4]
        for text in getattr(topic, intent)
    ]
    general = [Anchor(text, "complain", "") for text in GENERAL_COMPLAINTS]
    general += [Anchor(text, "praise", "") for text in GENERAL_PRAISE]
    return known + general + [Anchor(text, "none", "") for text in NOTICES]


def open_phrases(topic: str) -> list[str]:
    """Sentences that stand in for anchors of a topic that is known by its name alone."""
    return [phrase.format(topic) for phrase in _OPEN]


@dataclass(frozen=True, slots=True)
class Head:
    """A fitted classifier. Shapes: mean (d,), weights (d, classes), bias (classes,)."""

    classes: tuple[str, ...]
    mean: Array
    weights: Array
    bias: Array

    def probabilities(self, vectors: Array) -> Array:
        """(n, d) unit vectors → (n, classes)."""
        return _softmax((vectors - self.mean) * _SCALE @ self.weights + self.bias)

    def of(self, vectors: Array, name: str) -> Array:
        """The probability of one class, (n,)."""
        column: Array = self.probabilities(vectors)[:, self.classes.index(name)]
        return column


def pack(head: Head) -> str:
    """A head as text: its numbers in half precision, base64."""
    numbers = np.concatenate([head.mean, head.bias, head.weights.ravel()]).astype("<f2")
    return base64.b64encode(numbers.tobytes()).decode()


def unpack(text: str, classes: Sequence[str]) -> Head:
    """The inverse of :func:`pack`."""
    numbers = np.frombuffer(base64.b64decode(text), dtype="<f2").astype(np.float64)
    width = (len(numbers) - len(classes)) // (len(classes) + 1)
    mean, bias, weights = np.split(numbers, [width, width + len(classes)])
    return Head(tuple(classes), mean, weights.reshape(width, len(classes)), bias)


def pack_vector(vector: Array) -> str:
    """A vector as text, half precision."""
    return base64.b64encode(vector.astype("<f2").tobytes()).decode()


def unpack_vector(text: str) -> Array:
    """The inverse of :func:`pack_vector`."""
    return np.frombuffer(base64.b64decode(text), dtype="<f2").astype(np.float64)


def fit(vectors: Array, labels: Sequence[str], mean: Array) -> Head:
    """Fit by gradient descent with momentum; classes count by the square root of their share."""
    classes = tuple(sorted(set(labels)))
    wanted = np.array([classes.index(label) for label in labels])
    inputs = (vectors - mean) * _SCALE
    rows, width = inputs.shape
    weight = 1.0 / np.sqrt(np.bincount(wanted))[wanted]
    weight = weight / weight.mean()
    targets = np.eye(len(classes))[wanted]
    weights, bias = np.zeros((width, len(classes))), np.zeros(len(classes))
    # Below 2 / L, L bounding the curvature: half the largest eigenvalue of the weighted second moments (and a bias).
    moments = np.linalg.norm(inputs * np.sqrt(weight / rows)[:, None], 2) ** 2
    pace = 1.0 / (0.5 * (moments + 1.0) + _L2 / rows)
    speed_w, speed_b = np.zeros_like(weights), np.zeros_like(bias)
    for _ in range(_STEPS):
        error = (_softmax(inputs @ weights + bias) - targets) * weight[:, None] / rows
        speed_w = 0.9 * speed_w - pace * (inputs.T @ error + _L2 * weights / rows)
        speed_b = 0.9 * speed_b - pace * error.sum(0)
        weights, bias = weights + speed_w, bias + speed_b
    return Head(classes, mean, weights, bias)


def _softmax(scores: Array) -> Array:
    powers: Array = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Array = powers / powers.sum(axis=1, keepdims=True)
    return shares
