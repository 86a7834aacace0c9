"""Does this mail say that? A text predicate ("complained about delivery") judged on every candidate.

Owns :class:`Judge`: yes, unsure or no, with the sentence that says so. No language model: the vectors of a mail's
sentences, read by a small network (:mod:`net`) that was taught by labelled mails (``bench/set_question``). The same
mail gets the same verdict whatever it is judged beside: its vectors are made by a call of their own, as the shipped
embedder's 8-bit arithmetic moves with what stands in the batch.
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
from actors.retrieval.set_question.mail_text import Reading, read
from actors.retrieval.set_question.net import Net, load, open_features, probe_text
from actors.retrieval.set_question.topics import INTENTS, TOPICS, known_topics, stem
from actors.retrieval.set_question.wording import Array
from runtime.errors import Terminal

Says = Literal["yes", "unsure", "no"]

# Where, of the mails held out (bench/set_question/calibrate.py), as many are missed as are misread.
YES = 0.3
UNSURE = 0.15
_AT_ONCE = 4  # mails embedded at the same time
_REMEMBERED = 4_000  # mails whose vectors are kept
_LINE = float(np.log(YES / (1 - YES)))
_CONTRARY = {"c": "p", "p": "c"}
_SAME = 0.98  # likeness of the probe's vector from which an embedder is the one that the network was fitted for


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What to look for: an intent (a key of topics.INTENTS, or "mention" for any) about a topic ("" for any)."""

    intent: str
    topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    says: Says
    probability: float
    quote: str  # the sentence that says it most, "" where there is none


class Judge:
    """Judges mails against a claim. It knows no tenant: one may serve all tenants of a process.

    ``net`` is a network to use instead of the fitted one (for calibration).
    """

    def __init__(self, embedder: Embedder, *, net: Net | None = None) -> None:
        self._embedder = embedder
        self._vectors: OrderedDict[tuple[str, ...], Array] = OrderedDict()
        self._net = net
        self._lock = asyncio.Lock()

    async def judge(self, claim: Claim, mails: Sequence[tuple[str, str]]) -> list[Verdict]:
        """One verdict for each (subject, body), in order."""
        net = await self._fitted()
        wanted = net.index(labels_of(claim))
        topic = None if wanted else await self._read(net, (f"It is about the {claim.topic}.",))
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(subject: str, body: str) -> Verdict:
            reading = read(subject, body)
            if not reading.units:
                return Verdict(says="no", probability=0.0, quote="")
            async with gate:
                vectors = await self._read(net, (*reading.units, reading.whole))
            if wanted or topic is None:
                return _verdict(*known_odds(net, wanted, vectors), reading)
            return _verdict(*open_odds(net, claim, reading, vectors, topic[0]), reading)

        return list(await asyncio.gather(*(one(subject, body) for subject, body in mails)))

    async def _fitted(self) -> Net:
        async with self._lock:
            if self._net is None:
                net = await asyncio.to_thread(load)
                [probe] = await self._embed((probe_text(),))
                if len(probe) != len(net.probe) or float(probe @ net.probe) < _SAME:
                    raise Terminal(
                        "What mails say is judged by numbers fitted for another embedder.",
                        do="Run `python -m bench.set_question.calibrate --write` with this embedder.",
                    )
                self._net = net
            return self._net

    async def _read(self, net: Net, texts: tuple[str, ...]) -> Array:
        return net.wording.beside(texts, await self._embed(texts))

    async def _embed(self, texts: tuple[str, ...]) -> Array:
        """The vectors of texts that are embedded together, (texts, d)."""
        known = self._vectors.get(texts)
        if known is None:
            known = np.asarray(await self._embedder.embed_passages(list(texts)), dtype=np.float64)
            self._vectors[texts] = known
            while len(self._vectors) > _REMEMBERED:
                self._vectors.popitem(last=False)
        return known


def labels_of(claim: Claim) -> list[str]:
    """The labels that answer a claim: any of them will do. Empty where the topic is known by its name alone."""
    letter = INTENTS.get(claim.intent, "")
    letters = [letter] if letter else list(INTENTS.values())
    if not claim.topic:
        return letters
    topics = known_topics(claim.topic, claim.intent)
    found = [f"{each}:{topic}" for topic in topics for each in letters]
    if claim.intent == "ask":  # who asks for a thing asks about it
        asked = known_topics(claim.topic, "request")
        found += [f"r:{topic}" for topic in asked if "r" in TOPICS[topic].intents]
    return found


def known_odds(net: Net, wanted: Sequence[int], vectors: Array) -> tuple[float, int]:
    """Log odds of the likeliest of these labels, and the unit that says it most."""
    odds, shares = net.say(vectors)
    at = max(wanted, key=lambda label: odds[label])
    anything = net.index([net.labels[at][0]])  # who complains about a thing complains: the two must agree
    found = float(min(odds[[at, *anything]]))
    ahead = max((float(odds[i] - odds[at]) for i in net.index([_contrary(net.labels[at])])), default=0.0)
    if ahead > 0:  # praise in words of trouble: of complaint and praise of one thing the likelier counts
        found = min(found, _LINE) - ahead
    return found, int(shares[:-1, at].argmax())


def _contrary(label: str) -> str:
    """ "p:delivery" of "c:delivery" and the other way round; "" where a mail may say both."""
    intent, _, topic = label.partition(":")
    return f"{_CONTRARY[intent]}:{topic}" if topic and intent in _CONTRARY else ""


def open_odds(net: Net, claim: Claim, reading: Reading, vectors: Array, topic: Array) -> tuple[float, int]:
    """The same for a topic that is known by its name alone."""
    found = open_numbers(net, claim, reading, vectors, topic)
    spread, about = net.content(vectors), net.content(topic)
    like = spread[:-1] @ about / np.linalg.norm(spread[:-1], axis=1)
    return float(found @ net.open[:-1] + net.open[-1]), int(like.argmax())


def open_numbers(net: Net, claim: Claim, reading: Reading, vectors: Array, topic: Array) -> Array:
    """What :attr:`Net.open` weighs."""
    odds, _ = net.say(vectors)
    letter = INTENTS.get(claim.intent, "")
    intent = float(odds[net.labels.index(letter)]) if letter else 4.0
    own = set(labels_of(claim))
    rivals = [odds[i] for i, name in enumerate(net.labels) if name.startswith(f"{letter}:") and name not in own]
    words = {stem(word) for word in re.findall(r"[a-z]{3,}", claim.topic.casefold())}
    said = {stem(word) for word in re.findall(r"[a-z]{3,}", reading.whole.casefold())}
    return open_features(intent, net.content(vectors), net.content(topic), float(max(rivals, default=-6.0)),
                         [word in said for word in words])  # fmt: skip


def _verdict(odds: float, best: int, reading: Reading) -> Verdict:
    probability = 1.0 / (1.0 + float(np.exp(-odds)))
    says: Says = "yes" if probability >= YES else "unsure" if probability >= UNSURE else "no"
    return Verdict(says=says, probability=probability, quote=reading.quotes[best])
