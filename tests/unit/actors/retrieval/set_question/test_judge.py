"""The parts of the judge that need no model."""

from __future__ import annotations

import numpy as np
import pytest

from actors.retrieval.set_question import fitted
from actors.retrieval.set_question.heads import Head, fit, pack, unpack
from actors.retrieval.set_question.judge import Claim, calibration, features, known_topics


@pytest.mark.parametrize(
    ("words", "topics"),
    [
        ("delivery", ("delivery",)),
        ("late parcels", ("delivery",)),
        ("our courier", ("delivery",)),
        ("invoices", ("billing",)),
        ("rude staff", ("service",)),
        ("the parking", ()),
        ("", ()),
    ],
)
def test_words_lead_to_the_topics_that_anchors_know(words: str, topics: tuple[str, ...]) -> None:
    assert known_topics(words) == topics


def test_each_kind_of_claim_has_its_own_weights() -> None:
    assert calibration(Claim(intent="complain", topic="delivery")) == "complain"
    assert calibration(Claim(intent="praise", topic="delivery")) == "known"
    assert calibration(Claim(intent="complain", topic="parking")) == "open"
    assert calibration(Claim(intent="complain")) == "any"


def test_a_head_tells_apart_what_it_was_taught() -> None:
    vectors = np.eye(4)[[0, 0, 1, 1, 2, 3]]
    head = fit(vectors, ["a", "a", "b", "b", "a", "b"], vectors.mean(axis=0))
    assert [head.classes[i] for i in head.probabilities(np.eye(4)).argmax(axis=1)] == ["a", "b", "a", "b"]


def test_a_packed_head_reads_back() -> None:
    vectors = np.eye(4)
    head = fit(vectors, ["a", "b", "c", "a"], vectors.mean(axis=0))
    again = unpack(pack(head), head.classes)
    assert isinstance(again, Head)
    assert np.allclose(again.probabilities(vectors), head.probabilities(vectors), atol=0.01)


def test_the_fitted_heads_read() -> None:
    assert unpack(fitted.INTENT_HEAD, fitted.INTENT_CLASSES).weights.shape == (384, 5)
    assert unpack(fitted.TOPIC_HEAD, fitted.TOPIC_CLASSES).weights.shape == (384, len(fitted.TOPIC_CLASSES))


def test_features_tell_the_best_unit_and_the_whole() -> None:
    intent, topic = np.array([0.9, 0.1, 0.5]), np.array([0.8, 0.2, 0.4])
    numbers = features(intent, topic, np.array([0.1, 0.9, 0.3]), np.array([0.0, 0.6, 0.2]), best=0)
    assert numbers[:6] == pytest.approx(np.log([0.5, 0.4, 0.9, 0.8, 0.72, 0.2]))
    assert numbers[6:] == pytest.approx([0.2, 0.2, 0.6, 0.8, 0.18])
