"""Does this mail say that? A text predicate ("complained about delivery") judged on every candidate.

Owns :class:`Judge`: yes, unsure or no, with the sentence that says so. No language model: sentence vectors, two small
heads taught by the anchors (:mod:`heads`), and a logistic combination of the best unit and the whole mail. The few
weights below are made by ``bench/set_question/calibrate.py`` from labelled mails.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from actors.ports import Embedder
from actors.retrieval.set_question import fitted
from actors.retrieval.set_question.anchors import Topic
from actors.retrieval.set_question.anchors_more import TOPICS
from actors.retrieval.set_question.heads import INTENTS, Array, Head, anchors, fit, open_phrases, unpack, unpack_vector
from actors.retrieval.set_question.mail_text import Reading, read

Says = Literal["yes", "unsure", "no"]

_BATCH = 256  # sentences sent to the embedder at once
_REMEMBERED = 20_000  # sentence vectors kept
_OPEN_HEADS = 32  # heads of open topics kept
_FLOOR = 1e-4
_SAME = 0.999  # cosine of the probe's vector from which an embedder is the one that the heads were fitted for


@dataclass(frozen=True, slots=True)
class Weights:
    """ln odds = bias + features · weights; features as :func:`features` gives them."""

    bias: float
    weights: tuple[float, ...]
    yes: float  # at least this probability is a yes
    unsure: float  # at least this is told as unsure


# Made by bench/set_question/calibrate.py; "complain" and "known" (other intents) have topics with
# anchors, "open" ones only a name, "any" asks for none.
CALIBRATED = {
    "complain": Weights(2.28, (0.01, 0.43, 0.05, 0.29, 0.33, 0.51, 0.19, -0.77, 0.28, 0.28, -0.54), 0.66, 0.4),
    "known": Weights(2.65, (0.05, 0.13, -0.14, 0.51, 0.44, 0.42, 0.30, 0.42, 0.68, 0.12, -2.34), 0.66, 0.4),
    "open": Weights(5.45, (0.10, 0.41, 0.07, 0.27, 0.33, 0.47, 0.18, -0.26, 0.42, -0.01, -6.80), 0.66, 0.4),
    "any": Weights(1.99, (0.19, 0.00, 0.13, 0.00, 0.13, 0.19, 1.65, -1.04, 0.57, 0.77, -0.41), 0.66, 0.4),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What to look for: an intent (one of heads.INTENTS, or "mention" for any) about a topic ("" for any)."""

    intent: str
    topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    says: Says
    probability: float
    quote: str  # the sentence that says it most, "" where there is none


