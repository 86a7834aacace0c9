"""The judge on vectors made here: which labels answer a claim, and that a mail is judged alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from actors.ports import Vector
from actors.retrieval.set_question.cues import CUES
from actors.retrieval.set_question.judge import YES, Claim, Judge, known_odds, labels_of
from actors.retrieval.set_question.net import Net, load, save
from actors.retrieval.set_question.topics import TOPICS, known_topics
from actors.retrieval.set_question.wording import Array, Wording
from runtime.errors import Terminal


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
def test_words_lead_to_the_topics_that_are_known(words: str, topics: tuple[str, ...]) -> None:
    assert known_topics(words, "complain") == topics


@pytest.mark.parametrize(
    ("claim", "labels"),
    [
        (Claim(intent="complain", topic="late parcels"), ["c:delivery"]),
        (Claim(intent="praise", topic="service"), ["p:service"]),
        (Claim(intent="request", topic="invoice"), ["r:invoice"]),
        (Claim(intent="ask", topic="refund"), ["q:returns", "q:refund", "r:refund"]),
        (Claim(intent="complain"), ["c"]),
        (Claim(intent="complain", topic="parking"), []),
    ],
)
def test_a_claim_is_answered_by_the_labels_of_its_topic(claim: Claim, labels: list[str]) -> None:
    assert labels_of(claim) == labels


def test_the_fitted_network_knows_each_intent_and_topics_in_their_own_words() -> None:
    net = load()
    assert {"c", "p", "q", "r", "c:delivery", "p:service", "r:refund", "r:invoice"} <= set(net.labels)
    assert {label[2:] for label in net.labels if label[1:2] == ":"} <= set(TOPICS)
    assert net.into.shape[1] == 2 * len(net.mean)
    assert len(net.mean) == len(net.probe) + net.wording.axes.shape[1] + CUES


def test_what_one_sentence_says_the_mail_says() -> None:
    net = _net()
    odds, shares = net.say(_rows([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]))
    alone, _ = net.say(_rows([[0.0, 1.0], [0.0, 1.0]]))
    assert odds[0] > 0 > alone[0]
    assert shares[:-1, 0].argmax() == 0


def test_words_and_pairs_of_words_stand_as_numbers_behind_a_texts_vector() -> None:
    wording = Wording(grams=("not late", "late", "?"), weights=np.array([3.0, 4.0, 2.0]), axes=np.eye(3))
    read = wording.beside(["It was Not  late.", "Late?", "Nothing"], np.ones((3, 2)))
    assert read[:, :2].tolist() == [[1.0, 1.0]] * 3
    assert read[0, 2:5].round(2).tolist() == [0.6, 0.8, 0.0]
    assert read[1, 2:5].round(2).tolist() == [0.0, 0.89, 0.45]
    assert read[2, 2:5].tolist() == [0.0, 0.0, 0.0]


def test_a_network_that_is_written_is_read_as_it_was(tmp_path: Path) -> None:
    save(_net(), tmp_path / "net.npz")
    back = load(tmp_path / "net.npz")
    assert (back.labels, back.wording.grams) == (("c:delivery",), ("late",))
    assert back.bias.tolist() == [[-4.0]]
    assert back.into.shape == _net().into.shape


class _Embedder:
    """Two numbers a text: whether it says "late", and whether it does not. Outside of this project."""

    dimension = 2

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    async def embed_queries(self, texts: Sequence[str]) -> list[Vector]:
        return await self.embed_passages(texts)

    async def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        self.calls.append(list(texts))
        return [[float("late" in text), float("late" not in text)] for text in texts]


async def test_each_mail_is_embedded_by_itself_so_that_its_verdict_is_the_same_beside_any_other() -> None:
    embedder = _Embedder()
    mails = [("a", "It came late. I sit here."), ("b", "I like it.")]
    judge = Judge(embedder, net=_net())
    verdicts = await judge.judge(Claim(intent="complain", topic="delivery"), mails)
    assert [v.says for v in verdicts] == ["yes", "no"]
    assert verdicts[0].quote == "It came late."
    assert len(embedder.calls) == len(mails)
    await judge.judge(Claim(intent="complain", topic="delivery"), mails)
    assert len(embedder.calls) == len(mails), "vectors are remembered"


async def test_an_embedder_that_the_network_was_not_fitted_for_is_told_so() -> None:
    with pytest.raises(Terminal, match="another embedder"):
        await Judge(_Embedder()).judge(Claim(intent="complain"), [("a", "b c d e.")])


def test_of_complaint_and_praise_of_one_thing_the_likelier_counts() -> None:
    net = dataclasses.replace(_net(), labels=("c:delivery", "p:delivery"), out=np.ones((1, 1, 2)),
                              bias=np.array([[-4.0, -3.5]]))  # fmt: skip
    complaint, _ = known_odds(net, [0], _rows([[1.0, 0.0], [0.0, 1.0]]))
    praise, _ = known_odds(net, [1], _rows([[1.0, 0.0], [0.0, 1.0]]))
    assert complaint < np.log(YES / (1 - YES)) < praise
    alone, _ = known_odds(_net(), [0], _rows([[1.0, 0.0], [0.0, 1.0]]))
    assert alone > np.log(YES / (1 - YES))


def _rows(vectors: list[list[float]]) -> Array:
    """Without any words that turn a meaning."""
    return np.pad(np.array(vectors), ((0, 0), (0, CUES)))


def _net() -> Net:
    """Says "c:delivery" of what has a first number, read beside anything."""
    into = np.zeros((1, 2 * (2 + CUES), 1))
    into[0, 0, 0] = 1.0
    return Net(
        labels=("c:delivery",),
        mean=np.zeros(2 + CUES),
        into=into,
        at=np.zeros((1, 1)),
        out=np.ones((1, 1, 1)),
        bias=np.full((1, 1), -4.0),
        open=np.zeros(6),
        probe=np.zeros(2),
        wording=Wording(grams=("late",), weights=np.ones(1), axes=np.zeros((1, 0))),
    )
