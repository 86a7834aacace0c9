"""What the evidence says about whether it can answer a question: five numbers, and the chance they give. Pure.

A passage on the right topic that lacks the one detail asked for is the hard case: the cross-encoder finds it relevant.
It shows in the words of the question: each is compared with every word of the passage in context (late interaction, as
in ColBERT, Khattab and Zaharia 2020), and one that meets nothing like it is missing. The weights are a logistic
regression fitted by ``bench/calibrate_gate.py``, which says on what.

Held by tests/unit/actors/compose/test_signs.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from actors.compose.asked_for import held_by
from actors.keywords import STOP_WORDS
from actors.ports import WordMatch

MET = 0.75  # the cosine from which a word of the question has met its like

# Words that say how something is asked, not what about.
_FRAME_WORDS = (
    "s what which who whom whose when where why how many much type kind name specific exact exactly according mention "
    "mentioned conversation discussion discussed message opinion do did does is are was were"
)
_FRAME = frozenset(_FRAME_WORDS.split())
_NEVER = -11.0  # about the lowest logit that the cross-encoder gives


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """``window``, ``sentence``: the best logits. ``missing``: how much of the question the best window leaves unmet,
    ``missing_everywhere``: the best few windows together (0 is nothing; each word adds up to ``MET``). ``holds``:
    whether the best sentence holds the kind of thing asked for, 1 yes, -1 no, 0 unknown."""

    window: float
    sentence: float
    missing: float
    missing_everywhere: float
    holds: float


# Fitted by bench/calibrate_gate.py, in the order of the fields; the last is the bias.
WEIGHTS = (0.13, 0.08, -1.39, -2.39, 0.44, 1.0)


def read_signs(
    question: str, windows: Sequence[float], sentences: Sequence[tuple[float, str]], matches: Sequence[WordMatch]
) -> Signs:
    """``windows``: logits. ``sentences``: logit and text. ``matches``: of the best windows, the best first."""
    best = max(sentences, default=(_NEVER, ""))
    content = [match for match in matches if _is_content(match.word)]
    holds = held_by(question, best[1])
    return Signs(
        window=max(windows, default=_NEVER),
        sentence=best[0],
        missing=sum(max(0.0, MET - match.cosines[0]) for match in content if match.cosines),
        missing_everywhere=sum(max(0.0, MET - max(match.cosines)) for match in content if match.cosines),
        holds=0.0 if holds is None else 1.0 if holds else -1.0,
    )


def chance(signs: Signs, weights: Sequence[float] = WEIGHTS) -> float:
    """0..1, as if answerable and unanswerable questions were equally many."""
    *slopes, bias = weights
    odds = bias + sum(slope * value for slope, value in zip(slopes, astuple(signs), strict=True))
    return 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, odds))))


def _is_content(word: str) -> bool:
    folded = word.casefold()
    return folded not in STOP_WORDS and folded not in _FRAME and any(char.isalnum() for char in folded)