class Judge:
    """Judges mails against a claim. It knows no tenant: one may serve all tenants of a process.

    ``intents`` and ``topics`` are heads to use instead of the fitted ones, ``open_topics`` takes every topic
    for one that no anchor knows (both for calibration).
    """

    def __init__(
        self, embedder: Embedder, *, intents: Head | None = None, topics: Head | None = None, open_topics: bool = False
    ) -> None:
        self._embedder = embedder
        self._vectors: OrderedDict[str, Array] = OrderedDict()
        self._open: OrderedDict[str, Head] = OrderedDict()
        self._intents = intents
        self._topics = topics
        self._all_open = open_topics
        self._anchor_vectors: Array | None = None
        self._lock = asyncio.Lock()

    async def judge(self, claim: Claim, mails: Sequence[tuple[str, str]]) -> list[Verdict]:
        """One verdict for each (subject, body), in order."""
        await self._learn()
        topics = () if self._all_open else known_topics(claim.topic, claim.intent)
        head = await self._topic_head(claim.topic, topics)
        readings = [read(subject, body) for subject, body in mails]
        vectors = await self._embed([text for reading in readings for text in (*reading.units, reading.whole)])
        weights = CALIBRATED[calibration(claim)]
        return [self._verdict(claim, topics, head, reading, vectors, weights) for reading in readings]

    async def features(self, claim: Claim, mails: Sequence[tuple[str, str]]) -> Array:
        """The numbers that the calibration weighs, (mails, 11)."""
        await self._learn()
        topics = () if self._all_open else known_topics(claim.topic, claim.intent)
        head = await self._topic_head(claim.topic, topics)
        readings = [read(subject, body) for subject, body in mails]
        vectors = await self._embed([text for reading in readings for text in (*reading.units, reading.whole)])
        return np.stack([self._features(claim, topics, head, reading, vectors)[0] for reading in readings])

    def _verdict(
        self,
        claim: Claim,
        topics: Sequence[str],
        head: Head | None,
        reading: Reading,
        vectors: dict[str, Array],
        weights: Weights,
    ) -> Verdict:
        if not reading.units:
            return Verdict(says="no", probability=0.0, quote="")
        numbers, best = self._features(claim, topics, head, reading, vectors)
        odds = weights.bias + float(numbers @ np.array(weights.weights))
        probability = 1.0 / (1.0 + float(np.exp(-odds)))
        says: Says = "yes" if probability >= weights.yes else "unsure" if probability >= weights.unsure else "no"
        return Verdict(says=says, probability=probability, quote=reading.quotes[best])

    def _features(
        self, claim: Claim, topics: Sequence[str], head: Head | None, reading: Reading, vectors: dict[str, Array]
    ) -> tuple[Array, int]:
        matrix = np.stack([vectors[text] for text in (*(reading.units or (reading.whole,)), reading.whole)])
        intent, rival, contrary = self._intent(claim.intent, matrix)
        topic = self._topic(claim.topic, topics, head, matrix)
        best = int((intent * topic)[:-1].argmax())
        return features(intent, topic, rival, contrary, best), best

    def _intent(self, intent: str, matrix: Array) -> tuple[Array, Array, Array]:
        """How much each row says the intent, its strongest rival, and its contrary."""
        assert self._intents is not None
        if intent == "mention":
            nothing = np.zeros(len(matrix))
            return nothing + 1.0, nothing, nothing
        shares, at = self._intents.probabilities(matrix), self._intents.classes.index
        contrary = at("complain" if intent == "praise" else "praise")
        return shares[:, at(intent)], np.delete(shares, at(intent), axis=1).max(axis=1), shares[:, contrary]

    def _topic(self, name: str, topics: Sequence[str], head: Head | None, matrix: Array) -> Array:
        if head is None:
            return np.ones(len(matrix))
        shares = head.probabilities(matrix)
        wanted = [head.classes.index(topic) for topic in topics or (name,)]
        found: Array = shares[:, wanted].sum(axis=1)
        return found

    # ------------------------------------------------------------------------------------------------------ learning

    async def _learn(self) -> None:
        async with self._lock:
            if self._topics is not None:
                return
            probe = (await self._embed([fitted.PROBE]))[fitted.PROBE]
            stored = unpack_vector(fitted.PROBE_VECTOR) if fitted.PROBE_VECTOR else np.zeros(0)
            if len(stored) == len(probe) and float(stored @ probe) > _SAME:
                self._intents = unpack(fitted.INTENT_HEAD, fitted.INTENT_CLASSES)
                self._topics = unpack(fitted.TOPIC_HEAD, fitted.TOPIC_CLASSES)
                return
            known, matrix = anchors(), await self._anchors()
            mean: Array = matrix.mean(axis=0)
            self._intents = await asyncio.to_thread(fit, matrix, [anchor.intent for anchor in known], mean)
            on_topic = [i for i, anchor in enumerate(known) if anchor.topic]
            self._topics = await asyncio.to_thread(fit, matrix[on_topic], [known[i].topic for i in on_topic], mean)

    async def _anchors(self) -> Array:
        """The anchors' vectors, (anchors, d)."""
        if self._anchor_vectors is None:
            known = anchors()
            vectors = await self._embed([anchor.text for anchor in known])
            self._anchor_vectors = np.stack([vectors[anchor.text] for anchor in known])
        return self._anchor_vectors

    async def _topic_head(self, topic: str, topics: Sequence[str]) -> Head | None:
        """The head that knows this topic: the common one, or one with a class for a name that no anchor knows."""
        if not topic:
            return None
        if topics:
            return self._topics
        if topic not in self._open:
            assert self._topics is not None
            phrases = open_phrases(topic)
            vectors = await self._embed(phrases)
            known = anchors()
            rows = [i for i, anchor in enumerate(known) if anchor.topic not in ("", topic)]
            matrix = np.concatenate([(await self._anchors())[rows], np.stack([vectors[phrase] for phrase in phrases])])
            labels = [known[i].topic for i in rows] + [topic] * len(phrases)
            self._open[topic] = await asyncio.to_thread(fit, matrix, labels, self._topics.mean)
            while len(self._open) > _OPEN_HEADS:
                self._open.popitem(last=False)
        return self._open[topic]

    async def _embed(self, texts: Sequence[str]) -> dict[str, Array]:
        wanted = list(dict.fromkeys(texts))
        found = {text: self._vectors[text] for text in wanted if text in self._vectors}
        missing = sorted((text for text in wanted if text not in found), key=len)  # equal lengths pad little
        for at in range(0, len(missing), _BATCH):
            batch = missing[at : at + _BATCH]
            for text, vector in zip(batch, await self._embedder.embed_passages(batch), strict=True):
                found[text] = self._vectors[text] = np.asarray(vector, dtype=np.float64)
        while len(self._vectors) > _REMEMBERED:
            self._vectors.popitem(last=False)
        return found


