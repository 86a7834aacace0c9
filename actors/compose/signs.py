"""What the evidence says about whether it can answer a question: four numbers, and the chance they give. Pure.

A passage on the right topic that lacks the one detail asked for is the hard case: the cross-encoder finds it relevant.
It shows in the words of the question: each is compared with every word of the passage in context (late interaction, as
in ColBERT, Khattab and Zaharia 2020), and one that meets nothing like it is missing. The weights are a logistic
regression fitted by ``bench/calibrate_gate.py``, which says on what.

Held by tests/unit/actors/compose/test_signs.py.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from actors.compose.asked_for import held_by
from actors.keywords import STOP_WORDS
from actors.ports import WordMatch

MET = 0.8  # the cosine from which a word of the question has met its like
WORST = 4  # words that count, those that met least: a long question is not refused for its length
PREMISE = 0.62  # the cosine that every word of a "why" question must meet: of the questions fitted on, those whose
# premise holds have .65 at least (but for one that names a date by numbers), the others .59 at most, but for one

_WHY = re.compile(r"\s*(?:and |but |so )?why\b", re.IGNORECASE)

# Words that say how something is asked, not what about.
_FRAME_WORDS = (
    "s what which who whom whose when where why how many much type kind name specific exact exactly according mention "
    "mentioned conversation discussion discussed message opinion do did does is are was were often long soon far again "
    "still ever yet possible happen happens want need"
)
_FRAME = frozenset(_FRAME_WORDS.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """``relevance``: the best logit. ``missing``: how much of the question the best window leaves unmet,
    ``missing_everywhere``: the best few windows together (0 is nothing; ``WORST`` words add up to ``MET`` each).
    ``holds``: whether the best sentence holds the kind of thing asked for, 1 yes, -1 no, 0 unknown."""

    relevance: float
    missing: float
    missing_everywhere: float
    holds: float
    premise: bool = True  # False: why something is so is asked, and that it is so is nowhere said

    def values(self) -> tuple[float, ...]:
        """What is weighed."""
        return (self.relevance, self.missing, self.missing_everywhere, self.holds)


# Fitted by bench/calibrate_gate.py, in the order of the fields; the last is the bias.
WEIGHTS = (0.248, -1.018, -2.565, 0.549, 0.065)


def read_signs(question: str, logits: Sequence[float], sentence: str, matches: Sequence[WordMatch]) -> Signs:
    """``logits``: of the windows that were matched, in the order of ``matches``. ``sentence``: the best one."""
    content = [match.cosines for match in matches if _is_content(match.word)]
    first = max(range(len(logits)), key=lambda at: logits[at])
    holds = held_by(question, sentence)
    return Signs(
        relevance=logits[first],
        missing=_missing(cosines[first] for cosines in content),
        missing_everywhere=_missing(max(cosines) for cosines in content),
        holds=0.0 if holds is None else 1.0 if holds else -1.0,
        premise=not _WHY.match(question) or min(map(max, content), default=1.0) >= PREMISE,
    )


def chance(signs: Signs, weights: Sequence[float] = WEIGHTS) -> float:
    """0..1, as if answerable and unanswerable questions were equally many; 0 where the premise is not met."""
    if not signs.premise:
        return 0.0
    *slopes, bias = weights
    odds = bias + sum(slope * value for slope, value in zip(slopes, signs.values(), strict=True))
    return 1.0 / (1.0 + math.exp(-max(-50.0, min(50.0, odds))))


def _missing(cosines: Iterable[float]) -> float:
    return sum(max(0.0, MET - cosine) for cosine in sorted(cosines)[:WORST])


def _is_content(word: str) -> bool:
    folded = word.casefold()
    return folded not in STOP_WORDS and folded not in _FRAME and any(char.isalnum() for char in folded)