def features(intent: Array, topic: Array, rival: Array, contrary: Array, best: int) -> Array:
    """Eleven numbers of one mail; of each array the last is the whole mail, the others its units.

    Logarithms of: the whole's intent and topic, the best unit's, and their products; then the whole's lead over the
    intent that rivals it most, and how much the whole and any unit say the contrary (praise, for a complaint); last
    the best unit's own lead, and how much any unit says something else about the topic.
    """
    values = [intent[-1], topic[-1], intent[best], topic[best], intent[best] * topic[best], intent[-1] * topic[-1]]
    logs = np.log(np.clip(np.array(values), _FLOOR, 1.0))
    told = [intent[-1] - rival[-1], contrary[-1], contrary[:-1].max()]
    units = [intent[best] - rival[best], (rival * topic)[:-1].max()]
    found: Array = np.concatenate([logs, told, units])
    return found


def calibration(claim: Claim) -> str:
    """Which weights judge a claim."""
    if not claim.topic:
        return "any"
    if not known_topics(claim.topic, claim.intent):
        return "open"
    return "complain" if claim.intent == "complain" else "known"


def known_topics(topic: str, intent: str = "") -> tuple[str, ...]:
    """The topics with anchors that these words name ("late parcels" is delivery); none where no word does.

    Of several, those that people have this intent about: one complains about "returns" and requests a "return".
    """
    words = {stem(word) for word in re.findall(r"[a-z-]+", topic.casefold())}
    hits = {name: len(words & {stem(w) for w in known.words}) for name, known in TOPICS.items()}
    fitting = {name: n for name, n in hits.items() if n and _spoken_of(TOPICS[name], intent)}
    hits = fitting or hits
    most = max(hits.values(), default=0)
    return tuple(name for name, count in hits.items() if count == most) if most else ()


def _spoken_of(topic: Topic, intent: str) -> bool:
    """Whether any anchor has this intent about the topic (any other word than an intent asks for nothing)."""
    return intent not in INTENTS[:4] or bool(getattr(topic, intent))


def stem(word: str) -> str:
    """A word without its plural, good enough to compare topic words."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
